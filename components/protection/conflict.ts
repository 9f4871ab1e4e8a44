// A snapshot of PostgreSQL's host that was rolled back, or a copy of its data that was started, writes other WAL under names that the
// repository has already. archive-push refuses it again and again, and a backup that ends there takes the other's WAL for its own.
import * as v from "valibot";
import type { Backup } from "./info";
import { readNames, timelineOf } from "./wal";

export const Conflict = v.object({
    /** The first segment that is another one in the repository. */
    first: v.string(),
    /** The newest of its timeline there: behind it the names are free. */
    last: v.string(),
    /** When it was found, in seconds since the epoch. */
    since: v.number(),
});
/** WAL in the repository that is not what PostgreSQL has written. */
export type Conflict = v.InferOutput<typeof Conflict>;

/** The checksum of a segment's content, by which pgBackRest names the file, as `repo-ls --output=json` lists its directory. */
export function listedChecksum(json: string, segment: string): string | undefined {
    const file = readNames(json)?.find((name) => name.startsWith(`${segment}-`));
    return file?.slice(segment.length + 1).split(".")[0];
}

/** The last directory with WAL of a segment's timeline. */
export function lastDirectory(names: readonly string[], segment: string): string | undefined {
    return names
        .filter((name) => /^[0-9A-F]{16}$/.test(name) && name.startsWith(timelineOf(segment)))
        .sort()
        .at(-1);
}

/** Has a backup ended well that needs none of those names? */
export function isOver({ last, since }: Conflict, backups: readonly Backup[]): boolean {
    return backups.some(({ start, wal }) => start >= since && wal !== undefined && wal.first > last);
}

/** Is PostgreSQL still at names that the repository has? Only behind them a backup gets its own WAL. */
export function isAmong(conflict: Conflict | null, archived: string): boolean {
    return conflict !== null && archived <= conflict.last;
}

/** For people. */
export function conflictText(conflict: Conflict, archived: string): string {
    const what =
        `the repository has another WAL segment ${conflict.first} than PostgreSQL writes: its data is older than the repository (a snapshot that was ` +
        "rolled back, a copy that was started), or another server archives to the same place";
    return isAmong(conflict, archived)
        ? `${what}. Nothing of now can be restored, and no backup is taken, because it would mix both. ` +
              "Begin anew under another stanza: see docs/health.md, Another WAL segment"
        : `${what}. PostgreSQL is behind those names now: a full backup that ends well closes it`;
}
