import assert from "node:assert/strict";
import { dirname } from "node:path";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { root } from "../../toolchain/paths";

/** Beside the one that runs these tests: the oldest that is supported is Debian's. */
for (const major of [22, 24])
    describe(`Node.js ${major}`, function () {
        this.timeout(300_000);
        let path: string;
        before(async function () {
            const words = [
                "exec",
                "--yes",
                `--package=node@${major}`,
                "--",
                "node",
                "-p",
                "process.execPath",
            ];
            const got = await execa("npm", words, { cwd: root, reject: false });
            // Where npm has none for this machine, there is nothing to try.
            if (got.exitCode !== 0) this.skip();
            path = `${dirname(got.stdout.trim())}:${process.env["PATH"] ?? ""}`;
        });
        const node = async (...args: readonly string[]): Promise<string> => {
            const { exitCode, all } = await execa("node", args, {
                ...{ cwd: root, all: true, reject: false },
                env: { PATH: path },
            });
            assert.equal(exitCode, 0, all);
            return all;
        };

        it("starts the commands", async () => {
            assert.match(await node("-v"), new RegExp(`^v${major}\\.`));
            assert.match(await node("toolchain/launch.mjs", "ops", "help"), /status[^]*backup/);
        });

        it("runs the program", async () => {
            const mocha = ["--import=tsx", "node_modules/mocha/bin/mocha.js", "--no-config", "--no-package"];
            const all = await node(...mocha, "--exit", "--timeout=60000", "tests/component/examples.test.ts");
            assert.match(all, /\d+ passing/);
        });
    });
