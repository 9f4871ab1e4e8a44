import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { figures, type Seen, TROUBLES } from "../../components/monitoring/figures";
import { newState, type RepositoryMemory } from "../../components/protection/state";
import { type Evidence, judge } from "../../components/protection/verdict";
import { metricsText } from "../../service/metricsText";
import { timetable } from "../support/fakeWorld";
import { DAY, fullBackup, memory, NOW } from "../support/repositoryMemory";

const TIMES = timetable(
    "full 30 1 * * 0\ndiff 30 1 * * 1-6\nverify 0 5 * * 6\ndrill 0 4 * * 3\ntimezone UTC",
);

function seen(changes: Partial<Evidence> = {}, more: Partial<Seen> = {}): Seen {
    const evidence: Evidence = {
        published: { revision: "1-abc", repositories: [{ name: "local", timetable: TIMES }] },
        state: { activity: "idle", error: "", repositories: { local: memory() } },
        archiving: { backlog: 2, archived: { last: "", segmentSize: 2 ** 24 } },
        ...{ samples: [], grace: 3600, now: NOW },
        ...changes,
    };
    return {
        evidence,
        verdict: judge(evidence, newState("host", NOW).verdict),
        ...{ written: NOW, failing: [], drills: { ended: [], running: undefined } },
        repositories: [{ name: "local", number: 1, place: "posix:volume x" }],
        backups: [fullBackup("000000010000000000000002")],
        sizes: {},
        ...more,
    };
}

/** Lines of the text by what is before their value. */
function lines(of: Seen): ReadonlyMap<string, number> {
    return new Map(
        metricsText(figures(of))
            .split("\n")
            .filter((line) => line !== "" && !line.startsWith("#"))
            .map((line) => {
                const at = line.lastIndexOf(" ");
                return [line.slice(0, at), Number(line.slice(at + 1))] as const;
            }),
    );
}

const reason = fc.oneof(
    { weight: 20, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constant("something is wrong") },
);
const changedMemory = fc
    .record({
        archiving: fc.constantFrom(..."1-abc ".repeat(9).trim().split(" "), "0-old"),
        ...{ damage: reason, damagedPages: reason, missingWal: reason, unreachable: reason },
        ...{ lostBackups: reason, ahead: reason, gone: reason, full: reason },
        newest: fc.record({
            full: fc.option(fc.integer({ min: NOW - 9 * DAY, max: NOW })),
            diff: fc.option(fc.integer({ min: NOW - 2 * DAY, max: NOW })),
            incr: fc.constant(null),
        }),
    })
    .map((changes): RepositoryMemory => memory(changes));
const evidences = fc.record({
    published: fc.oneof(
        fc.constant(undefined),
        fc.constant("no schedules"),
        fc.record({
            revision: fc.constant("1-abc"),
            repositories: fc.subarray(
                ["local", "offsite", 'odd "name"'].map((name) => ({ name, timetable: TIMES })),
            ),
        }),
    ),
    state: fc.record({
        activity: fc.constantFrom("idle", "full backup: running", "diff backup: running after a failure"),
        error: reason,
        repositories: fc.dictionary(fc.constantFrom("local", "offsite", 'odd "name"'), changedMemory),
    }),
    archiving: fc.oneof(
        fc.constant({}),
        fc.record({ unreachable: reason, failing: reason, backlog: fc.nat(100) }, { requiredKeys: [] }),
    ),
    drills: fc.dictionary(fc.constantFrom("local", "offsite"), fc.record({ lacking: reason, given: reason })),
});

