import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { attemptFor, history, type History, withBuckets } from "../../components/deployment";
import { described, made } from "../support/descriptions";

const EMPTY = { objects: new Set(), published: undefined, provenPort: undefined, mark: undefined };
const NOW = new Date("2026-01-02T03:04:05.678Z");
const IN_FORCE = { revision: "a", attempt: "first", description: undefined };

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

describe("history", () => {
    const stack = (deployment: unknown, description?: unknown): unknown => ({
        type: "pulumi:pulumi:Stack",
        outputs: { deployment, description },
    });
    const container = (exitCode: number, attach = true): unknown => ({
        type: "docker:index/container:Container",
        outputs: { exitCode, attach, mustRun: !attach, name: "x" },
    });

    it("is empty for a new stack and for whatever else is no state", () => {
        for (const nothing of [undefined, null, {}, [], "x", { a: null }, { a: { type: "x" } }])
            assert.deepEqual(history(nothing), { deployment: undefined, failed: false, inventory: EMPTY });
    });

    it("has what the last good up left", () => {
        const deployment = { revision: "r", attempt: "a" };
        assert.deepEqual(history({ s: stack(deployment, described()), c: container(0) }), {
            deployment: { ...deployment, description: described() },
            failed: false,
            inventory: { ...EMPTY, objects: new Set(["container x"]) },
        });
    });

    for (const description of [undefined, "text", { ...described(), schedules: "weekly" }])
        it(`lives with what another version left: ${typeof description}`, () => {
            const deployment = { revision: "r", attempt: "a", restartSettings: { max_connections: "50" } };
            assert.deepEqual(history({ s: stack(deployment, description) }).deployment, {
                revision: "r",
                attempt: "a",
                description: undefined,
            });
        });

    for (const broken of [{}, { revision: "r" }, { revision: 1, attempt: "a" }, "text", null])
        it(`does not take ${JSON.stringify(broken)} for a deployment`, () => {
            assert.equal(history({ s: stack(broken) }).deployment, undefined);
        });

    it("knows the passphrases that were generated, also of repositories that are gone", () => {
        const urn =
            "urn:pulumi:dev::pgbackrest::pgbackrest:index:ProtectedPostgres$random:index/randomPassword:RandomPassword::";
        const password = { type: "random:index/randomPassword:RandomPassword", outputs: {} };
        const state = { [`${urn}shop-password`]: password, [`${urn}shop-offsite-passphrase`]: password };
        assert.deepEqual(history(state).passphrases, ["shop-offsite-passphrase"]);
    });

    it("gives another stack's buckets the names that they got", () => {
        const location = "bucket shop-dev-offsite-1 at s3.eu-central-1.amazonaws.com, path /salespider/prod";
        const state = {
            s: { type: "pulumi:pulumi:Stack", outputs: { repositories: [{ name: "offsite", location }] } },
        };
        const [named] = withBuckets(described({}, [made]), state).repositories;
        const [wanted] = described({}, [{ ...made, bucket: "shop-dev-offsite-1" }]).repositories;
        assert.equal(named?.place, wanted?.place);
    });

    it("knows of a one-shot that failed", () => {
        assert.equal(history({ s: stack(undefined), c: container(1) }).failed, true);
    });
});
