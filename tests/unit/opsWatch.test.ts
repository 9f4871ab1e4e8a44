import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Answer } from "../../toolchain/operations/operation";
import { type Output, picture, watch } from "../../toolchain/operations/statusWatch";

const answer = (sentence: string, status: Answer["status"] = 0): Answer => ({
    status,
    lines: [sentence, "can be restored", { head: ["a"], rows: [["b"]] }],
    data: { sentence },
});

/** What a watch writes that sees these answers, and is ended behind the last. */
async function watched(answers: readonly Answer[], size: Output["size"], asJson = false) {
    const end = new AbortController();
    let written = "";
    const output: Output = { size, hasColours: false, write: (text) => (written += text) };
    const rest = [...answers];
    const next = (): Promise<Answer> => {
        const [first, ...others] = rest.splice(0);
        rest.push(...others);
        if (first === undefined) end.abort();
        return Promise.resolve(first ?? answer("a docker command that ^C has ended", 2));
    };
    const last = await watch(next, output, asJson, end.signal, 0);
    return { last, written };
}

describe("ops status --watch", () => {
    it("writes a line into a log when the sentence is another, and answers with what it has seen last", async () => {
        const answers = [answer("protected"), answer("protected"), answer("WAL does not arrive", 1)];
        const { last, written } = await watched(answers, undefined);
        assert.equal(last, answers[2]);
        const lines = written.trimEnd().split("\n");
        assert.deepEqual(
            lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /, "")),
            ["protected", "WAL does not arrive"],
        );
    });

    it("draws on the other screen of a terminal, and leaves it in the end", async () => {
        const { written } = await watched([answer("protected"), answer("red", 1)], { columns: 80, rows: 24 });
        assert.match(written, /^.\[\?1049h.\[\?25l[^]*protected[^]*red[^]*.\[\?25h.\[\?1049l$/);
    });

    it("writes objects for programs, one a line", async () => {
        const { written } = await watched([answer("x\ny"), answer("z")], undefined, true);
        const objects = written.trimEnd().split("\n");
        assert.deepEqual(
            objects.map((line): unknown => JSON.parse(line)),
            [
                { status: 0, sentence: "x\ny" },
                { status: 0, sentence: "z" },
            ],
        );
    });

    it("cannot tell where it was ended before it has seen anything", async () => {
        const { last, written } = await watched([], { columns: 80, rows: 24 });
        assert.equal(last.status, 2);
        assert.equal(written, "");
    });

    it("never writes beyond the terminal", () => {
        const size = fc.record({
            columns: fc.integer({ min: 20, max: 200 }),
            rows: fc.integer({ min: 5, max: 60 }),
        });
        fc.assert(
            fc.property(
                size,
                fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 40 }),
                (of, lines) => {
                    const drawn = picture({ status: 0, lines, data: {} }, { size: of, hasColours: false });
                    const shown = drawn.split("\r\n");
                    assert.ok(shown.length <= of.rows, `${shown.length}`);
                    for (const line of shown) {
                        const text =
                            [...line.matchAll(/[^]/gu)].length -
                            "\u001b[K".length -
                            "\u001b[H\u001b[J".length;
                        assert.ok(text <= of.columns, line);
                    }
                },
            ),
        );
    });
});
