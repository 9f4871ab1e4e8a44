import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { nearest, UserError } from "../../components/problems";

describe("problems", () => {
    it("lists all problems, one a line, without a stack trace", () => {
        const error = new UserError(["a: b", "c: d"]);
        assert.equal(error.message, "a: b\nc: d");
        assert.deepEqual(error.problems, ["a: b", "c: d"]);
        assert.doesNotMatch(error.stack ?? "", / at /);
    });

    const words = ["memory", "cpus", "schedules", "backupMemory"];
    for (const [word, expected] of [
        ["memry", "memory"],
        ["Memory", "memory"],
        ["cpu", "cpus"],
        ["shedule", "schedules"],
        ["backup_memory", "backupMemory"],
        ["replicas", undefined],
        ["x", undefined],
    ] as const)
        it(`${word} was probably meant to be ${expected ?? "nothing known"}`, () => {
            assert.equal(nearest(word, words), expected);
        });
});
