import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { heartbeatOf, leastRpo } from "../../components/drill/heartbeat";
import { goalsOf, readDrillWish } from "../../components/drill/wish";
import { isRecord } from "../../components/fields";
import { projectConfig } from "../../components/settings/documents";
import type { Drill } from "../../components/settings/schema";
import { withDrills } from "../support/drills";
import { problemsOf, settingsOf } from "../support/settings";

const REPOSITORIES = [{ name: "local", type: "posix" }];
const drillOf = (raw: Record<string, unknown>): Drill | undefined =>
    settingsOf({ repositories: REPOSITORIES, ...raw }).drill;
const NIGHTLY = { schedule: "0 4 * * *" };

describe("the setting drill", () => {
    it("follows protect, unless it says otherwise, and a stack without a repository has none", () => {
        assert.equal(drillOf({}), undefined);
        assert.equal(drillOf({ protect: true })?.schedule, "30 3 * * 3");
        assert.equal(drillOf({ drill: NIGHTLY })?.schedule, "0 4 * * *");
        for (const off of ["off", false, { schedule: "off" }, { schedule: false }])
            assert.equal(drillOf({ protect: true, drill: off }), undefined, JSON.stringify(off));
        for (const repositories of [[], [{ name: "local", type: "none" }]])
            assert.equal(drillOf({ protect: true, repositories }), undefined);
    });

    it("may be the word off, which Pulumi lets pass only where it is told no type", () => {
        const declared = projectConfig()["pgbackrest:drill"];
        assert.ok(isRecord(declared));
        assert.ok(!("type" in declared) && isRecord(declared["default"]));
    });

    it("is weekly, without goals and queries of its own, and costs a segment every 5 minutes", () => {
        assert.deepEqual(drillOf({ protect: true }), {
            ...{ schedule: "30 3 * * 3", heartbeat: 300, memory: 1024, cpus: undefined },
            wish: { queries: {} },
        });
    });

    it("has what is asked in the stack's own database, and what psql prints for it", () => {
        const queries = {
            "orders of today": { sql: "select count(*) > 0 from orders", expect: true },
            accounts: { sql: "select sum(balance) from account", expect: 0, database: "bank" },
            name: { sql: "select name from shop", expect: "  our shop\n" },
        };
        const drill = drillOf({ drill: { ...NIGHTLY, queries }, database: "shop" });
        assert.deepEqual(drill?.wish.queries, {
            "orders of today": { sql: "select count(*) > 0 from orders", expect: "t", database: "shop" },
            accounts: { sql: "select sum(balance) from account", expect: "0", database: "bank" },
            name: { sql: "select name from shop", expect: "our shop", database: "shop" },
        });
        // As the container gets it.
        assert.deepEqual(readDrillWish(JSON.stringify(drill.wish)), drill.wish);
    });

    for (const [written, seconds] of [
        [90, 90],
        ["90", 90],
        ["90s", 90],
        ["30m", 1800],
        ["4h", 14_400],
        ["1d", 86_400],
    ] as const)
        it(`takes ${JSON.stringify(written)} as a time`, () => {
            const wish = drillOf({ drill: { ...NIGHTLY, rto: written, rpo: "1h" } })?.wish;
            assert.deepEqual(wish, { queries: {}, rto: seconds, rpo: 3600 });
        });

    for (const [written, cpus] of [
        [0.5, 0.5],
        ["1.25", 1.25],
        ["2", 2],
        [0, undefined],
    ] as const)
        it(`takes ${JSON.stringify(written)} as CPUs`, () => {
            assert.equal(drillOf({ drill: { ...NIGHTLY, cpus: written } })?.cpus, cpus);
        });

    for (const [what, drill, expected, more] of [
        [
            "no number of CPUs",
            { cpus: "half" },
            /drill\.cpus: "half": a number from 0 to 1024 \(CPUs\), such as 0\.5/,
        ],
        ["CPUs below 0", { cpus: -1 }, /drill\.cpus: -1: a number from 0/],
        ["no schedule", { schedule: "weekly" }, /drill\.schedule: "weekly" /],
        ["one that never comes", { schedule: "0 0 31 2 *" }, /drill\.schedule: "0 0 31 2 \*" /],
        ["a word that is not off", "on", /pgbackrest:drill: "on": a map/],
        ["a time without meaning", { rto: "soon" }, /drill\.rto: "soon": seconds, or a time/],
        ["half a second", { rto: 0.5 }, /drill\.rto: 0\.5: seconds/],
        ["a time below 0", { rpo: -1 }, /drill\.rpo: -1: seconds/],
        ["a query without SQL", { queries: { a: { expect: "1" } } }, /drill\.queries\.a\.sql: is missing/],
        [
            "a query that expects nothing",
            { queries: { a: { sql: "select 1" } } },
            /queries\.a\.expect: is missing/,
        ],
        [
            "more of a query",
            { queries: { a: { sql: "x", expect: 1, role: "b" } } },
            /queries\.a\.role: no such setting/,
        ],
        [
            "a query's name of blanks",
            { queries: { " ": { sql: "x", expect: 1 } } },
            /drill\.queries: " ": a name/,
        ],
        ["too little memory", { memory: 16 }, /drill\.memory: 16: a whole number from 256/],
        ["an unknown part", { schedules: "off" }, /drill\.schedules: no such setting; did you mean schedule/],
        [
            "one without a repository",
            NIGHTLY,
            /drill\.schedule: the stack has no repository/,
            { repositories: [] },
        ],
        [
            "what archiving cannot hold",
            { rpo: 100 },
            /drill\.rpo: 100 s cannot be held: .* after 60 s .*Possible: 120 s or more, or pgbackrest:settings\.archive_timeout of 40s or less/,
        ],
        ["what no archiving can hold", { rpo: 60 }, /Possible: 120 s or more$/],
        [
            "what another archiving cannot hold",
            { rpo: "5m" },
            /after 300 s .*Possible: 360 s or more, or .* of 240s or less/,
            { settings: { archive_timeout: "5min" } },
        ],
        [
            "any at all where segments end when they are full",
            { rpo: "1h" },
            /archive_timeout is 0.*Set it to 3540s or less/,
            { settings: { archive_timeout: 0 } },
        ],
    ] as const)
        it(`refuses ${what}`, () => {
            const problems = problemsOf(() => drillOf({ drill, ...more }));
            assert.match(problems.join("\n"), expected);
            assert.equal(problems.length, 1, problems.join("\n"));
        });
});

