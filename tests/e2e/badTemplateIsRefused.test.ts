import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "mocha";
import { mainStack, type MainStack } from "./mainStack";

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

/** One of each kind; all that a template can have wrong is in tests/unit/template.test.ts. */
const MISTAKES: readonly { what: string; from: string; to: string; message: RegExp }[] = [
    {
        what: "an inline comment",
        from: "process-max=2",
        to: "process-max=2 # as many as CPUs",
        message: /process-max/,
    },
    {
        what: "a value that pgBackRest refuses",
        from: "compress-type=lz4",
        to: "compress-type=lz5",
        message: /lz5.*lz4/,
    },
];

describe("a bad template", function () {
    this.timeout(120_000);
    let main: MainStack;
    let good = "";
    before(async () => {
        main = await mainStack();
        main.stack.edit(TEMPLATE, (text) => (good = text));
    });
    afterEach(() => {
        main.stack.edit(TEMPLATE, () => good);
    });

    for (const { what, from, to, message } of MISTAKES)
        it(`with ${what} is refused at preview and at up, and nothing changes`, async () => {
            const { stack, running } = main;
            const before = await everything(main);
            const line = good.split("\n").indexOf(from) + 1;
            assert.ok(line > 0, from);
            stack.edit(TEMPLATE, (text) => text.replace(`\n${from}\n`, () => `\n${to}\n`));
            for (const result of [await stack.preview(), await stack.up()]) {
                assert.equal(result.ok, false);
                assert.ok(result.output.includes(`${TEMPLATE}:${line}`), result.output);
                assert.match(result.output, message);
                assert.doesNotMatch(result.output, /^ +at .*:\d+:\d+\)?$/m);
                assert.doesNotMatch(result.output, /node_modules|unhandled/i);
            }
            assert.deepEqual(await everything(main), before);
            assert.ok((await running.healthCheck()).ok);
        });

    it("leaves nothing to repair", async () => {
        const preview = await main.stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });
});

async function everything({ running }: MainStack): Promise<readonly string[]> {
    return [
        ...(await running.services()),
        await running.id("setup"),
        await running.id("apply"),
        await running.revision(),
        await running.startTime(),
    ];
}