describe("the figures", () => {
    it("say protected exactly where the verdict does, whatever the evidence is", () => {
        fc.assert(
            fc.property(evidences, (changes) => {
                const one = seen(changes);
                const { protected: isProtected, healthy } = one.verdict;
                const found = lines(one);
                assert.equal(found.get("protection_protected"), Number(isProtected));
                assert.equal(found.get("protection_healthy"), Number(healthy));
                const causes = [...found].filter(
                    ([line, value]) => line.startsWith("protection_cause") && value === 1,
                );
                assert.equal(causes.length, Number(!healthy));
            }),
            { numRuns: 500 },
        );
        assert.equal(
            lines(seen({ drills: { local: { lacking: "", given: "" } } })).get("protection_protected"),
            1,
        );
    });

    it("show a trouble of a repository wherever one makes the verdict red", () => {
        fc.assert(
            fc.property(changedMemory, (local) => {
                const one = seen({
                    state: { activity: "idle", error: "", repositories: { local } },
                    archiving: {},
                });
                const found = lines(one);
                const value = (name: string) => found.get(`protection_${name}`) ?? 0;
                const troubled = Object.keys(TROUBLES)
                    .filter((trouble) => trouble !== "unreachable_moments")
                    .some(
                        (trouble) =>
                            value(`repository_trouble{repository="local",trouble="${trouble}"}`) === 1,
                    );
                const isLate = ["full", "diff"].some((kind) => {
                    const labels = `{repository="local",kind="${kind}"}`;
                    const due = found.get(`protection_backup_due_timestamp_seconds${labels}`) ?? Infinity;
                    return value(`backup_timestamp_seconds${labels}`) === 0
                        ? kind === "full"
                        : due + 3600 < NOW;
                });
                const isOff = value('configuration_in_force{repository="local"}') === 0;
                assert.equal(one.verdict.protected, !(troubled || isLate || isOff), one.verdict.sentence);
            }),
            { numRuns: 500 },
        );
    });

    it("have a name, a meaning and a type each, and labels that need no escape keep their words", () => {
        const text = metricsText(figures(seen()));
        for (const { name, help } of figures(seen())) {
            assert.match(name, /^protection_[a-z_]+$/);
            assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} gauge\n`), name);
        }
        const odd = seen({ state: { activity: "", error: "", repositories: { 'a"b\\c\nd': memory() } } });
        assert.ok(metricsText(figures(odd)).includes('{repository="a\\"b\\\\c\\nd"'));
    });

    for (const [what, one, line, value] of [
        ["the backlog in bytes", seen(), "wal_backlog_bytes", 2 ** 25],
        ["no backlog where it is not known", seen({ archiving: {} }), "wal_backlog_segments", undefined],
        ["a database that is down", seen({ archiving: { unreachable: "x" } }), "database_up", 0],
        ["an archive command that fails", seen({ archiving: { failing: "x" } }), "archiving_failing", 1],
        ["a segment that waits", seen({ archiving: { waiting: "x" } }), "archiving_waiting", 1],
        ["what fails", seen({}, { failing: ["expire"] }), 'run_failing{run="expire"}', 1],
        ["what does not", seen({}, { failing: ["expire"] }), 'run_failing{run="full"}', 0],
        ["the backups", seen(), 'repository_backups{repository="local"}', 1],
        ["their bytes", seen(), 'repository_backup_bytes{repository="local"}', 1],
        ["the newest", seen(), 'backup_timestamp_seconds{repository="local",kind="full"}', NOW - 3600],
        [
            "when the next is due",
            seen(),
            'backup_due_timestamp_seconds{repository="local",kind="full"}',
            Date.UTC(2026, 10, 29, 1, 30) / 1000,
        ],
        ["WAL that nobody has listed", seen(), 'repository_wal_bytes{repository="local"}', undefined],
        [
            "WAL that was listed",
            seen({}, { sizes: { local: { wal: 7, free: undefined } } }),
            'repository_wal_bytes{repository="local"}',
            7,
        ],
        ["no disk of a bucket", seen(), 'repository_free_bytes{repository="local"}', undefined],
        ["no pace from an hour", seen(), 'repository_added_bytes_per_day{repository="local"}', undefined],
        [
            "a pace from days",
            seen({}, { backups: [fullBackup("x", { start: NOW - 2 * DAY, stop: NOW - DAY, added: 100 })] }),
            'repository_added_bytes_per_day{repository="local"}',
            50,
        ],
        ["a database that does not tell", seen(), 'configuration_loaded{by="postgresql"}', undefined],
        [
            "an older configuration",
            seen({ archiving: { loaded: "0-old" } }),
            'configuration_loaded{by="postgresql"}',
            0,
        ],
        [
            "one that nobody can compare with what is published",
            seen({ published: "no schedules", archiving: { loaded: "0-old" } }),
            'configuration_loaded{by="postgresql"}',
            undefined,
        ],
        ["nothing that waits", seen(), "settings_waiting", 0],
        [
            "settings that wait",
            seen({ archiving: { archived: { last: "", segmentSize: 1 }, pending: "a, b" } }),
            "settings_waiting",
            2,
        ],
        [
            "an end",
            seen({
                state: {
                    ...{ activity: "", error: "", repositories: { local: memory() } },
                    ends: [{ setting: "tlsCertificate", at: 9 }],
                },
            }),
            'credential_end_timestamp_seconds{setting="tlsCertificate"}',
            9,
        ],
        ["no drill yet", seen(), `drill_timestamp_seconds{repository="local"}`, 0],
        ["free bytes", seen({ samples: [{ at: NOW, free: 5 }] }), "data_volume_free_bytes", 5],
        [
            "what a drill took",
            seen(
                {},
                {
                    drills: {
                        running: undefined,
                        ended: [
                            {
                                began: NOW - DAY,
                                ended: NOW - DAY,
                                result: "passed",
                                why: "",
                                recoveryTime: 40,
                                recoveryPoint: 7,
                            },
                        ],
                    },
                },
            ),
            `drill_recovery_time_seconds{repository="local"}`,
            40,
        ],
    ] as const)
        it(`tell ${what}`, () => {
            assert.equal(lines(one).get(`protection_${line}`), value);
        });
});
