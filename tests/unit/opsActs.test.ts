import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { newState } from "../../components/protection/state";
import type { Service } from "../../toolchain/operations/atWork";
import { reasonAgainst } from "../../toolchain/operations/backup";
import { removed, removedText } from "../../toolchain/operations/expire";
import { infoOf } from "../../toolchain/operations/info";
import { pointAnswer } from "../../toolchain/operations/restorePoint";
import { verifyOf } from "../../toolchain/operations/verifyRepository";
import { progressText } from "../../toolchain/operations/watch";
import { heldIn, infoJson, known } from "../support/infoJson";
import { memory, NOW } from "../support/repositoryMemory";

const MIB = 2 ** 20;

describe("how far a backup is", () => {
    const first = { at: 100, done: 10 * MIB, all: 100 * MIB };
    for (const [done, at, text] of [
        [10, 100, "10 % of 100MiB"],
        [10, 102, "10 % of 100MiB"],
        [50, 110, "50 % of 100MiB, 4.0MiB/s, 13 s left"],
        [100, 110, "100 % of 100MiB, 9.0MiB/s, 0 s left"],
    ] as const)
        it(`after ${at - first.at} s with ${done} MiB: ${text}`, () => {
            assert.equal(progressText(first, { ...first, done: done * MIB, at }), text);
        });
});

const CONFLICT = { first: "000000010000000000000005", last: "000000010000000000000009", since: NOW };
const HOST = known("host");
const service = (conflict: typeof CONFLICT | null): Service => ({
    ...{ now: NOW, published: "1-abc", timetable: undefined },
    state: { ...newState("host", NOW), repositories: { host: memory({ conflict }) } },
    repositories: [HOST],
    drills: { isOn: false, ended: [], running: undefined },
    notifications: { silence: undefined, outbox: {} },
});
const WAL = { waiting: 0, waitingBytes: 0, last: "000000010000000000000007", lastTime: NOW };

describe("ops backup", () => {
    for (const [what, given, wal, reason] of [
        ["where all is well", service(null), WAL, undefined],
        ["while PostgreSQL does not answer, which pgBackRest tells", service(null), "no socket", undefined],
        ["among WAL of another server", service(CONFLICT), WAL, /another WAL segment/],
        ["behind such WAL", service(CONFLICT), { ...WAL, last: "00000001000000000000000A" }, undefined],
        [
            "with 1 GiB that waits",
            service(null),
            { ...WAL, waiting: 64, waitingBytes: 1024 * MIB },
            undefined,
        ],
        [
            "with more",
            service(null),
            { ...WAL, waiting: 65, waitingBytes: 1040 * MIB },
            /^waiting until WAL is archived: 65/,
        ],
    ] as const)
        it(`is ${reason === undefined ? "" : "not "}tried ${what}`, () => {
            const found = reasonAgainst(given, wal, HOST);
            if (reason === undefined) assert.equal(found, undefined);
            else assert.match(found ?? "", reason);
        });
});

// As pgBackRest 2.60 says it.
const DRY_RUN = `2026-11-27 19:36:25.750 P00   INFO: [DRY-RUN] repo1: expire full backup set 20261127-192219F, 20261127-192219F_20261127-193308I
2026-11-27 19:36:25.750 P00   INFO: [DRY-RUN] repo1: remove expired backup 20261127-192219F_20261127-193308I
2026-11-27 19:36:25.750 P00   INFO: [DRY-RUN] repo1: remove expired backup 20261127-192219F
2026-11-27 19:36:25.750 P00   INFO: [DRY-RUN] repo1: 17-1 remove archive, start = 000000010000000000000001, stop = 0000000100000000000000B5
2026-11-27 19:36:25.750 P00   INFO: [DRY-RUN] repo2: remove expired backup 20261127-192219F`;

describe("ops expire", () => {
    it("names what would go, once and oldest first", () => {
        const gone = removed(DRY_RUN);
        assert.deepEqual(gone, {
            backups: ["20261127-192219F", "20261127-192219F_20261127-193308I"],
            wal: [{ first: "000000010000000000000001", last: "0000000100000000000000B5" }],
        });
        assert.deepEqual(removedText(gone), [
            "These would go:",
            "  backup 20261127-192219F",
            "  backup 20261127-192219F_20261127-193308I",
            "  WAL from 000000010000000000000001 to 0000000100000000000000B5",
        ]);
    });

    it("finds nothing where retention keeps all", () => {
        const said = "P00   INFO: [DRY-RUN] repo1: 17-1 no archive to remove\nP00 INFO: expire command end";
        assert.deepEqual(removed(said), { backups: [], wal: [] });
    });
});

