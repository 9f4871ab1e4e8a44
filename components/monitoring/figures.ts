import type { Drills } from "../drill/due";
import { CAUSES } from "../protection/cause";
import { hoursLeft } from "../protection/dataVolume";
import { activityFor, isBackingUp, isTryingAgain } from "../protection/doing";
import { NEVER } from "../protection/due";
import type { Backup } from "../protection/info";
import type { PublishedRepository, RepositoryMemory, Verdict } from "../protection/state";
import type { Evidence } from "../protection/verdict";
import { BACKUPS, nextScheduled, type Timetable } from "../schedule/file";
import { ofDrills } from "./drills";
import { type Figure, gauge, type Sample, yes } from "./figure";
import { ofConfiguration, ofSizes, type Size } from "./sizes";

/** What the verdict was made from, and what the service knows besides: all that there are figures of. */
export interface Seen {
    readonly evidence: Evidence;
    readonly verdict: Verdict;
    /** When it was written last: who reads it knows whether the service hangs. */
    readonly written: number;
    readonly repositories: readonly PublishedRepository[];
    readonly drills: Drills;
    readonly backups: readonly Backup[];
    /** What has failed and is tried again: a kind of run, `expire`, `prepare`, `room`. */
    readonly failing: readonly string[];
    /** By the repository's name. */
    readonly sizes: Readonly<Record<string, Size>>;
}

/** What may fail and is tried again. */
export const ATTEMPTED = [...BACKUPS, "verify", "expire", "prepare", "room"] as const;
/** What may be wrong with a repository. */
export const TROUBLES = {
    damage: ({ damage }) => damage !== "",
    full: ({ full }) => full !== "",
    conflict: ({ conflict }) => conflict !== null,
    missing_wal: ({ missingWal }) => missingWal !== "",
    unreachable_moments: ({ unreachable }) => unreachable !== "",
    lost_backups: ({ lostBackups }) => lostBackups !== "",
    clock: ({ ahead }) => ahead !== "",
    emptied: ({ gone }) => gone !== "",
    damaged_pages: ({ damagedPages }) => damagedPages !== "",
} as const satisfies Readonly<Record<string, (memory: RepositoryMemory) => boolean>>;

/** All that is told of a stack in numbers. Times are seconds since the epoch: an age is `time()` without one. */
export function figures(seen: Seen): Figure[] {
    const { evidence, verdict } = seen;
    const { published, state } = evidence;
    const memories = Object.entries(state.repositories);
    const of = (value: (memory: RepositoryMemory) => number | undefined): Sample[] =>
        memories.flatMap(([repository, memory]) => {
            const number = value(memory);
            return number === undefined ? [] : [{ labels: { repository }, value: number }];
        });
    const { revision = "" } = typeof published === "object" ? published : {};
    return [
        gauge("protected", "Is the database protected? The one answer that health, up and status give.", [
            yes(verdict.protected),
        ]),
        gauge("healthy", "Is all as it should be? So it is without a repository, too.", [
            yes(verdict.healthy),
        ]),
        gauge("since_timestamp_seconds", "Since when it is protected, or is not.", [
            { value: verdict.since },
        ]),
        gauge("written_timestamp_seconds", "When the backup service judged last: every 20 seconds.", [
            { value: seen.written },
        ]),
        gauge(
            "cause",
            "What makes it red; only the worst.",
            CAUSES.map((cause) => ({ labels: { cause }, value: Number(verdict.cause === cause) })),
        ),
        gauge("configuration_info", "The published configuration.", [{ labels: { revision }, value: 1 }]),
        gauge(
            "configuration_in_force",
            "Does WAL go to this repository by the published configuration?",
            of(({ archiving }) => Number(archiving === revision && revision !== "")),
        ),
        ...ofConfiguration(evidence, revision),
        gauge(
            "repository_trouble",
            "What is wrong with a repository.",
            memories.flatMap(([repository, memory]) =>
                Object.entries(TROUBLES).map(([trouble, isThere]) => ({
                    labels: { repository, trouble },
                    value: Number(isThere(memory)),
                })),
            ),
        ),
        gauge(
            "run_failing",
            "Has this failed, and is tried again?",
            ATTEMPTED.map((run) => ({ labels: { run }, value: Number(seen.failing.includes(run)) })),
        ),
        gauge("error", "Is the last error not over yet?", [yes(state.error !== "")]),
        ...ofArchiving(evidence, memories),
        ...ofBackups(seen, memories),
        ...ofDrills(seen, memories),
        ...ofVolume(evidence),
    ];
}

const NO_TIMETABLE: Timetable = { schedules: new Map(), timezone: "UTC" };
type Memories = readonly (readonly [name: string, memory: RepositoryMemory])[];

