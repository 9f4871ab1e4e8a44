import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { consequences, needsLive } from "../../components/review/consequences";
import { drillConsequences } from "../../components/review/drill";
import type { LiveBackup } from "../../components/review/live";
import { refusals } from "../../components/review/refusals";
import type { Description } from "../../components/state/description";
import { described } from "../support/descriptions";
import { withDrills } from "../support/drills";

const NOW = new Date("2026-11-27T12:00:00Z");
const GIB = 1024 ** 3;
const SCHEDULE = { schedule: "0 4 * * *" };
const QUERY = { sql: "select 1", expect: "1" };
const drilling = (
    drill: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
) => described({ drill: { ...SCHEDULE, ...drill }, ...more });

function told(before: Description, after: Description, live?: readonly LiveBackup[]): string {
    return drillConsequences(before, after, live)
        .map(({ severity, text }) => `${severity} ${text}`)
        .join("\n");
}

const backup = (label: string, needs: readonly string[], added: number, repository = 1): LiveBackup => ({
    ...{ label, type: "diff" as const, needs, repository, start: 1, stop: 2 },
    ...{ added: added * GIB, size: 40 * GIB },
});

describe("drills that are switched on", () => {
    const begun = told(described(), drilling());

    it("are told with what one costs, and what it means for health", () => {
        assert.match(
            begun,
            /^note drills are on: salespider-drill restores the newest backup at "0 4 \* \* \*" UTC/,
        );
        assert.match(
            begun,
            /reads the newest backup and the WAL since from the repository, and needs the room/,
        );
        assert.match(
            begun,
            /archived every 300 s for it\. Health is red until the first has passed; `up` does not wait/,
        );
    });

    it("have the figures of the backup that one would read now, with all that it builds on, and no other", () => {
        const live = [
            backup("full", [], 7),
            backup("old", ["full"], 100),
            backup("new", ["full"], 2),
            backup("elsewhere", [], 200, 2),
        ];
        assert.match(
            told(described(), drilling(), live),
            /reads 9\.0GiB and the WAL since from local, and needs 40GiB, .*1GiB more/,
        );
        assert.equal(told(described(), drilling(), []), begun);
        assert.ok(needsLive(described(), drilling()));
        assert.ok(!needsLive(drilling(), drilling({ rto: 60 })));
    });

    it("are so by an upgrade where the stack is protected", () => {
        const { drill, ...earlier } = described({ protect: true, drill: "off" });
        assert.equal(drill.schedule, "");
        assert.match(
            told({ ...earlier, drill }, described({ protect: true })),
            /^note drills are on: .*"30 3 \* \* 3"/,
        );
    });
});

describe("drills that are switched off", () => {
    it("are a warning that says what goes and what stays", () => {
        assert.match(
            told(drilling(), described()),
            /^warning nothing proves any more .*salespider-drill goes, with its volumes salespider-drill-data and salespider-drill-spool; .*stays in salespider-drill-state/,
        );
        assert.equal(told(described(), described()), "");
    });

    it("go with protect, which is switched off alone, as it must be", () => {
        const guard = { accept: [], floor: { full: 1, days: 0 } };
        assert.deepEqual(
            refusals(described({ protect: true }), described({ protect: false }), guard, []),
            [],
        );
    });
});