const WELL = "stanza: main\nstatus: ok\n  archiveId: 17-1, total WAL checked: 184, total valid WAL: 184\n";
const DAMAGED =
    "stanza: main\nstatus: error\n  backup: 20261127-192219F, status: invalid, total files checked: 9\n";

describe("ops verify", () => {
    for (const [what, ok, all, status, first] of [
        ["all well", true, WELL, 0, /^all in the repository is as it was written$/],
        ["damage, with which pgBackRest ends well", true, DAMAGED, 1, /^DAMAGE .*docs\/health\.md/],
        ["a failure", false, "ERROR: [049]: timeout", 2, /^CANNOT TELL .*verify failed: \[049\]: timeout$/],
        ["a failure after half of it", false, `${WELL}ERROR: [049]: timeout`, 2, /^CANNOT TELL .*timeout$/],
        ["nothing at all", true, "", 2, /^CANNOT TELL/],
    ] as const)
        it(`is ${status} for ${what}`, () => {
            const answer = verifyOf({ ok, all });
            const [line] = answer.lines;
            assert.equal(answer.status, status);
            assert.match(typeof line === "string" ? line : "", first);
        });
});

const POINT = { name: "a", time: NOW, lsn: 0x1a_0300_0060n, timeline: 2 };
const MADE = { point: POINT, segment: "00000002000000000000000A" };

describe("ops restore-point", () => {
    for (const [what, problem, isArchived, status, lines] of [
        ["remembered and archived", "", true, 0, []],
        ["not remembered", "[041]: no room", true, 1, [/^NOT remembered: \[041\]: no room\. /]],
        [
            "not archived",
            "",
            false,
            1,
            [/^WAL segment 00000002000000000000000A, which has it, is not archived yet/],
        ],
    ] as const)
        it(`is ${status} for one that is ${what}`, () => {
            const noted = { repository: HOST, label: "20261127-060000F", problem, isArchived };
            const answer = pointAnswer(MADE, [noted], [HOST]);
            const [first, ...rest] = answer.lines.map((line) => (typeof line === "string" ? line : ""));
            assert.equal(answer.status, status);
            assert.equal(first, "restore point a: 2026-11-27 06:00:00 UTC, at 1A/3000060 of timeline 2");
            assert.equal(rest.length, lines.length);
            for (const [i, line] of lines.entries()) assert.match(rest[i] ?? "", line);
        });
});

describe("ops info", () => {
    const annotation = { "restore-point.a": "2026-11-27 06:00:00+00 1A/3000060 2" };
    const backups = [
        { label: "20261126-060000F", stop: NOW - 3600, annotation },
        { label: "20261126-060000F_20261127-050000D", stop: NOW - 60, needs: ["20261126-060000F"] },
    ];

    it("has all backups, newest first, with what they build on, WAL and restore points", () => {
        const answer = infoOf([heldIn(HOST, backups)], [HOST], "main", NOW);
        assert.equal(answer.status, 0);
        assert.deepEqual(answer.lines, [
            "stanza main: 2 backups, 2.0MiB",
            {
                head: ["backup", "type", "ended", "", "added", "", "builds on"],
                rows: [
                    [
                        backups[1]?.label,
                        "diff",
                        "2026-11-27 05:59:00 UTC",
                        "60 s ago",
                        "1.0MiB",
                        "",
                        backups[0]?.label,
                    ],
                    [backups[0]?.label, "full", "2026-11-27 05:00:00 UTC", "60 min ago", "1.0MiB", "", ""],
                ],
            },
            "WAL up to 000000010000000000000009 (17-1)",
            {
                head: ["restore point", "at", "position", "timeline"],
                rows: [["a", "2026-11-27 06:00:00 UTC", "1A/3000060", "2"]],
            },
        ]);
        assert.deepEqual(answer.data["stanzas"], JSON.parse(infoJson(backups)));
    });

    it("is 1 where there is no backup yet", () => {
        assert.equal(infoOf([heldIn(HOST, [])], [HOST], "main", NOW).status, 1);
    });
});
