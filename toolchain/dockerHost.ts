import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./paths";

/**
 * The engine that the `docker` command would talk to, as a DOCKER_HOST for the Pulumi plugin, which knows nothing of the
 * Docker client's contexts. undefined is the engine of this machine at its usual socket.
 */
export function dockerHost(environment: Environment = process.env): string | undefined {
    const set = environment["DOCKER_HOST"];
    if (set !== undefined && set !== "") return set;
    const context = dockerContext(environment);
    if (context === undefined) return undefined;
    try {
        const format = "{{.Endpoints.docker.Host}}";
        const args = ["context", "inspect", context, "--format", format];
        return execFileSync("docker", args, { encoding: "utf8", env: { ...environment } }).trim();
    } catch {
        return undefined;
    }
}

/** The Docker client's context in use, when it is not the default one. */
export function dockerContext(environment: Environment = process.env): string | undefined {
    const fromEnvironment = environment["DOCKER_CONTEXT"];
    const context =
        fromEnvironment !== undefined && fromEnvironment !== ""
            ? fromEnvironment
            : configuredContext(environment);
    return context === "default" ? undefined : context;
}

function configuredContext(environment: Environment): string | undefined {
    const directory = environment["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
    try {
        const configuration: unknown = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
        if (
            typeof configuration !== "object" ||
            configuration === null ||
            !("currentContext" in configuration)
        )
            return undefined;
        return typeof configuration.currentContext === "string" ? configuration.currentContext : undefined;
    } catch {
        return undefined;
    }
}
