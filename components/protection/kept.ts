// Are the backups that a repository has what its list says?
import type { Backup } from "./info";
import type { RepositoryMemory } from "./state";
import { minute } from "./text";

/**
 * Seconds by which a backup may be dated ahead before that means something: a clock that is corrected by minutes just after a backup
 * harms nothing, since no schedule waits longer for it than a backup may be late.
 */
const CLOCKS = 3600;

/** Was it taken by now, as its date says? */
export function isPast({ start }: Backup, now: number): boolean {
    return start <= now + CLOCKS;
}

/** Backups in the list whose directories are not there, in words; or nothing. */
export function lostBackups(backups: readonly Backup[], directories: ReadonlySet<string>): string {
    const lost = backups.filter(({ label }) => !directories.has(label));
    const [first] = lost;
    if (first === undefined) return "";
    const gone = new Set(lost.map(({ label }) => label));
    const built = backups.filter(
        ({ label, needs }) => !gone.has(label) && needs.some((one) => gone.has(one)),
    );
    const more = built.length === 0 ? "" : `, nor ${names(built)}, which ${verb(built, "needs", "need")} it`;
    return (
        `the backup${lost.length === 1 ? "" : "s"} ${names(lost)} ${verb(lost, "is", "are")} in the repository's list, but ` +
        `${verb(lost, "its directory is", "their directories are")} gone: ${verb(lost, "it", "they")} cannot be restored${more}. ` +
        "A new backup is taken now, and the list is made true by it"
    );
}

/** Is the newest full one among them? What builds on one before it does not stand in for it. */
export function isFullLost(backups: readonly Backup[], directories: ReadonlySet<string>): boolean {
    const newest = backups.filter(({ type }) => type === "full").at(-1);
    return newest !== undefined && !directories.has(newest.label);
}

function names(backups: readonly Backup[]): string {
    return backups.map(({ label }) => label).join(", ");
}

function verb(some: readonly unknown[], one: string, more: string): string {
    return some.length === 1 ? one : more;
}

/** What is wrong with the clock, as far as backups show it, in words; or nothing. */
export function clockText(backups: readonly Backup[], now: number): string {
    const ahead = backups.filter((backup) => !isPast(backup, now)).at(-1);
    if (ahead === undefined) return "";
    return (
        `the backup ${ahead.label} is dated ${minute(ahead.start)} UTC, and now it is ${minute(now)} UTC: the clock was ahead when it was taken, or is behind ` +
        "now. pgBackRest takes no backup that would be older than its newest: set the clock right; if it is right, backups go on at that time"
    );
}

/**
 * What is said until somebody acknowledges it, when none of the backups is left that were there before: the repository was emptied, or
 * another one lies in its place. New backups would make it look as if nothing had been.
 */
export function lostHistory(
    { newest, lostBackups, gone }: Pick<RepositoryMemory, "newest" | "lostBackups" | "gone">,
    backups: readonly Backup[],
    now: number,
): string {
    const { full } = newest;
    // After a full backup that somebody took by hand the ones before it can be gone because they expired.
    const isEmptied = backups.length === 0 || lostBackups !== "";
    const isLost = full !== null && isEmptied && backups.every(({ start }) => start > full);
    if (gone === "" && !isLost) return "";
    return (
        `everything before ${minute(backups[0]?.stop ?? now)} UTC is gone: of the backups that the repository had none is left. ` +
        "Acknowledge it with acknowledge-loss.sh in the backup container, or put the repository back"
    );
}
