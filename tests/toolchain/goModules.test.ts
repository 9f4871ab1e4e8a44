import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { parts, sourceDirectory } from "../../toolchain/closedNetwork/parts";

/** Pulumi's own releases: the programs are of three, because each is the newest that can be had of its kind. */
const OWN = /^github\.com\/pulumi\/pulumi\/(?:sdk|pkg)\/v3$/;
/** What cannot have the version that another program needs: small. */
const APART = ["github.com/olekukonko/tablewriter"];

describe("what the programs built with Go share", () => {
    it("has one version in all of them, so that it is compiled once", () => {
        const versions = new Map<string, Map<string, string[]>>();
        for (const part of Object.values(parts)) {
            const text = readFileSync(join(sourceDirectory(part), "go.mod"), "utf8");
            for (const [, module = "", version = ""] of text.matchAll(
                /^(?:require )?\s*(\S+\.\S+\/\S+) (v\S+)(?: \/\/ indirect)?$/gm,
            )) {
                const all = versions.get(module) ?? new Map<string, string[]>();
                versions.set(module, all.set(version, [...(all.get(version) ?? []), part.name]));
            }
        }
        assert.ok(versions.has("google.golang.org/grpc"), "the files are read");
        const several = [...versions].filter(
            ([module, all]) => all.size > 1 && !OWN.test(module) && !APART.includes(module),
        );
        const remedies = several.map(([module, all]) => {
            const found = [...all].map(([version, names]) => `${version} (${names.join(", ")})`);
            return `${module}: ${found.join(", ")}: go get the newest in each of toolchain/closedNetwork/go`;
        });
        assert.deepEqual(remedies, []);
    });
});
