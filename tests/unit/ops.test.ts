import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Answer, Operation } from "../../toolchain/operations/operation";
import { OPERATIONS } from "../../toolchain/operations/operations";
import { choose } from "../../toolchain/operations/program";
import { rendered, renderedJson } from "../../toolchain/operations/render";
import { Terminal } from "../../toolchain/operations/terminal";

/** What a command line gives, and all that it prints. */
function parse(line: string, operations: readonly Operation[] = OPERATIONS) {
    let text = "";
    const write = (more: string): void => {
        text += more;
    };
    const chosen = choose(operations, line === "" ? [] : line.split(" "), { out: write, err: write });
    return { chosen, text };
}

describe("the command line of ops", () => {
    for (const operation of OPERATIONS)
        describe(operation.name, () => {
            it("takes its own examples", () => {
                for (const example of operation.examples) {
                    const { chosen, text } = parse(example.split(" | ")[0] ?? "");
                    assert.ok("operation" in chosen, text);
                    assert.equal(chosen.operation, operation);
                }
            });

            it("takes the options of all before and behind its name", () => {
                const needed = (operation.args ?? [])
                    .filter(([syntax]) => syntax.startsWith("<"))
                    .map(([, , words]) => words?.[0] ?? "x");
                const words = [operation.name, ...needed].join(" ");
                for (const line of [`--stack prod --json ${words} -y`, `${words} -s prod --json --yes`]) {
                    const { chosen, text } = parse(line);
                    assert.ok("options" in chosen, text);
                    assert.deepEqual([...chosen.args], needed);
                    const { stack, json, yes } = chosen.options;
                    assert.deepEqual([stack, json, yes], ["prod", true, true]);
                }
            });
        });

    for (const [line, said] of [
        ["statsu", "Did you mean status?"],
        ["status --now", "unknown option '--now'"],
        ["status now", "too many arguments"],
        ["status --stack", "argument missing"],
        ["config", "verify"],
        ["", "Commands:"],
    ] as const)
        it(`ends with 2 for "${line}": ${said}`, () => {
            const { chosen, text } = parse(line);
            assert.deepEqual(chosen, { exitCode: 2 });
            assert.ok(text.includes(said), text);
        });
});

const ANSWER: Answer = {
    status: 1,
    lines: [
        "not protected",
        {
            head: ["backup", "type"],
            rows: [
                ["a", "full"],
                ["bb", "diff"],
            ],
        },
        "end",
    ],
    data: { lsn: 5n, error: undefined },
};

describe("an answer of ops", () => {
    it("has columns and a colour in a terminal", () => {
        assert.deepEqual(rendered(ANSWER, true).split("\n"), [
            "\u001b[31mnot protected\u001b[39m",
            ...["  backup  type", "  a       full", "  bb      diff", "end"],
        ]);
        assert.ok(!rendered(ANSWER, true, false).includes("\u001b"));
    });

    it("has tabs and no colour elsewhere", () => {
        assert.deepEqual(rendered(ANSWER, false).split("\n"), [
            "not protected",
            "a\tfull",
            "bb\tdiff",
            "end",
        ]);
    });

    it("is one object for programs", () => {
        assert.deepEqual(JSON.parse(renderedJson(ANSWER)), { status: 1, lsn: "5" });
    });
});

describe("a question of ops", () => {
    it("is refused without a terminal, unless --yes has answered it", async () => {
        assert.equal(await new Terminal(true, false).confirms("Delete it?"), true);
        await assert.rejects(
            new Terminal(false, false).confirms("Delete it?"),
            /^ToolchainError: Delete it\? Nobody can be asked without a terminal, and nothing was changed\.\nSay it with --yes\.$/,
        );
    });

    it("that needs a word is not answered by --yes", async () => {
        await assert.rejects(
            new Terminal(true, false).types("Delete it?", "it", "--confirm it"),
            /Nobody can be asked without a terminal.*\nSay it with --confirm it\.$/,
        );
    });
});
