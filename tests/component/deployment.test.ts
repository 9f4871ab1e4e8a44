import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { attemptFor, history, type History, withBuckets } from "../../components/state/history";
import { Unreadable } from "../../components/state/readDescription";
import { recorded } from "../../components/state/recorded";
import { described, made } from "../support/descriptions";

const NOWHERE = { now: undefined, proven: undefined };
const EMPTY = { objects: new Set(), published: { postgres: NOWHERE, metrics: NOWHERE }, mark: undefined };
const NOW = new Date("2026-01-02T03:04:05.678Z");
const IN_FORCE = { revision: "a", attempt: "first" };

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
    const stack = (outputs: Record<string, unknown>): unknown => ({ type: "pulumi:pulumi:Stack", outputs });
    const container = (exitCode: number, attach = true): unknown => ({
        type: "docker:index/container:Container",
        outputs: { exitCode, attach, mustRun: !attach, name: "x" },
    });
    const of = (resources: unknown): History => history(recorded(resources));
    const deployment = { revision: "r", attempt: "a" };

    it("is empty for a new stack and for whatever else is no state", () => {
        for (const nothing of [
            undefined,
            null,
            {},
            [],
            "x",
            { a: null },
            { a: { type: "x" } },
            { s: stack({}) },
        ])
            assert.deepEqual(of(nothing), { deployment: undefined, failed: false, inventory: EMPTY });
    });

    it("has what the last good up left", () => {
        const description = described();
        assert.deepEqual(of({ s: stack({ deployment, description }), c: container(0) }), {
            deployment,
            description,
            failed: false,
            inventory: { ...EMPTY, objects: new Set(["container x"]) },
        });
    });

    it("has how long the database was away at its moves, and of what is no move nothing", () => {
        const moves = [{ volume: "data-friday", at: 1_795_760_000, seconds: 3.4 }];
        const read = (found: unknown): unknown =>
            of({ s: stack({ deployment: { ...deployment, moves: found } }) }).deployment;
        assert.deepEqual(read(moves), { ...deployment, moves });
        for (const none of [undefined, [], "text", [{ volume: "data-friday" }]])
            assert.deepEqual(read(none), deployment);
    });

    for (const broken of [{}, { revision: "r" }, { revision: 1, attempt: "a" }, "text", null])
        it(`does not take ${JSON.stringify(broken)} for a deployment, but what is described for deployed`, () => {
            const { description, ...rest } = of({
                s: stack({ deployment: broken, description: described() }),
            });
            assert.equal(rest.deployment, undefined);
            assert.deepEqual(description, described());
        });

    it("knows that something is deployed which it cannot read", () => {
        const { description } = of({ s: stack({ deployment }) });
        assert.ok(description instanceof Unreadable);
        assert.match(description.why, /missing or damaged/);
    });

    it("knows the passphrases that were generated, also of repositories that are gone", () => {
        const urn =
            "urn:pulumi:dev::pgbackrest::pgbackrest:index:ProtectedPostgres$random:index/randomPassword:RandomPassword::";
        const password = { type: "random:index/randomPassword:RandomPassword", outputs: {} };
        const state = { [`${urn}shop-password`]: password, [`${urn}shop-offsite-passphrase`]: password };
        assert.deepEqual(of(state).passphrases, ["shop-offsite-passphrase"]);
    });

    it("gives another stack's buckets the names that they got", () => {
        const location = "bucket shop-dev-offsite-1 at s3.eu-central-1.amazonaws.com, path /salespider/prod";
        const state = recorded({ s: stack({ repositories: [{ name: "offsite", location }] }) });
        const [named] = withBuckets(described({}, [made]), state).repositories;
        const [wanted] = described({}, [{ ...made, bucket: "shop-dev-offsite-1" }]).repositories;
        assert.equal(named?.place, wanted?.place);
    });

    it("knows of a one-shot that failed", () => {
        assert.equal(of({ s: stack({}), c: container(1) }).failed, true);
    });
});
