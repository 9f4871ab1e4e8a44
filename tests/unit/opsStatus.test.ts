import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { DrillRecord, RunningDrill } from "../../components/drill/record";
import { duration } from "../../components/protection/text";
import { newState, type RepositoryMemory, type State } from "../../components/protection/state";
import type { Service } from "../../toolchain/operations/atWork";
import { reachOf, reachText } from "../../toolchain/operations/reach";
import { runningIn } from "../../toolchain/operations/repositories";
import type { Seen } from "../../toolchain/operations/seen";
import { statusOf } from "../../toolchain/operations/status";
import { heldIn, infoJson, known, reportOf } from "../support/infoJson";
import { DAY, memory, NOW } from "../support/repositoryMemory";

const SENTENCE = "protected, idle, next (UTC): full 2026-11-29 01:30";
const FULL = { label: "20261126-060000F", stop: NOW - DAY, wal: "000000010000000000000002" };
const DIFF = {
    label: "20261126-060000F_20261127-050000D",
    stop: NOW - 3600,
    wal: "000000010000000000000006",
};

function state(changes: Partial<State> = {}): State {
    return {
        ...newState("host", NOW - DAY),
        ...{ written: NOW - 5, revision: "1-abc", activity: "idle", repositories: { host: memory() } },
        verdict: { healthy: true, protected: true, since: NOW - DAY, sentence: SENTENCE },
        ...changes,
    };
}

const TIMETABLE = { schedules: new Map([["full", "30 1 * * 0"] as const]), timezone: "UTC" };
const HOST = known("host", 1, TIMETABLE);
const SERVICE: Service = {
    ...{ now: NOW, published: "1-abc", state: state(), timetable: TIMETABLE, repositories: [HOST] },
    drills: { isOn: false, ended: [], running: undefined },
    notifications: { silence: undefined, outbox: {} },
};
const SEEN: Seen = {
    service: SERVICE,
    held: [heldIn(HOST, [FULL, DIFF])],
    running: undefined,
    database: { waiting: 0, waitingBytes: 0, last: "000000010000000000000009", lastTime: NOW - 12 },
    wal: new Map([[1, { files: 9, bytes: 3 * 2 ** 20, newest: NOW - 10 }]]),
};

const NOT = { ...state().verdict, healthy: false, protected: false, sentence: "WAL does not arrive" };
const CASES: readonly [what: string, service: Partial<Service>, status: number, first: RegExp][] = [
    ["protected", {}, 0, /^protected, idle/],
    ["not protected", { state: state({ verdict: NOT }) }, 1, /^WAL does not arrive$/],
    [
        "well, but without a repository",
        {
            state: state({ verdict: { ...NOT, healthy: true, sentence: "no repository: not protected" } }),
            repositories: [],
        },
        1,
        /^no repository: not protected$/,
    ],
    ["a new configuration", { published: "2-new" }, 1, /^this configuration is not in force yet: idle$/],
    ["no state", { state: undefined }, 2, /^CANNOT TELL .*has not begun yet$/],
    [
        "a service that says nothing",
        { state: state({ written: NOW - 61 }) },
        2,
        /^CANNOT TELL .*has said nothing for 61 s; it said before: protected/,
    ],
];

