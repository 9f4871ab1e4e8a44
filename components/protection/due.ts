import { nextScheduled, RUNS, type Scheduled, type Timetable } from "../schedule/file";
import type { Backup } from "./info";
import { isPast } from "./kept";
import { minute } from "./text";
import type { RepositoryMemory } from "./state";

/**
 * When the newest backup of each kind, or of a better one, began; whatever became of it. One that is dated in the future would silence
 * the schedule until then.
 */
export function newestOf(backups: readonly Backup[], since: number, now: number): RepositoryMemory["newest"] {
    const counting = backups.filter((backup) => backup.start >= since && isPast(backup, now));
    const newest = (...kinds: Backup["type"][]) =>
        counting.filter(({ type }) => kinds.includes(type)).at(-1)?.start ?? null;
    return { full: newest("full"), diff: newest("full", "diff"), incr: newest("full", "diff", "incr") };
}

/** Is there a full backup that can be relied on? One with page errors has been taken, and protects nothing. */
export function hasGoodBackup(backups: readonly Backup[], since: number): boolean {
    return backups.some(({ type, damaged, start }) => type === "full" && !damaged && start >= since);
}

/** When what is due at once is due. */
export const AT_ONCE = 0;

/** When the last verify was, if there is to be one at once. */
export const NEVER = 0;

/** When each kind of run is due next; what never is, is not there. */
export type Due = ReadonlyMap<Scheduled, number>;

/**
 * A kind counts from the newest backup that is at least as good, so a missed run is due at once. Without a full one that is due now, and
 * where WAL or a backup is missing, one that needs nothing of it; on a timeline on which no backup has begun, as after a restore, one that is
 * its own, so that what comes after the restore does not hang on what lies before it.
 */
export function dueTimes(timetable: Timetable, memory: RepositoryMemory): Due {
    const { newest, verified, firstBackupAt } = memory;
    const due = new Map<Scheduled, number>();
    for (const kind of RUNS) {
        const last = kind === "verify" ? verified : newest[kind];
        const next = last === null ? undefined : nextScheduled(timetable, kind, last);
        if (next !== undefined) due.set(kind, next);
    }
    if (verified === NEVER) due.set("verify", AT_ONCE);
    if (memory.conflict !== null) due.set("full", AT_ONCE);
    else if (newest.full === null) due.set("full", firstBackupAt ?? AT_ONCE);
    // A diff would build on the full one before it, and the schedule's would be late at once.
    else if (memory.lostFull) due.set("full", AT_ONCE);
    else if (memory.missingWal !== "" || memory.lostBackups !== "" || memory.isUnbacked)
        due.set("diff", AT_ONCE);
    return due;
}

/** `full 2026-11-29 01:30, diff at once` */
export function dueText(due: Due): string {
    return [...due].map(([kind, time]) => `${kind} ${dueAt(time)}`).join(", ");
}

/** @param zone behind a time, which is in UTC */
export function dueAt(time: number, zone = ""): string {
    return time === AT_ONCE ? "at once" : `${minute(time)}${zone}`;
}
