import assert from "node:assert/strict";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { attempt } from "../../toolchain/run";

describe("progress without a terminal", () => {
    it("is plain lines, each step with its reason and its time; a failure ends the rest", async () => {
        const directory = mkdtempSync(join(tmpdir(), "pgbackrest-progress-"));
        const program = join(directory, "program.mts");
        writeFileSync(
            program,
            `import { runLanes } from ${JSON.stringify(join(root, "toolchain", "progress.ts"))};
            const step = (title, work) => ({ title, why: "for the test", work });
            const pause = async () => { await new Promise((resolve) => setTimeout(resolve, 20)); };
            await runLanes([[step("one", pause), step("two", pause)], [step("three", pause)]], 2);
            const failing = step("four", async () => { throw new Error("no luck"); });
            await runLanes([[failing, step("never", pause)]], 1).catch((error) => console.log("caught", error.message));`,
        );
        const result = await attempt(process.execPath, ["--import", "tsx", program], { cwd: root });
        rmSync(directory, { recursive: true });
        assert.ok(result.ok, result.all);
        const lines = result.stdout.split("\n");
        // eslint would rather not see a control character in a pattern.
        assert.ok(!result.stdout.includes(String.fromCharCode(27)), "no escape sequences");
        for (const title of ["one", "two", "three"]) {
            assert.ok(lines.includes(`- ${title}: for the test`), result.stdout);
            assert.match(result.stdout, new RegExp(`^  ${title}: done in \\d+\\.\\d s$`, "m"));
        }
        assert.match(result.stdout, /^ {2}four: failed after \d+\.\d s$/m);
        assert.equal(lines.at(-1), "caught no luck");
        assert.doesNotMatch(result.stdout, /never/);
    });
});
