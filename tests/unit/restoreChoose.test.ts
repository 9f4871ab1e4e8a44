import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Backup, readInfo } from "../../components/protection/info";
import { type Choice, choose } from "../../components/restore/choose";
import type { Facts, Impossible, RepositoryFacts } from "../../components/restore/facts";
import { historyOf, readHistory, sharedUpTo } from "../../components/restore/history";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import {
    factsOfRestore,
    HOUR,
    repositoryOfRestore,
    sampleBackup,
    SEGMENT,
    START,
} from "../support/restoreFacts";

const WISH: Wish = { name: "r", at: "latest", inclusive: true, pause: false, acceptDamage: false };

function ask(at: string, wish: Partial<Wish> = {}, facts: Facts = factsOfRestore()): Choice | Impossible {
    const target = readTarget(at, facts.now);
    assert.ok(typeof target === "object", at);
    return choose({ ...WISH, at, ...wish }, target, facts);
}

/** The label that is chosen, or why none is. */
function answer(at: string, wish: Partial<Wish> = {}, facts: Facts = factsOfRestore()): string {
    const chosen = ask(at, wish, facts);
    return "why" in chosen ? chosen.why : chosen.backup.label;
}

function withRepository(changes: Partial<RepositoryFacts>, more: Partial<Facts> = {}): Facts {
    return { ...factsOfRestore(), repositories: [repositoryOfRestore(changes)], ...more };
}

const damaged = (backup: Backup): Backup => ({ ...backup, damaged: true });

describe("the history of timelines", () => {
    it("is read as PostgreSQL writes it", () => {
        const content =
            "1\t0/3000028\tno recovery target specified\n\n2\t1A/FF000000\tbefore 2026-11-27 06:00:00+00\n";
        assert.deepEqual(readHistory(`# a comment\n${content}`), [
            { timeline: 1, lsn: 0x3000028n },
            { timeline: 2, lsn: 0x1aff000000n },
        ]);
        for (const bad of ["2\t0/1\tx\n1\t0/2\tx\n", "1\tnowhere\tx\n", "1\n", "one\t0/1\tx\n"])
            assert.deepEqual(readHistory(bad), []);
        assert.deepEqual(readHistory(""), []);
    });

    it("is a way of stretches, the same as another's up to where one leaves it", () => {
        const histories = new Map([
            [2, [{ timeline: 1, lsn: 100n }]],
            [
                3,
                [
                    { timeline: 1, lsn: 100n },
                    { timeline: 2, lsn: 150n },
                ],
            ],
            [4, [{ timeline: 1, lsn: 60n }]],
        ]);
        const of = (timeline: number) => historyOf(timeline, histories);
        assert.deepEqual(of(3), [
            { timeline: 1, begin: 0n, end: 100n },
            { timeline: 2, begin: 100n, end: 150n },
            { timeline: 3, begin: 150n, end: undefined },
        ]);
        // Recovery along timeline 3 ended before that began.
        histories.set(5, [
            { timeline: 1, lsn: 100n },
            { timeline: 3, lsn: 70n },
        ]);
        assert.deepEqual(of(5), [
            { timeline: 1, begin: 0n, end: 70n },
            { timeline: 3, begin: 70n, end: 70n },
            { timeline: 5, begin: 70n, end: undefined },
        ]);
        assert.deepEqual(of(9), [{ timeline: 9, begin: 0n, end: undefined }]);
        for (const [one, other, shared] of [
            [3, 3, undefined],
            [3, 2, 150n],
            [3, 4, 60n],
            [1, 4, 60n],
            [9, 1, 0n],
        ] as const) {
            assert.equal(sharedUpTo(of(one), of(other)), shared);
            assert.equal(sharedUpTo(of(other), of(one)), shared);
        }
    });
});

