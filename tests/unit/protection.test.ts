import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Attempts } from "../../components/protection/attempts";
import { backingUpText } from "../../components/protection/doing";
import { dueTimes, hasGoodBackup, newestOf } from "../../components/protection/due";
import { type Backup, readInfo } from "../../components/protection/info";
import { expiresAutomatically, failureText, Said } from "../../components/protection/output";
import {
    damagedFiles,
    expireFirst,
    findPageErrors,
    pageErrorText,
    roomText,
} from "../../components/protection/pages";
import { NO_BACKUPS, type RepositoryMemory } from "../../components/protection/state";
import { type Evidence, judge } from "../../components/protection/verdict";
import { timetable } from "../support/fakeWorld";
import { DAY, memory, NOW } from "../support/repositoryMemory";

/** `F`, `D` and `I` a day each, small letters with page errors, the last one a day old. */
function history(types: string): Backup[] {
    return types.split("").map((letter, index) => ({
        label: `${index}${letter}`,
        type: letter.toUpperCase() === "F" ? "full" : letter.toUpperCase() === "D" ? "diff" : "incr",
        damaged: letter !== letter.toUpperCase(),
        ...{ needs: [], repository: 1, added: 100, size: 100, lsn: undefined, wal: undefined },
        start: NOW - (types.length - index) * DAY,
        stop: NOW - (types.length - index) * DAY + 60,
    }));
}

describe("what is due", () => {
    const times = timetable("full 30 1 * * 0\ndiff 30 1 * * 1-6\nverify 0 5 * * 6\ntimezone UTC");

    it("is a full backup now when there is none, whatever the rest says", () => {
        assert.equal(dueTimes(times, memory({ newest: NO_BACKUPS })).get("full"), 0);
        assert.equal(dueTimes(times, memory({ newest: NO_BACKUPS })).has("diff"), false);
    });
    it("counts from the newest backup that is at least as good", () => {
        const newest = newestOf(history("FDI"), 0, NOW);
        assert.deepEqual(newest, { full: NOW - 3 * DAY, diff: NOW - 2 * DAY, incr: NOW - DAY });
        assert.deepEqual(newestOf(history("FDF"), 0, NOW), {
            full: NOW - DAY,
            diff: NOW - DAY,
            incr: NOW - DAY,
        });
    });
    it("forgets what was backed up before WAL went elsewhere", () => {
        assert.deepEqual(newestOf(history("FD"), NOW, NOW), NO_BACKUPS);
        assert.equal(hasGoodBackup(history("FD"), NOW - 1.5 * DAY), false);
    });
    it("counts a backup with page errors as taken, but relies on none", () => {
        assert.equal(newestOf(history("f"), 0, NOW).full, NOW - DAY);
        assert.equal(hasGoodBackup(history("f"), 0), false);
        assert.equal(hasGoodBackup(history("fF"), 0), true);
    });
});

