import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { verdict } from "../../toolchain/operations/verdict";

const FINDINGS = {
    stack: "prod",
    docker: "docker --host ssh://db1",
    setup: "shop-setup",
    deployed: "aa",
    given: "aa",
    comparison: { exitCode: 0, output: "" },
};

describe("the verdict of config verify", () => {
    it("is 0 when all is the same", () => {
        assert.deepEqual(verdict(FINDINGS), {
            status: 0,
            lines: ["The published configuration is what the stack declares: revision aa."],
            data: { deployed: "aa", differences: [] },
        });
    });

    it("is 1 with the files that differ, and the setup container repairs them", () => {
        const comparison = { exitCode: 3, output: "schedules: missing\n" };
        const { status, lines, data } = verdict({ ...FINDINGS, comparison });
        assert.equal(status, 1);
        assert.ok(lines.includes("  schedules: missing"));
        const repair = "docker --host ssh://db1 start --attach shop-setup";
        assert.equal(lines.at(-1), `  ${repair}`);
        assert.deepEqual(data, { deployed: "aa", differences: ["schedules: missing"], repair });
    });

    for (const exitCode of [0, 3, 1])
        it(`is 1 after an up that did not end well, whatever the comparison says (${exitCode})`, () => {
            const { status, lines, data } = verdict({
                ...FINDINGS,
                given: "bb",
                comparison: { exitCode, output: "" },
            });
            assert.equal(status, 1);
            assert.equal(lines.at(-1), "  npm run pulumi -- up --stack prod");
            assert.deepEqual(data, {
                ...{ deployed: "aa", given: "bb", repair: "npm run pulumi -- up --stack prod" },
            });
        });

    for (const exitCode of [1, 2, 125, 127])
        it(`is 2 when the comparison ends with ${exitCode}`, () => {
            const comparison = { exitCode, output: "no such command" };
            const { status, lines } = verdict({ ...FINDINGS, comparison });
            assert.deepEqual([status, lines.at(-1)], [2, "no such command"]);
        });
});