describe("ops status", () => {
    for (const [what, service, status, first] of CASES)
        it(`is ${status} for ${what}`, () => {
            const answer = statusOf({ ...SEEN, service: { ...SERVICE, ...service } });
            assert.equal(answer.status, status);
            const [line] = answer.lines;
            assert.match(typeof line === "string" ? line : "", first);
        });

    it("says to which moments, the newest backups, WAL, what comes next, and how much there is", () => {
        const { lines } = statusOf(SEEN);
        assert.deepEqual(lines.slice(1), [
            "can be restored to any moment from 2026-11-26 06:00:00 to 2026-11-27 05:59:50 UTC (10 s ago)",
            {
                head: ["backup", "type", "ended", "", "added", ""],
                rows: [
                    [DIFF.label, "diff", "2026-11-27 05:00:00 UTC", "60 min ago", "1.0MiB", ""],
                    [FULL.label, "full", "2026-11-26 06:00:00 UTC", "24 h ago", "1.0MiB", ""],
                ],
            },
            "repository host: 2.0MiB in 2 backups, 3.0MiB of WAL; 2.0MiB a day by backups",
            "WAL: nothing waits, 000000010000000000000009 was archived 12 s ago",
            "drills are off",
            "next: full 2026-11-29 01:30 UTC",
        ]);
    });

    it("still tells what it knows without the repository, the database and a listing", () => {
        const answer = statusOf({
            ...SEEN,
            held: [heldIn(HOST, "[049]")],
            database: "no socket",
        });
        assert.equal(answer.status, 0);
        assert.deepEqual(answer.lines.slice(1, 3), [
            "the repository cannot be read: [049]",
            "WAL: PostgreSQL cannot be asked: no socket",
        ]);
        assert.equal(answer.data["problem"], "the repository cannot be read: [049]");
        assert.deepEqual(
            statusOf({ ...SEEN, wal: new Map() }).lines.at(-4),
            "repository host: 2.0MiB in 2 backups, WAL not listed; 2.0MiB a day by backups",
        );
    });

    it("tells when the next drill is: at once where none has been, and not while one runs", () => {
        const ended: DrillRecord = {
            ...{ began: NOW - DAY, ended: NOW - DAY + 60, result: "passed", why: "", bytes: 0 },
            ...{ restoreSeconds: 0, segments: 0, replaySeconds: 0, steps: [], counts: {}, notTested: [] },
            by: "schedule",
        };
        const running: RunningDrill = { began: NOW, by: "schedule", phase: "restore", text: "restoring" };
        const schedules = new Map([
            ...(SERVICE.timetable?.schedules ?? []),
            ["drill", "30 3 * * 3"] as const,
        ]);
        for (const [drills, next] of [
            [{ ended: [], running: undefined }, "next: drill at once, full 2026-11-29 01:30 UTC"],
            [
                { ended: [ended], running: undefined },
                "next: full 2026-11-29 01:30 UTC, drill 2026-12-02 03:30 UTC",
            ],
            [{ ended: [], running }, "next: full 2026-11-29 01:30 UTC"],
        ] as const) {
            const service = {
                ...SERVICE,
                timetable: { schedules, timezone: "UTC" },
                repositories: [known("host", 1, { schedules, timezone: "UTC" })],
                drills: { isOn: true, ...drills },
            };
            assert.equal(statusOf({ ...SEEN, service }).lines.at(-1), next);
        }
    });

    it("tells a backup that runs", () => {
        const lock = { backup: { held: true, size: 200, "size-cplt": 50 } };
        const running = runningIn([heldIn(HOST, [FULL], lock)], undefined);
        const { lines, data } = statusOf({ ...SEEN, running });
        assert.deepEqual(data["running"], { repository: "host", done: 50, all: 200 });
        assert.equal(lines[1], "a backup runs: 25 % of 200B");
    });
});

describe("ops status of several repositories", () => {
    const OFFSITE = known("offsite", 2, TIMETABLE);
    const SEVERAL: Seen = {
        ...SEEN,
        service: {
            ...SERVICE,
            state: state({
                repositories: { host: memory(), offsite: memory() },
                doing: {
                    host: { activity: "idle", error: "" },
                    offsite: { activity: "full backup: running", error: "" },
                },
            }),
            repositories: [HOST, OFFSITE],
        },
        held: [heldIn(HOST, [FULL, DIFF]), heldIn(OFFSITE, [FULL])],
    };

    it("has a line of each with its name, and one table of the newest backups at the end", () => {
        assert.deepEqual(statusOf(SEVERAL).lines.slice(1), [
            "repository host: can be restored to any moment from 2026-11-26 06:00:00 to 2026-11-27 05:59:50 UTC (10 s ago); 2.0MiB in 2 backups, 3.0MiB of WAL; 2.0MiB a day by backups",
            "repository offsite: can be restored to any moment from 2026-11-26 06:00:00 to 2026-11-26 06:00:00 UTC (24 h ago); 1.0MiB in 1 backup, WAL not listed; 1024KiB a day by backups",
            "WAL: nothing waits, 000000010000000000000009 was archived 12 s ago",
            "drills are off",
            "next: full to host 2026-11-29 01:30 UTC, full to offsite 2026-11-29 01:30 UTC",
            {
                head: ["repository", "backup", "type", "ended", "", "added", ""],
                rows: [
                    ["host", DIFF.label, "diff", "2026-11-27 05:00:00 UTC", "60 min ago", "1.0MiB", ""],
                    ["host", FULL.label, "full", "2026-11-26 06:00:00 UTC", "24 h ago", "1.0MiB", ""],
                    ["offsite", FULL.label, "full", "2026-11-26 06:00:00 UTC", "24 h ago", "1.0MiB", ""],
                ],
            },
        ]);
    });

    it("says which cannot be read, and what is in the others", () => {
        const { lines, data } = statusOf({
            ...SEVERAL,
            held: [heldIn(HOST, "[049]: refused"), heldIn(OFFSITE, [FULL])],
        });
        assert.equal(lines[1], "repository host cannot be read: [049]: refused");
        const [, , other] = lines;
        assert.ok(typeof other === "string" && other.startsWith("repository offsite: can be restored "));
        assert.equal(data["problem"], lines[1]);
    });

    it("says of one that was never asked that it is being asked", () => {
        const { lines } = statusOf({ ...SEVERAL, held: [heldIn(HOST, [FULL])] });
        assert.equal(lines[2], "repository offsite cannot be read: it is being asked");
    });

    const lock = { backup: { held: true, size: 200, "size-cplt": 50 } };
    for (const [what, held, doing, where] of [
        [
            "the one that has it",
            [heldIn(HOST, [FULL]), heldIn(OFFSITE, [FULL], lock)],
            undefined,
            " in repository offsite",
        ],
        [
            "the one that the service works for, where all have it",
            [heldIn(HOST, [FULL], lock), heldIn(OFFSITE, [FULL], lock)],
            SEVERAL.service.state?.doing,
            " in repository offsite",
        ],
        [
            "none, where all have it and the service has not begun it",
            [heldIn(HOST, [FULL], lock), heldIn(OFFSITE, [FULL], lock)],
            undefined,
            "",
        ],
    ] as const)
        it(`names of a backup that runs ${what}`, () => {
            const { lines } = statusOf({ ...SEVERAL, held, running: runningIn(held, doing) });
            assert.equal(lines[1], `a backup runs${where}: 25 % of 200B`);
        });
});