describe("what failed", () => {
    it("is tried again after waits that double, up to their longest, and anew after a success", () => {
        const attempts = new Attempts();
        const waits = (what: string, count: number) =>
            Array.from({ length: count }, () => attempts.failed(what, NOW));
        assert.deepEqual(waits("full", 10), [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
        assert.deepEqual(waits("prepare", 5), [10, 20, 40, 60, 60]);
        assert.ok(!attempts.may("full", NOW + 1799) && attempts.may("full", NOW + 1800));
        attempts.succeeded("full");
        assert.ok(attempts.may("full", NOW));
        assert.equal(attempts.failed("full", NOW), 10);
        attempts.postpone("diff", NOW);
        assert.ok(!attempts.may("diff", NOW + 9) && attempts.may("diff", NOW + 10));
        assert.equal(attempts.failed("diff", NOW), 10);
        attempts.forget();
        assert.ok(attempts.may("prepare", NOW));
    });
});

describe("page errors", () => {
    for (const [types, label, since, good] of [
        ["FDD", undefined, 0, ""],
        ["Ff", "1f", 1, "0F"],
        ["FfD", "1f", 2, "2D"],
        ["FDd", "2d", 1, "1D"],
        ["FDdD", undefined, 0, ""],
        ["ff", "1f", 2, undefined],
        ["FffdF", undefined, 0, ""],
        ["Fffd", "2f", 3, "0F"],
    ] as const)
        it(`of ${types} are those of ${label ?? "none"}`, () => {
            const found = findPageErrors(history(types));
            assert.equal(found?.label, label);
            if (found === undefined) return;
            assert.deepEqual([found.since, found.good], [NOW - since * DAY, good]);
        });

    it("let full backups with them go first, but never the oldest", () => {
        assert.deepEqual(expireFirst(history("fFfFdf")), ["2f", "5f"]);
        assert.deepEqual(expireFirst(history("f")), []);
    });
    it("name files and pages, five at most", () => {
        const line = (file: string, errors: string) =>
            `pg_data/base/5/${file}={"checksum":"x","checksum-page":false${errors},"size":8}`;
        const lines = [
            line("1", ',"checksum-page-error":[3,[7,9]]'),
            line("2", ""),
            line("3", ',"checksum-page-error":[1]'),
        ];
        assert.equal(
            damagedFiles(lines),
            "pg_data/base/5/1 page 3, 7-9; pg_data/base/5/2; pg_data/base/5/3 page 1",
        );
        assert.match(damagedFiles([...lines, ...lines, ...lines]), /; and 4 more$/);
        assert.equal(damagedFiles(["pg_data/x={broken"]), "pg_data/x");
    });
    it("are told in one sentence", () => {
        const [errors] = [findPageErrors(history("Ff"))];
        assert.ok(errors !== undefined);
        assert.match(
            pageErrorText(errors, "pg_data/x page 3", undefined),
            /^the backup 1f has page checksum errors: pg_data\/x page 3\. It has been so since 2026-11-26 06:00 UTC\. Nothing is expired until .* without is 0F\. A bucket does not fill.*docs\/damaged-page\.md$/,
        );
    });
});

describe("how long a repository's disk lasts", () => {
    const GIB = 2 ** 30;
    for (const [free, stored, seconds, expected] of [
        [100 * GIB, 10 * GIB, 10 * DAY, /has 100GiB left, at the present pace enough for 99 days/],
        [0, 10 * GIB, 10 * DAY, /has 0B left, at the present pace enough for 0 days/],
        [100 * GIB, 10 * GIB, DAY - 1, /has 100GiB left \(how long that lasts cannot be told/],
        [1.5 * GIB, GIB, DAY, /has 1\.5GiB left/],
        [2 ** 50, 1, 30 * DAY, /enough for years/],
        [2 ** 50, 0, 30 * DAY, /enough for years/],
    ] as const)
        it(`is told from what came in since the oldest backup: ${expected.source}`, () => {
            assert.match(roomText({ free, stored, seconds }), expected);
        });
});

describe("what pgBackRest says", () => {
    it("of a stanza is read with the progress of a backup", () => {
        const json = (status: unknown) => JSON.stringify([{ name: "main", status, backup: [] }]);
        const progress = { lock: { backup: { held: true, size: 200, "size-cplt": 50 } } };
        assert.deepEqual(readInfo(json({ code: 0, ...progress }), "main"), {
            backups: [],
            problem: "",
            readable: true,
            progress: { done: 50, all: 200 },
            archive: undefined,
        });
        const repo = [{ key: 1, status: { code: 3, message: "missing stanza data" } }];
        const unreadable = JSON.stringify([{ name: "main", status: { code: 3 }, repo }]);
        assert.equal(readInfo(unreadable, "main")?.problem, "missing stanza data");
        assert.equal(
            readInfo(json({ code: 2, lock: { backup: { held: false } } }), "main")?.progress,
            undefined,
        );
        assert.equal(readInfo(json({ code: 1 }), "main")?.readable, false);
        assert.equal(readInfo("[]", "main"), undefined);
    });
    it("of an error is one line, from the first error on, without what was said beside", () => {
        const [said, answered] = [new Said(), new Said()];
        for (const line of [
            "2026 P00   INFO: backup command begin",
            "2026 P00  ERROR: [041]: unable to open '/x':",
            "              [13] Permission denied",
            "2026 P00   INFO: backup command end: aborted",
        ])
            said.take(line);
        assert.equal(said.error, "[041]: unable to open '/x': [13] Permission denied");
        for (const line of [
            "2026 P00  ERROR: [039]: HTTP request failed with 409 (This operation is not permitted as the blob is immutable due to a policy.):",
            "              *** Path/Query: PUT /account/container/backup/main/backup.info",
            "              *** Request Headers:",
            "              authorization: <redacted>",
            "              *** Response Headers:",
            "              content-length: 274",
            "              *** Response Content:",
            "              <?xml version='1.0'?><Error><Code>BlobImmutableDueToPolicy</Code></Error>",
        ])
            answered.take(line);
        assert.ok(!/\*\*\*|authorization|content-length/.test(answered.error), answered.error);
        assert.match(
            failureText("full backup", answered.error, { signal: null, outOfMemory: false }),
            /^full backup failed: .*failed with 409.*: it lets nothing be overwritten .* keep versions/,
        );
        const text = failureText("full backup", "[028]: x", { signal: null, outOfMemory: false });
        assert.match(text, /another PostgreSQL cluster/);
        assert.match(
            failureText("x", "", { signal: "SIGKILL", outOfMemory: true }),
            /killed by signal SIGKILL - out of memory \(backupMemory\)/,
        );
    });
    it("of a verify counts by its status, not by its exit code", () => {
        const said = (...lines: string[]) => {
            const all = new Said();
            for (const line of lines) all.take(line);
            return all.damage;
        };
        assert.equal(said("stanza: main", "status: ok", "2026 P00   INFO: end"), undefined);
        assert.equal(
            said(
                "stanza: main",
                "status: error",
                "  backup: 1F, status: invalid",
                "    checksum invalid: 1",
                "2026 P00   INFO: end",
                "x",
            ),
            "status: error backup: 1F, status: invalid checksum invalid: 1",
        );
        assert.equal(said("stanza: main"), "");
    });
    it("about expiring by itself comes from the section that is nearest", () => {
        const conf = (...lines: string[]) => expiresAutomatically(lines.join("\n"), "main");
        assert.equal(conf("[global]", "process-max=2"), true);
        assert.equal(conf("[global]", "expire-auto=n"), false);
        assert.equal(conf("[global]", "expire-auto=n", "[global:backup]", "expire-auto=y"), true);
        assert.equal(conf("[main]", " expire-auto = n ", "[global:backup]", "expire-auto=y"), false);
        assert.equal(conf("[main:backup]", "expire-auto=y", "[main]", "expire-auto=n"), true);
        assert.equal(conf("[other]", "expire-auto=n", "[global:expire]", "expire-auto=n"), true);
    });
});

describe("is it protected", () => {
    const GIB = 2 ** 30;
    const published = {
        revision: "1-abc",
        repositories: [
            { name: "local", timetable: timetable("full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC") },
        ],
    };
    const before = { healthy: true, protected: true, since: NOW - DAY, sentence: "" };
    const evidence = (
        changes: Partial<Evidence> = {},
        repository: Partial<RepositoryMemory> = {},
        state = {},
    ): Evidence => ({
        ...{ published, archiving: {}, samples: [], grace: 3600, now: NOW },
        state: {
            activity: "idle, next (UTC): full x",
            error: "",
            repositories: { local: memory(repository) },
            ...state,
        },
        ...changes,
    });
    const cases: readonly (readonly [string, Evidence, RegExp])[] = [
        ["protected", evidence(), /^protected, idle, next \(UTC\): full x$/],
        [
            "with an error",
            evidence({}, {}, { error: "verify failed" }),
            /^protected, idle.*; last error: verify failed$/,
        ],
        [
            "with its data volume and what was forgotten",
            evidence({
                samples: [{ at: NOW, free: 46 * GIB }],
                archiving: { forgotten: "the replication slot x, which nobody reads" },
            }),
            /^protected, idle.*; the data volume has 46GiB free; the replication slot x, which nobody reads$/,
        ],
        [
            "with a data volume that fills",
            evidence({ samples: [{ at: NOW, free: GIB / 2 }] }),
            /^the data volume has 512MiB free, and PostgreSQL stops when it is full: make room/,
        ],
        [
            "without a configuration",
            evidence({ published: undefined }),
            /^no configuration is published \(not/,
        ],
        ["with a bad one", evidence({ published: "schedules: x" }), /cannot be used: schedules: x/],
        ["not in force", evidence({}, { archiving: "0-abb" }), /not in force yet: idle/],
        [
            "why not in force",
            evidence({}, { archiving: "" }, { error: "check failed" }),
            /not in force yet: check failed/,
        ],
        ["without repositories yet", evidence({}, {}, { repositories: {} }), /not in force yet/],
        [
            "damaged",
            evidence({}, { damage: "verify found damage" }),
            /^verify found damage \(not protected since 2026-11-27 06:00 UTC\)$/,
        ],
        [
            "without PostgreSQL",
            evidence({ archiving: { unreachable: "no socket\nat all" } }),
            /^PostgreSQL does not answer: no socket at all/,
        ],
        [
            "with failing WAL",
            evidence({ archiving: { failing: "since 1 with 2" } }),
            /^WAL does not arrive in the repository since 1 with 2/,
        ],
        [
            "with waiting WAL",
            evidence({ archiving: { waiting: "0000" } }),
            /segment 0000 has waited for more than 5 minutes/,
        ],
        [
            "with page errors",
            evidence({}, { damagedPages: "the backup 1F has page" }),
            /^the backup 1F has page/,
        ],
        ["without a backup", evidence({}, { newest: NO_BACKUPS }), /there is no full backup yet: idle/],
        [
            "without one in time",
            evidence({}, { newest: { full: NOW - 8 * DAY, diff: NOW - 3600, incr: NOW - 3600 } }),
            /^the full backup of 2026-11-22 01:30 UTC is missing/,
        ],
    ];
    for (const [what, given, expected] of cases)
        it(what, () => {
            const verdict = judge(given, before);
            assert.match(verdict.sentence, expected);
            assert.equal(verdict.healthy, expected.source.startsWith("^protected"));
            assert.equal(verdict.protected, verdict.healthy);
            assert.equal(verdict.cause === undefined, verdict.healthy);
            assert.equal(verdict.since, verdict.protected ? before.since : NOW);
        });

    it("with the kind of trouble, which stays while its words change", () => {
        const causeOf = (changes: Partial<Evidence>, repository: Partial<RepositoryMemory> = {}) =>
            judge(evidence(changes, repository), before).cause;
        assert.equal(causeOf({ archiving: { failing: "since 1 with 2" } }), "archiving");
        assert.equal(causeOf({ archiving: { failing: "since 2 with 3" } }), "archiving");
        assert.equal(causeOf({}, { newest: { ...NO_BACKUPS, full: NOW - 8 * DAY } }), "late");
        assert.equal(causeOf({}, { missingWal: "a gap", gone: "all" }), "gap");
        assert.equal(causeOf({}, { gone: "all" }), "gone");
        assert.equal(causeOf({ drills: { local: { lacking: "the drill has failed", given: "" } } }), "drill");
        assert.equal(causeOf({}), undefined);
    });
    it("not missing while it runs, or within its grace", () => {
        const late = { newest: { full: NOW - DAY, diff: NOW - 2 * DAY, incr: NOW - 2 * DAY } };
        assert.ok(!judge(evidence({}, late), before).healthy);
        assert.ok(
            judge(evidence({}, late, { activity: "diff backup: running, 3 % of 5 MiB" }), before).healthy,
        );
        // One that has failed and is tried again is missing until it has not failed: or health would be green for as long as each try takes.
        for (const error of ["diff backup failed: [125]: terminated", ""]) {
            const again = { activity: `${backingUpText("diff", ["verify", "diff"])}, 3 % of 5 MiB`, error };
            assert.match(
                judge(evidence({}, late, again), before).sentence,
                /^the diff backup of .* is missing(: diff backup failed: \[125\]: terminated)? \(not/,
            );
        }
        const other = { activity: backingUpText("diff", ["verify"]), error: "verify failed: [125]" };
        assert.ok(judge(evidence({}, late, other), before).healthy);
        assert.ok(judge(evidence({ grace: DAY * 2 }, late), before).healthy);
    });
    it("healthy but not protected without a repository", () => {
        const verdict = judge(evidence({ published: { ...published, repositories: [] } }), before);
        assert.deepEqual(
            [verdict.healthy, verdict.protected, verdict.sentence],
            [true, false, "no repository: not protected"],
        );
    });
});