describe("a change of drills", () => {
    for (const [what, before, after, expected] of [
        ["nothing", {}, {}, ""],
        [
            "a schedule",
            {},
            { schedule: "0 5 * * *" },
            'note drills run at "0 5 * * *" instead of "0 4 * * *".',
        ],
        [
            "a recovery time",
            { rto: "1h" },
            { rto: "30m" },
            "note the recovery time of a drill may be 1800 s at most (3600 s until now): one that has more is red, from the next on.\nnote salespider-drill is replaced (what is wanted of it): a drill that runs begins anew.",
        ],
        [
            "a recovery point no more",
            { rpo: "1h" },
            {},
            "note the recovery point of a drill may be any from now on (it was 3600 s at most).\nnote salespider-drill is replaced (what is wanted of it): a drill that runs begins anew.",
        ],
        [
            "queries",
            { queries: { a: QUERY, b: QUERY, c: QUERY } },
            { queries: { a: QUERY, b: { ...QUERY, expect: "2" }, d: QUERY } },
            "note queries of a drill change, from the next on: new d; another b; no more c.\nnote salespider-drill is replaced (what is wanted of it): a drill that runs begins anew.",
        ],
        [
            "memory",
            {},
            { memory: 512 },
            "note the memory limit of salespider-drill is 512 MiB instead of 1024 MiB, changed while it runs.",
        ],
        [
            "CPUs",
            {},
            { cpus: 1 },
            "note salespider-drill is replaced (1 CPUs instead of 2): a drill that runs begins anew.",
        ],
    ] as const)
        it(`tells of ${what}`, () => {
            assert.equal(told(drilling(before), drilling(after)), expected);
        });

    it("tells how often the commits come where a recovery point asks for more of them", () => {
        assert.match(told(drilling(), drilling({ rpo: "5m" })), /comes every 100 s instead of 300 s/);
    });

    it("tells that its container is replaced with PostgreSQL's settings and image", () => {
        assert.match(
            told(drilling(), drilling({}, { settings: { max_connections: 50 } })),
            /salespider-drill is replaced \(settings of PostgreSQL's command line\)/,
        );
        const other = described({ drill: SCHEDULE }, undefined, "image-2");
        assert.match(told(drilling(), other), /salespider-drill is replaced \(another image\)/);
    });

    it("says that nothing else restarts", () => {
        for (const after of [described(), drilling({ rto: 60, queries: { a: QUERY } })]) {
            const text = consequences(drilling(), after, NOW).map((line) => line.text);
            assert.match(
                text.at(-1) ?? "",
                /salespider-postgres goes on, no connection ends; salespider-backup goes on/,
            );
        }
    });
});

describe("drills of repositories", () => {
    const two = (...drills: Parameters<typeof withDrills>) => ({ repositories: withDrills(...drills) });

    it("are told by the repository that has its own, and only its schedule and goals", () => {
        const before = drilling({}, two());
        assert.equal(
            told(before, drilling({}, two({ schedule: "0 6 * * 0", rto: "1h" }))),
            [
                'note drills of repository local run at "0 6 * * 0" instead of "0 4 * * *".',
                "note the recovery time of a drill of repository local may be 3600 s at most (any until now): one that has more is red, from the next on.",
                "note salespider-drill is replaced (what is wanted of it): a drill that runs begins anew.",
            ].join("\n"),
        );
        assert.equal(
            told(before, drilling({}, two({ schedule: "0 6 * * 0" }))),
            'note drills of repository local run at "0 6 * * 0" instead of "0 4 * * *".',
        );
        assert.equal(
            told(before, drilling({}, two("off"))),
            "warning nothing proves any more that backups of repository local restore: its drills are off, and status says so.",
        );
        assert.match(
            told(drilling({}, two("off")), drilling({ schedule: "0 5 * * *" }, two("off"))),
            /^note drills run at "0 5 \* \* \*" instead of "0 4 \* \* \*", but for repositories that say it themselves\.$/,
        );
    });

    it("begin with a repository that comes, and where the stack has none", () => {
        assert.match(
            told(drilling(), drilling({}, two())),
            /^note drills of repository offsite run at "0 4 \* \* \*", first as soon as it has a full backup/m,
        );
        const alone = described({ drill: "off", ...two(undefined, { schedule: "0 6 * * 0" }) });
        assert.match(
            told(described(two()), alone),
            /^note drills are on: .* newest backup of local never, of offsite at "0 6 \* \* 0" UTC/,
        );
        assert.match(told(alone, described(two())), /^warning nothing proves any more/);
    });
});
