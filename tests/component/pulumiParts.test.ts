import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { partsOfPulumi } from "../../toolchain/pulumiParts.mjs";

const ROOT = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);
const Exports = v.record(v.string(), v.unknown());

/** What program.mjs compiles in place of two modules of the SDK. */
describe("the parts of the SDK that the program loads", () => {
    // Below the project, because it loads the rest of the SDK.
    const directory = mkdtempSync(join(ROOT, "node_modules", ".parts-"));
    let replaced: Record<string, unknown>;
    before(async () => {
        const outfile = join(directory, "parts.cjs");
        await build({
            stdin: {
                contents:
                    'exports.sdk = require("@pulumi/pulumi"); exports.runtime = require("@pulumi/pulumi/runtime");',
                resolveDir: ROOT,
            },
            ...{ outfile, bundle: true, platform: "node", format: "cjs", plugins: [partsOfPulumi] },
        });
        replaced = v.parse(Exports, require(outfile));
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });

    for (const [name, path] of [
        ["sdk", "@pulumi/pulumi"],
        ["runtime", "@pulumi/pulumi/runtime"],
    ] as const)
        it(`have all exports of ${path}, and the same ones`, () => {
            const real = v.parse(Exports, require(path));
            const ours = v.parse(Exports, replaced[name]);
            assert.deepEqual(Object.keys(ours).sort(), Object.keys(real).sort());
            for (const [key, value] of Object.entries(real))
                // It is replaced itself.
                if (value === require("@pulumi/pulumi/runtime")) assert.equal(ours[key], replaced["runtime"]);
                else assert.equal(ours[key], value, key);
        });

    it("load neither a compiler nor the automation with the program", () => {
        const heavy = /\/node_modules\/(?:typescript|@npmcli|@pulumi\/pulumi\/(?:automation|vendor))\//;
        const script = `require(${JSON.stringify(join(directory, "parts.cjs"))}); process.stdout.write(Object.keys(require.cache).join("\\n"))`;
        const { stdout } = spawnSync(process.execPath, ["-e", script], {
            encoding: "utf8",
        });
        assert.match(stdout, /@pulumi\/pulumi\/resource\.js/);
        assert.doesNotMatch(stdout, heavy);
    });
});
