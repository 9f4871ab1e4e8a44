// From when to when a database can be restored, as far as its backups and its WAL tell.
import { addedPerDay } from "../../components/protection/growth";
import type { Backup } from "../../components/protection/info";
import type { RepositoryMemory } from "../../components/protection/state";
import { bytes, duration } from "../../components/protection/text";
import { counted } from "../../components/schedule/calendar";

/** `2026-11-27 06:00:00`, in UTC. */
export function second(seconds: number): string {
    return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** `43 % of 1.2GiB` */
export function amountText({ done, all }: { readonly done: number; readonly all: number }): string {
    return `${Math.floor((done * 100) / all)} % of ${bytes(all)}`;
}

export interface Reach {
    /** The first and the last moment, in seconds since the epoch. */
    readonly from: number;
    readonly to: number;
    /** Which moments between them cannot, for people; or nothing. */
    readonly except: string;
}

/**
 * Of a repository; nothing where there is nothing to restore. A backup with damaged pages counts for nothing, as restore takes none.
 * @param newestWal when the newest segment was archived; nothing where that is not known
 */
export function reachOf(
    backups: readonly Backup[],
    memory: Pick<RepositoryMemory, "since" | "wal" | "unreachable" | "conflict"> | undefined,
    newestWal: number | undefined,
): Reach | undefined {
    const good = backups.filter(({ damaged, start }) => !damaged && start >= (memory?.since ?? 0));
    const [oldest] = good;
    const newest = good.at(-1);
    if (oldest === undefined || newest === undefined) return undefined;
    // Behind a gap that no backup is behind of, nothing is reached.
    const open = memory?.wal.gaps.find(
        (gap) => !backups.some(({ wal }) => wal !== undefined && wal.first > gap.last),
    );
    const ends = [newestWal ?? newest.stop, open?.after, memory?.conflict?.since].filter(
        (time) => typeof time === "number",
    );
    return {
        from: oldest.stop,
        to: Math.max(oldest.stop, Math.min(...ends)),
        except: memory?.unreachable ?? "",
    };
}

export function heldBytes(backups: readonly Pick<Backup, "added">[]): number {
    return backups.reduce((sum, { added }) => sum + added, 0);
}

/**
 * What a repository holds, and how much backups add to it.
 * @param wal bytes; nothing where it could not be listed
 */
export function heldText(
    backups: readonly Pick<Backup, "added" | "start" | "stop">[],
    wal: number | undefined,
    now: number,
): string {
    const segments = wal === undefined ? "WAL not listed" : `${bytes(wal)} of WAL`;
    const pace = addedPerDay(backups, now);
    const added = pace === undefined ? "" : `; ${bytes(pace)} a day by backups`;
    return `${bytes(heldBytes(backups))} in ${counted(backups.length, "backup")}, ${segments}${added}`;
}

export function reachText(reach: Reach | undefined, now: number): string {
    if (reach === undefined) return "nothing can be restored yet: there is no good full backup";
    const { from, to, except } = reach;
    const but = except === "" ? "" : `, but ${except}`;
    return `can be restored to any moment from ${second(from)} to ${second(to)} UTC (${duration(now - to)} ago)${but}`;
}

/** A backup as a row: label, type, when it ended, what it holds and what it has added. */
export function backupRow({ label, type, stop, added, damaged }: Backup, now: number): string[] {
    return [
        label,
        type,
        `${second(stop)} UTC`,
        `${duration(now - stop)} ago`,
        bytes(added),
        damaged ? "has damaged pages" : "",
    ];
}
export const BACKUP_HEAD = ["backup", "type", "ended", "", "added", ""];

/** The same for programs. */
export function backupData({ label, type, start, stop, added, damaged, repository, needs }: Backup) {
    return { label, type, start, stop, added, damaged, repository, needs };
}
