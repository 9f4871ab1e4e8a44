import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import * as v from "valibot";
import { root } from "../../toolchain/paths";
import { attempt } from "../../toolchain/run";
import { parts } from "../../toolchain/testing/parts";

const Package = v.object({ scripts: v.record(v.string(), v.string()) });
/** They have helps of their own, which their tests look at. */
const OTHERS = ["ops", "pulumi"];

describe("the help of a command", function () {
    this.timeout(60_000);
    const help = (command: string, option: string) =>
        attempt(process.execPath, [join(root, "toolchain", "launch.mjs"), command, option]);
    const { scripts } = v.parse(Package, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    const commands = Object.keys(scripts).filter((command) => !OTHERS.includes(command));

    for (const command of commands)
        it(`${command}: is what there is to know on one screen, and does nothing`, async () => {
            for (const option of ["--help", "-h"]) {
                const { exitCode, all } = await help(command, option);
                assert.equal(exitCode, 0, all);
                assert.match(all, new RegExp(`^Usage: npm (?:run )?${command}\\b`));
                assert.ok(all.split("\n").length <= 24, all);
            }
        });

    it("test: has all parts", async () => {
        const { all } = await help("test", "--help");
        for (const part of parts) assert.match(all, new RegExp(`\\b${part}\\b`));
    });
});
