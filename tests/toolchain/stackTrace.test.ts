import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { TestStack } from "../support/stack";

/** An error that is nobody's mistake in a setting, but one of ours. */
describe("an error in the program", function () {
    this.timeout(120_000);
    let stack: TestStack;
    before(async () => {
        stack = await TestStack.create({ repositories: [{ name: "local", type: "posix" }] });
    });
    after(async () => {
        await stack.remove();
    });

    it("names the file and the line of the source in its stack trace, not those of what it is compiled to", async () => {
        let line = 0;
        stack.edit("components/publication/publication.ts", (text) => {
            const place = text.indexOf("export function renderFiles(");
            const begin = text.indexOf("{\n", text.indexOf("): ", place)) + 2;
            assert.ok(place > 0 && begin > place);
            line = text.slice(0, begin).split("\n").length;
            return `${text.slice(0, begin)}    if (settings.name !== "") throw new Error("a mistake of ours");\n${text.slice(begin)}`;
        });
        const { ok, output } = await stack.preview();
        assert.ok(!ok, output);
        assert.match(output, /a mistake of ours/);
        assert.match(
            output,
            new RegExp(`at renderFiles \\(.*components/publication/publication\\.ts:${line}:\\d+\\)`),
        );
        assert.match(output, /components\/plan\.ts:\d+:\d+/);
        assert.doesNotMatch(output, /\.cjs/);
    });
});