function ofArchiving({ archiving }: Evidence, memories: Memories): Figure[] {
    const { backlog } = archiving;
    const size = archiving.archived?.segmentSize;
    return [
        gauge("database_up", "Does PostgreSQL answer?", [yes(archiving.unreachable === undefined)]),
        gauge("archiving_failing", "Does archive_command fail?", [yes(archiving.failing !== undefined)]),
        gauge("archiving_waiting", "Has a segment waited for more than five minutes?", [
            yes(archiving.waiting !== undefined),
        ]),
        gauge("wal_backlog_segments", "WAL segments that are not archived yet.", [{ value: backlog }]),
        gauge("wal_backlog_bytes", "The same in bytes.", [
            { value: backlog === undefined || size === undefined ? undefined : backlog * size },
        ]),
        gauge(
            "wal_missing_segments",
            "WAL segments that are not in the repository, though later ones are.",
            memories.map(([repository, { wal }]) => ({
                labels: { repository },
                value: wal.gaps.reduce((sum, { count }) => sum + count, 0),
            })),
        ),
    ];
}

function ofBackups({ evidence, repositories, backups, sizes }: Seen, memories: Memories): Figure[] {
    const { published } = evidence;
    const timetables = new Map(
        typeof published === "object"
            ? published.repositories.map(({ name, timetable }) => [name, timetable] as const)
            : [],
    );
    const timetableOf = (repository: string): Timetable => timetables.get(repository) ?? NO_TIMETABLE;
    const each = (
        value: (
            memory: RepositoryMemory,
            kind: (typeof BACKUPS)[number],
            timetable: Timetable,
        ) => number | undefined,
    ) =>
        memories.flatMap(([repository, memory]) =>
            BACKUPS.filter((kind) => timetableOf(repository).schedules.has(kind)).map((kind) => ({
                labels: { repository, kind },
                value: value(memory, kind, timetableOf(repository)),
            })),
        );
    const due = (
        { newest }: RepositoryMemory,
        kind: (typeof BACKUPS)[number],
        timetable: Timetable,
    ): number | undefined => {
        const last = newest[kind];
        return last === null ? undefined : nextScheduled(timetable, kind, last);
    };
    const held = memories.map(([repository]) => {
        const number = repositories.find(({ name }) => name === repository)?.number;
        return { repository, held: backups.filter((backup) => backup.repository === number) };
    });
    const verified = (memory: RepositoryMemory): number | undefined =>
        memory.verified === null || memory.verified === NEVER ? undefined : memory.verified;
    return [
        gauge(
            "backup_timestamp_seconds",
            "When the newest backup of this kind, or a better one, began; 0 when there is none.",
            each(({ newest }, kind) => newest[kind] ?? 0),
        ),
        gauge("backup_due_timestamp_seconds", "When its schedule wants the next.", each(due)),
        gauge(
            "backup_running",
            "Does a backup run, the first try or again after a failure? None is late during the first.",
            memories.flatMap(([repository]) => {
                const activity = activityFor(evidence.state, repository);
                const of = (what: string, isThat: boolean): Sample => ({
                    labels: { repository, try: what },
                    value: Number(isBackingUp(activity) && isThat),
                });
                return [of("first", !isTryingAgain(activity)), of("again", isTryingAgain(activity))];
            }),
        ),
        gauge("backup_grace_seconds", "How late one may be before health is red.", [
            { value: evidence.grace },
        ]),
        gauge(
            "repository_backups",
            "Backups in the repository.",
            held.map(({ repository, held }) => ({ labels: { repository }, value: held.length })),
        ),
        gauge(
            "repository_backup_bytes",
            "Bytes that they need there, without WAL.",
            held.map(({ repository, held }) => ({
                labels: { repository },
                value: held.reduce((sum, { added }) => sum + added, 0),
            })),
        ),
        ...ofSizes(held, sizes, evidence.now),
        gauge(
            "database_bytes",
            "Bytes of the database when the newest backup is restored.",
            held.map(({ repository, held }) => ({
                labels: { repository },
                value: held.at(-1)?.size,
            })),
        ),
        gauge(
            "verify_timestamp_seconds",
            "When the last verify began.",
            memories.map(([repository, memory]) => ({ labels: { repository }, value: verified(memory) })),
        ),
        gauge(
            "verify_due_timestamp_seconds",
            "When its schedule wants the next verify.",
            memories.map(([repository, memory]) => {
                const last = verified(memory);
                return {
                    labels: { repository },
                    value:
                        last === undefined
                            ? undefined
                            : nextScheduled(timetableOf(repository), "verify", last),
                };
            }),
        ),
    ];
}

function ofVolume({ samples }: Evidence): Figure[] {
    return [
        gauge("data_volume_free_bytes", "Free where PostgreSQL's data lie.", [
            { value: samples.at(-1)?.free },
        ]),
        gauge(
            "data_volume_hours_left",
            "Until it is full at the present pace; nothing while it does not fill.",
            [{ value: hoursLeft(samples) }],
        ),
    ];
}
