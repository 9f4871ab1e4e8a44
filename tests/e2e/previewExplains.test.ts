import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { PullRequest } from "../support/workflow";
import { mainStack, type MainStack } from "./mainStack";

describe("the preview", function () {
    this.timeout(180_000);
    let main: MainStack;
    before(async () => {
        main = await mainStack();
    });
    after(() => {
        main.stack.configure({ options: undefined, protect: undefined, cpus: undefined });
    });

    it("says what a shorter retention means, and asks the repository", async () => {
        main.stack.configure({ options: { global: { "repo1-retention-full": 3 } } });
        const { ok, output } = await main.stack.preview();
        assert.ok(ok, output);
        assert.match(output, /What this change means:\n/);
        assert.match(
            output,
            /DANGER +repository host keeps 3 full backups instead of \d full backups\..*for good\..*reaches back/,
        );
        assert.match(
            output,
            /The repository was asked: nothing in it expires at once; recovery reaches back to 20\d\d-/,
        );
        assert.match(output, /note +.*-postgres goes on, no connection ends; .*-backup goes on/);
    });

    it("says nothing about no change", async () => {
        main.stack.configure({ options: undefined });
        const { ok, output } = await main.stack.preview();
        assert.ok(ok, output);
        assert.doesNotMatch(output, /What this change means/);
    });

    it("names what restarts", async () => {
        main.stack.configure({ cpus: 1 });
        const { output } = await main.stack.preview();
        assert.match(output, /warning +.*-postgres restarts once \(1 CPUs instead of 2\)/);
    });

    it("refuses in a protected stack what would leave too little, without a stack trace", async () => {
        main.stack.configure({
            cpus: undefined,
            protect: true,
            options: { global: { "repo1-retention-full": 1 } },
        });
        const { ok, output } = await main.stack.preview();
        assert.ok(!ok);
        assert.match(
            output,
            /repository host keeps 1 full backup, and pgbackrest:protect asks for at least 2 .*lower pgbackrest:retentionFloor/,
        );
        assert.doesNotMatch(output, /\n\s+at |node_modules/);
    });

    it("is one comment in a pull request, by the steps of the workflow", async () => {
        const { stack } = main;
        const request = new PullRequest(stack.directory);
        for (const [full, expected] of [
            [4, /- \*\*DANGER\*\* repository host keeps 4 full backups/],
            [1, /- \*\*refused or failed\*\* .*pgbackrest:options: repository host keeps 1 full/],
        ] as const) {
            stack.configure({ protect: true, options: { global: { "repo1-retention-full": full } } });
            const { ok, output } = await request.run("preview", stack.environment);
            assert.equal(ok, full === 4, output);
            const [, comment = "", ...more] = request.comments();
            assert.deepEqual(more, []);
            assert.match(comment, expected);
        }
    });
});