describe("the choice of a backup", () => {
    // Timeline 1: A at 1 h, B at 3 h, left at segment 16, that is at 4 h; C at 5 h is on the branch that was left, D at 8 h on timeline 2.
    for (const [at, wish, expected] of [
        ["latest", {}, "D"],
        ["immediate", {}, "D"],
        ["immediate", { backup: "A" }, "A"],
        ["immediate", { backup: "C" }, "C"],
        ["2026-11-27 08:59:00+00", {}, "D"],
        ["2026-11-27 08:00:01+00", {}, "D"],
        // In the second in which it ended it may have taken in what is later.
        ["2026-11-27 08:00:00+00", {}, "B"],
        ["2026-11-27 03:30:00+00", {}, "B"],
        ["2026-11-27 03:30:00+00", { backup: "A" }, "A"],
        ["2026-11-27 02:00:00+00", {}, "A"],
        ["2026-11-27 05:30:00+00", { timeline: 1 }, "C"],
        ["latest", { timeline: 1 }, "C"],
        ["2026-11-27 09:00:00+00", {}, "D"],
        ["0/23FFFFFF", {}, "D"],
        ["0/20000000", {}, "D"],
        ["0/1FFFFFFF", {}, "B"],
        ["0/F000000", {}, "B"],
        ["before", {}, "A"],
        ["after", {}, "D"],
    ] as const)
        it(`for ${at}${Object.keys(wish).length === 0 ? "" : ` with ${JSON.stringify(wish)}`} is ${expected}`, () => {
            assert.equal(answer(at, wish), expected);
        });

    for (const [at, wish, why, instead] of [
        [
            "2026-11-27 00:30:00+00",
            {},
            /^2026-11-27 00:30:00\+00 is before the oldest backup of that history: A ended 2026-11-27 01:00:00\+00, after the target$/,
            /^at: a time from 2026-11-27 01:00:01\+00 to 2026-11-27 09:00:00\+00 \(repository local, timeline 2\)$/,
        ],
        [
            "2026-11-27 10:00:00+00",
            {},
            /after the newest WAL of timeline 2 in the repository local, which was archived at 2026-11-27 09:00:00\+00$/,
            /^at: latest: then the backup D of local serves$/,
        ],
        [
            "2026-11-27 06:30:00+00",
            { timeline: 1 },
            /after the newest WAL of timeline 1/,
            /^timeline: 2: then the backup B of local serves$/,
        ],
        [
            "0/3000000",
            {},
            /is before the oldest backup of that history: A ended at 0\/4000000/,
            /^at: a time/,
        ],
        [
            "0/FF000000",
            {},
            /behind the newest WAL of timeline 2 in the repository local, which ends at 0\/24000000$/,
            /^at: latest: then the backup D of local serves$/,
        ],
        ["0/24000000", {}, /behind the newest WAL of timeline 2 in the repository local/, /^at: latest/],
        ["2026-11-27 09:00:01+00", {}, /after the newest WAL of timeline 2/, /^at: latest/],
        [
            "young",
            {},
            /^the WAL of the restore point young at 0\/24400000 .*is not in the repository local yet$/,
            /^at: latest/,
        ],
        ["latest", { timeline: 7 }, /has no WAL of timeline 7/, /^timeline: 2: then the backup D/],
        [
            "latest",
            { repository: "s3" },
            /^there is no repository s3, but local$/,
            /^no repository: then the backup D of local serves$/,
        ],
        [
            "latest",
            { backup: "X" },
            /^the repository local has no backup X$/,
            /^no backup: then the backup D of local serves$/,
        ],
        [
            "latest",
            { backup: "C" },
            /^the backup C ended at 0\/14000000 on timeline 1, which the history of timeline 2 had left at 0\/10000000$/,
            /^timeline: 1: then the backup C/,
        ],
        [
            "2026-11-27 02:00:00+00",
            { backup: "B" },
            /^the backup B ended 2026-11-27 03:00:00\+00, after the target$/,
            /^no backup: then the backup A/,
        ],
        [
            "left",
            {},
            /^the restore point left is on timeline 1 at 0\/13000000 .*not part of the history of timeline 2$/,
            /^timeline: 1: then the backup B/,
        ],
        [
            "twice",
            {},
            /^there are 2 restore points twice, .*: 0\/6000000 \(2026-11-27 01:30:00\+00\), 0\/1C000000 \(2026-11-27 07:00:00\+00\)$/,
            /^at: a time/,
        ],
    ] as const)
        it(`for ${at}${Object.keys(wish).length === 0 ? "" : ` with ${JSON.stringify(wish)}`} is refused`, () => {
            const found = ask(at, wish);
            assert.ok("why" in found, "it is not");
            assert.match(found.why, why);
            assert.ok(
                found.instead.some((line) => instead.test(line)),
                found.instead.join("\n"),
            );
        });

    it("says of each backup why", () => {
        const found = ask("2026-11-27 03:30:00+00");
        assert.ok("candidates" in found);
        assert.deepEqual(
            found.candidates.map(({ label, why }) => `${label} ${why}`),
            [
                "D ended 2026-11-27 08:00:00+00, after the target",
                "C ended at 0/14000000 on timeline 1, which the history of timeline 2 had left at 0/10000000",
                "B chosen: the newest that ended before the target",
                "A older than the chosen one",
            ],
        );
    });

    it("takes none that has found damaged pages, unless that is accepted, and then names them", () => {
        const backups = repositoryOfRestore({}).backups.map((one) =>
            one.label === "D" ? damaged(one) : one,
        );
        const damagedPages = new Map([["D", "pg_data/base/5/16384 page 3"]]);
        const facts = withRepository({ backups, damagedPages });
        assert.equal(answer("latest", {}, facts), "B");
        const accepted = ask("latest", { acceptDamage: true }, facts);
        assert.ok("backup" in accepted);
        assert.equal(accepted.backup.label, "D");
        assert.match(
            accepted.warnings.join(),
            /D has found damaged pages, which come back with it: pg_data\/base\/5\/16384 page 3\. .*backup: B/,
        );
        const all = ask("latest", {}, withRepository({ backups: backups.map(damaged) }));
        assert.ok("why" in all);
        assert.match(
            all.why,
            /no backup in the repository local leads to latest: D has found damaged pages$/,
        );
        assert.match(all.instead.join("\n"), /^acceptDamage: true: then the backup D of local serves$/m);
    });

    it("goes over no gap, and reaches what is before it", () => {
        const gap = {
            first: "000000020000000000000016",
            last: "000000020000000000000017",
            count: 2,
            after: START + 5.5 * HOUR,
        };
        const backups = repositoryOfRestore({}).backups.filter(({ label }) => label !== "D");
        const facts = withRepository({ gaps: [gap], backups });
        assert.equal(answer("latest", {}, withRepository({ gaps: [gap] })), "D");
        assert.match(
            answer("latest", {}, facts),
            /leads to latest: B needs WAL that is missing: 000000020000000000000016 to 000000020000000000000017$/,
        );
        assert.equal(answer("2026-11-27 05:20:00+00", {}, facts), "B");
        assert.match(answer("2026-11-27 05:30:00+00", {}, facts), /needs WAL that is missing/);
        const found = ask("latest", {}, facts);
        assert.match(
            "why" in found ? found.instead.join() : "",
            /at: a time from 2026-11-27 01:00:01\+00 to 2026-11-27 05:29:59\+00/,
        );
        // That of the branch that was left is not needed.
        const elsewhere = { ...gap, first: "000000010000000000000010", last: "000000010000000000000012" };
        assert.equal(
            answer("2026-11-27 07:00:00+00", {}, withRepository({ gaps: [elsewhere], backups })),
            "B",
        );
        assert.match(
            answer("latest", { timeline: 1, backup: "B" }, withRepository({ gaps: [elsewhere] })),
            /missing/,
        );
    });

    it("needs no WAL behind its target, nor any that comes after the newest", () => {
        const gapAt = (segment: string) => [{ first: segment, last: segment, count: 1, after: null }];
        // The restore point is the last record of segment 7.
        assert.equal(answer("before", {}, withRepository({ gaps: gapAt("000000010000000000000008") })), "A");
        const found = ask(
            "2026-11-27 10:00:00+00",
            {},
            withRepository({ gaps: gapAt("000000020000000000000028") }),
        );
        assert.match("why" in found ? found.instead.join() : "", /to 2026-11-27 09:00:00\+00/);
    });

    it("goes to where a timeline begins of which nothing is archived yet", () => {
        const ends = (segment: string) => new Map([[1, { segment, time: START + 6 * HOUR }]]);
        const backups = repositoryOfRestore({}).backups.slice(0, 3);
        const of = (changes: Partial<RepositoryFacts>) =>
            ask("latest", {}, withRepository({ backups, ...changes }));
        const fork = of({ ends: ends("00000001000000000000000F") });
        assert.match(
            "warnings" in fork ? fork.warnings.join() : fork.why,
            /no WAL of timeline 2 .*ends at 0\/10000000/,
        );
        // Then the segment in which it begins is needed as the timeline before wrote it.
        const histories = new Map([[2, [{ timeline: 1, lsn: 0x10800000n }]]]);
        const lost = {
            first: "000000010000000000000010",
            last: "000000010000000000000010",
            count: 1,
            after: null,
        };
        const within = { ends: ends("000000010000000000000017"), histories };
        assert.ok("backup" in of(within));
        const refused = of({ ...within, gaps: [lost] });
        assert.match(
            "why" in refused ? refused.why : "",
            /B needs WAL that is missing: 000000010000000000000010$/,
        );
    });

    it("needs nothing of a timeline that was left before it began", () => {
        // 3 went along 2, to before that had left 1 (at 20): so nothing that 2 wrote is part of it.
        const histories = new Map([
            [2, [{ timeline: 1, lsn: BigInt(20 * SEGMENT) }]],
            [
                3,
                [
                    { timeline: 1, lsn: BigInt(20 * SEGMENT) },
                    { timeline: 2, lsn: BigInt(16 * SEGMENT + 100) },
                ],
            ],
        ]);
        const first = "000000020000000000000010";
        const gaps = [{ first, last: first, count: 1, after: null }];
        assert.equal(answer("latest", { timeline: 3 }, withRepository({ histories, gaps })), "B");
    });

    it("is restored along its own timeline, where only its end is wished", () => {
        const found = ask("immediate", { backup: "A", timeline: 2 });
        assert.equal("timeline" in found ? found.timeline : found.why, 1);
    });

    it("takes the first repository that can serve", () => {
        const other = repositoryOfRestore({ number: 2, name: "s3" });
        const young = repositoryOfRestore({ backups: [sampleBackup("D", 2, 8)] });
        const facts: Facts = { ...factsOfRestore(), repositories: [young, other] };
        assert.equal(answer("latest", {}, facts), "D");
        const found = ask("2026-11-27 02:00:00+00", {}, facts);
        assert.ok("backup" in found);
        assert.deepEqual([found.name, found.repository, found.backup.label], ["s3", 2, "A"]);
        assert.match(found.candidates[0]?.why ?? "", /^ended 2026-11-27 08:00:00\+00, after the target$/);
        assert.match(
            answer("2026-11-27 02:00:00+00", { repository: "local" }, facts),
            /before the oldest backup/,
        );
    });

    it("goes along what was archived last where no database runs, also where no backup is on it yet", () => {
        const backups = repositoryOfRestore({}).backups.filter(({ label }) => label !== "D");
        const found = ask("latest", {}, withRepository({ backups }, { running: undefined }));
        assert.ok("backup" in found);
        assert.deepEqual([found.backup.label, found.timeline, found.behind], ["B", 2, undefined]);
        const ends = new Map(
            [...repositoryOfRestore({}).ends].map(([timeline, end]) => [
                timeline,
                timeline === 1 ? { ...end, time: end.time + 86_400 } : end,
            ]),
        );
        const back = ask("latest", {}, withRepository({ backups, ends }, { running: undefined }));
        assert.ok("backup" in back);
        assert.deepEqual([back.backup.label, back.timeline], ["C", 1]);
    });

    it("warns where a time may have been on a branch that was left, and where a point is unknown", () => {
        const warnings = (at: string, facts = factsOfRestore()): string => {
            const found = ask(at, {}, facts);
            return "warnings" in found ? found.warnings.join() : found.why;
        };
        assert.match(
            warnings("2026-11-27 05:30:00+00"),
            /timeline 2 has left timeline 1 at 0\/10000000: .*timeline: 1$/,
        );
        assert.equal(warnings("2026-11-27 02:00:00+00"), "");
        const left = new Map([
            ...repositoryOfRestore({}).ends,
            [1, { segment: "00000001000000000000000F", time: START + 6 * HOUR }],
        ]);
        assert.equal(warnings("2026-11-27 05:30:00+00", withRepository({ ends: left })), "");
        assert.match(warnings("nobody's"), /nobody knows when this restore point was made/);
        const ends = new Map([...repositoryOfRestore({}).ends].filter(([timeline]) => timeline === 1));
        const fork = withRepository({ ends, backups: repositoryOfRestore({}).backups.slice(0, 3) });
        assert.match(
            warnings("latest", fork),
            /no WAL of timeline 2 is in the repository local yet: WAL ends at 0\/10000000/,
        );
    });

    it("tells what is left behind", () => {
        const behind = (at: string, wish: Partial<Wish> = {}) => {
            const found = ask(at, wish);
            return "behind" in found ? found.behind : found.why;
        };
        const now = factsOfRestore().now;
        const written = 0x24800000;
        assert.equal(behind("latest"), undefined);
        assert.equal(behind("unknown"), undefined);
        assert.deepEqual(behind("0/18000000"), { from: undefined, to: now, bytes: written - 0x18000000 });
        assert.deepEqual(behind("immediate"), {
            from: START + 8 * HOUR,
            to: now,
            bytes: written - 0x20000000,
        });
        // All that the two have in common ends where timeline 2 began.
        assert.deepEqual(behind("latest", { timeline: 1 }), {
            from: undefined,
            to: now,
            bytes: written - 0x10000000,
        });
        const atTime = behind("2026-11-27 03:30:00+00");
        assert.ok(typeof atTime === "object");
        assert.equal(atTime.from, START + 3.5 * HOUR);
        assert.ok(Math.abs(atTime.bytes - (written - 0xe000000)) < 3 * SEGMENT, String(atTime.bytes));
    });

    it("is refused where the disk has no room for it", () => {
        const size = 10 * 2 ** 30;
        const backups = repositoryOfRestore({}).backups.map((one) => ({ ...one, size }));
        assert.match(
            answer("latest", {}, withRepository({ backups }, { freeBytes: size - 1 })),
            /^the database of the backup D has 10GiB, and the disk of its volume has room for 10\.0GiB/,
        );
        const found = ask("latest", {}, withRepository({ backups }, { freeBytes: size }));
        assert.match("warnings" in found ? found.warnings.join() : "", /it may not be enough/);
    });

    it("knows of a backup without its positions where its WAL ends, and takes none without WAL", () => {
        const [first, ...rest] = repositoryOfRestore({}).backups;
        assert.ok(first !== undefined);
        const old = { ...first, lsn: undefined };
        assert.equal(
            answer("0/4FFFFFF", {}, withRepository({ backups: [old] })).startsWith("0/4FFFFFF is before"),
            false,
        );
        assert.equal(answer("0/5000000", {}, withRepository({ backups: [old] })), "A");
        assert.match(answer("0/3FFFFFF", {}, withRepository({ backups: [old] })), /ended at 0\/4000000/);
        assert.match(
            answer(
                "latest",
                {},
                withRepository({ backups: rest.map((one) => ({ ...one, wal: undefined })) }),
            ),
            /the newest, D was taken while PostgreSQL was stopped, and has no WAL$/,
        );
        assert.match(answer("latest", {}, withRepository({ backups: [] })), /has no backup$/);
    });

    it("has the positions and the size that pgBackRest tells", () => {
        const backup = {
            ...{ label: "A", type: "full", database: { "repo-key": 1 }, timestamp: { start: 1, stop: 2 } },
            ...{
                lsn: { start: "0/2000028", stop: "1/2000120" },
                info: { size: 7, repository: { delta: 3 } },
            },
        };
        const [read] = readInfo(JSON.stringify([{ name: "main", backup: [backup] }]), "main")?.backups ?? [];
        assert.deepEqual(
            [read?.lsn, read?.size, read?.added],
            [{ start: 0x2000028n, stop: 0x102000120n }, 7, 3],
        );
    });
});