const gap = (after: number | null) => ({
    ...{ first: "000000010000000000000007", last: "000000010000000000000007", count: 1, after },
});
const REACHES: readonly [
    what: string,
    backups: Parameters<typeof infoJson>[0],
    Partial<RepositoryMemory>,
    string,
][] = [
    ["no backup", [], {}, "nothing can be restored yet"],
    ["only one with damaged pages", [{ ...FULL, error: true }], {}, "nothing can be restored yet"],
    [
        "the oldest with damaged pages",
        [
            { ...FULL, error: true },
            { ...DIFF, label: "20261127-050000F" },
        ],
        {},
        "from 2026-11-27 05:00:00 to 2026-11-27 05:59:50",
    ],
    ["backups from before WAL went there", [FULL, DIFF], { since: NOW - 7200 }, "from 2026-11-27 05:00:00"],
    [
        "WAL that is missing behind all backups",
        [FULL, DIFF],
        { wal: { checked: "", size: 2 ** 24, gaps: [gap(NOW - 1800)] } },
        "to 2026-11-27 05:30:00",
    ],
    [
        "WAL that is missing before the newest backup",
        [FULL, { ...DIFF, wal: "000000010000000000000008" }],
        {
            wal: { checked: "", size: 2 ** 24, gaps: [gap(NOW - 7200)] },
            unreachable: "no moment from 2026-11-27 04:00 to 2026-11-27 05:00 UTC can be restored",
        },
        "to 2026-11-27 05:59:50 UTC (10 s ago), but no moment from 2026-11-27 04:00",
    ],
    [
        "WAL of another server",
        [FULL, DIFF],
        { conflict: { first: "", last: "", since: NOW - 600 } },
        "to 2026-11-27 05:50:00",
    ],
    [
        "a backup that ended after the newest WAL",
        [{ ...FULL, stop: NOW }],
        {},
        "from 2026-11-27 06:00:00 to 2026-11-27 06:00:00",
    ],
];

describe("the moments to which a database can be restored", () => {
    for (const [what, backups, changes, said] of REACHES)
        it(`with ${what}: ${said}`, () => {
            const reach = reachOf(reportOf(backups).backups, memory(changes), NOW - 10);
            assert.ok(reachText(reach, NOW).includes(said), reachText(reach, NOW));
        });

    it("end with the newest backup where WAL cannot be listed", () => {
        assert.equal(reachOf(reportOf([FULL, DIFF]).backups, memory(), undefined)?.to, DIFF.stop);
    });

    for (const [seconds, text] of [
        [-5, "0 s"],
        [119, "119 s"],
        [120, "2 min"],
        [7199, "120 min"],
        [7200, "2 h"],
        [172_800, "2 days"],
    ] as const)
        it(`are ${text} ago after ${seconds} s`, () => {
            assert.equal(duration(seconds), text);
        });
});
