import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { attemptFor, changedSettings, history, type History } from "../../components/deployment";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const IN_FORCE = { revision: "a", attempt: "first", restartSettings: {} };

const attempts: readonly (readonly [string, History, string, string])[] = [
    ["a new stack", { deployment: undefined, failed: false }, "a", NOW.toISOString()],
    ["a new stack that failed", { deployment: undefined, failed: true }, "a", NOW.toISOString()],
    ["what is in force", { deployment: IN_FORCE, failed: false }, "a", "first"],
    ["what is in force, after a failure", { deployment: IN_FORCE, failed: true }, "a", NOW.toISOString()],
    ["another revision", { deployment: IN_FORCE, failed: false }, "b", NOW.toISOString()],
    ["another revision, after a failure", { deployment: IN_FORCE, failed: true }, "b", NOW.toISOString()],
];

describe("attemptFor", () => {
    for (const [title, before, revision, expected] of attempts)
        it(title, () => {
            assert.equal(attemptFor(revision, before, NOW), expected);
        });
});

const changes: readonly (readonly [Record<string, string>, Record<string, string>, readonly string[]])[] = [
    [{}, {}, []],
    [{ a: "1" }, { a: "1" }, []],
    [{ a: "1" }, { a: "2" }, ["a"]],
    [{ a: "1" }, {}, ["a"]],
    [{}, { b: "1", a: "1" }, ["a", "b"]],
    [{ z: "1", a: "1", m: "1" }, { m: "1", z: "2", k: "" }, ["a", "k", "z"]],
];

describe("changedSettings", () => {
    for (const [before, after, names] of changes)
        it(`${JSON.stringify(before)} to ${JSON.stringify(after)}`, () => {
            assert.deepEqual(changedSettings(before, after), names);
        });
});

describe("history", () => {
    const stack = (deployment: unknown): unknown => ({
        type: "pulumi:pulumi:Stack",
        outputs: { deployment },
    });
    const container = (exitCode: number, attach = true): unknown => ({
        type: "docker:index/container:Container",
        outputs: { exitCode, attach, mustRun: !attach, name: "x" },
    });

    it("is empty for a new stack and for whatever else is no state", () => {
        for (const nothing of [undefined, null, {}, [], "x", { a: null }, { a: { type: "x" } }])
            assert.deepEqual(history(nothing), { deployment: undefined, failed: false });
    });

    it("has what the last good up left", () => {
        const deployment = { revision: "r", attempt: "a", restartSettings: { max_connections: 50 } };
        assert.deepEqual(history({ s: stack(deployment), c: container(0) }), {
            deployment: { ...deployment, restartSettings: { max_connections: "50" } },
            failed: false,
        });
    });

    for (const broken of [{}, { revision: "r" }, { revision: 1, attempt: "a" }, "text", null])
        it(`does not take ${JSON.stringify(broken)} for a deployment`, () => {
            assert.equal(history({ s: stack(broken) }).deployment, undefined);
        });

    it("knows of a one-shot that failed", () => {
        assert.equal(history({ s: stack(undefined), c: container(1) }).failed, true);
    });
});
