import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { configKeys, parseSettings, type Settings } from "./schema";

/** The only reader of the stack's configuration. Throws a `UserError` that lists every mistake in it. */
export function readSettings(): Settings {
    const prefix = `${pulumi.getProject()}:`;
    const textKeys = new Set(configKeys.filter((key) => key.type === "string").map((key) => key.name));
    const raw: Record<string, unknown> = {};
    for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
        if (!key.startsWith(prefix)) continue;
        const name = key.slice(prefix.length);
        raw[name] = textKeys.has(name) ? text : parsed(text);
    }
    return parseSettings(raw, {
        secretKeys: secretKeys(prefix),
        // The directory of Pulumi.yaml. (getRootDirectory() is a placeholder with a language host as old as the closed network's.)
        readFile: (path) => readFileSync(resolve(process.cwd(), path), "utf8"),
        stack: pulumi.getStack(),
    });
}

/** Pulumi hands every value over as text: objects, lists, numbers and booleans as JSON. */
function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

/**
 * The keys whose values are encrypted in the stack file: no message may show them, whatever they are. The SDK knows them but has no
 * public function to ask; this is the variable that its language host hands them over in.
 */
function secretKeys(prefix: string): ReadonlySet<string> {
    const keys = parsed(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
    if (!Array.isArray(keys)) return new Set();
    return new Set(keys.map(String).map((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : key)));
}