describe("drills of a repository", () => {
    it("are as the stack has them, but for what it says itself; the commits come for the least recovery point", () => {
        const own = { schedule: "0 6 * * 0", rto: "2h" };
        const drill = drillOf({
            drill: { ...NIGHTLY, rto: 60, rpo: 900 },
            repositories: withDrills(own, { rpo: 300, rto: 0 }),
        });
        assert.deepEqual(
            [drill?.schedule, drill?.heartbeat, drill?.wish],
            [
                ...["0 4 * * *", 100],
                {
                    ...{ queries: {}, rto: 60, rpo: 900 },
                    repositories: { local: { rto: 7200, rpo: 900 }, offsite: { rpo: 300 } },
                },
            ],
        );
        assert.deepEqual(readDrillWish(JSON.stringify(drill?.wish)), drill?.wish);
        const { repositories } = drillOf({ drill: NIGHTLY, repositories: withDrills(own) })?.wish ?? {};
        assert.deepEqual(goalsOf({ queries: {}, rpo: 5, repositories: repositories ?? {} }, "local"), {
            rto: 7200,
        });
        assert.deepEqual(goalsOf({ queries: {}, rpo: 5 }, "local"), { rto: undefined, rpo: 5 });
    });

    it("may be off, and may be there where the stack has none", () => {
        for (const off of ["off", false, { schedule: "off" }]) {
            assert.equal(drillOf({ drill: NIGHTLY, repositories: withDrills(off, off) }), undefined);
            assert.equal(drillOf({ drill: NIGHTLY, repositories: withDrills(off) })?.schedule, "0 4 * * *");
        }
        const alone = drillOf({
            drill: "off",
            repositories: withDrills(undefined, { schedule: "0 6 * * 0" }),
        });
        assert.deepEqual([alone?.schedule, alone?.heartbeat], ["", 300]);
    });

    for (const [what, own, stack, expected] of [
        ["no schedule", { schedule: "weekly" }, NIGHTLY, /repositories\[0\]\.drill\.schedule: "weekly" /],
        [
            "goals without drills",
            { rto: "1h" },
            "off",
            /repositories\[0\]\.drill: says what a drill may take, and the stack has no drills: give it a schedule here/,
        ],
        [
            "goals of none",
            { schedule: "off", rpo: "1h" },
            NIGHTLY,
            /repositories\[0\]\.drill: is off and says what a drill may take: remove the one or the other/,
        ],
        ["queries", { queries: {} }, NIGHTLY, /repositories\[0\]\.drill\.queries: no such setting/],
        [
            "what archiving cannot hold",
            { rpo: 100 },
            NIGHTLY,
            /repositories\[0\]\.drill\.rpo: 100 s cannot be held/,
        ],
        ["another word than off", "on", NIGHTLY, /repositories\[0\]\.drill: "on": a map/],
    ] as const)
        it(`refuse ${what}`, () => {
            const problems = problemsOf(() => drillOf({ drill: stack, repositories: withDrills(own) }));
            assert.match(problems.join("\n"), expected);
            assert.equal(problems.length, 1, problems.join("\n"));
        });
});

describe("the commits that tell how new the data are", () => {
    it("come so often that the recovery point is held, and not oftener than it needs", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 1, max: 7200 }),
                fc.integer({ min: 0, max: 90_000 }),
                (timeout, more) => {
                    const least = leastRpo(timeout);
                    assert.ok(least !== undefined);
                    const rpo = least + more;
                    const seconds = heartbeatOf(rpo, timeout);
                    assert.ok(seconds >= 30 && seconds <= 300, `${seconds}`);
                    assert.ok(seconds + timeout < rpo, `${seconds} + ${timeout} is not below ${rpo}`);
                    assert.ok(seconds <= Math.max(30, rpo / 3));
                },
            ),
        );
        assert.equal(heartbeatOf(undefined, 60), 300);
        assert.equal(heartbeatOf(3600, 60), 300);
        assert.equal(heartbeatOf(600, 60), 200);
        assert.equal(heartbeatOf(120, 60), 30);
        assert.equal(leastRpo(0), undefined);
    });
});
