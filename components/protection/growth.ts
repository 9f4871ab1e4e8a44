import type { Backup } from "./info";

const DAY = 86_400;
const WEEK = 7 * DAY;

/**
 * Bytes a day that backups of the last week have added to a repository, those that have expired since not counted; nothing where its
 * backups do not go back for a day.
 */
export function addedPerDay(
    backups: readonly Pick<Backup, "start" | "stop" | "added">[],
    now: number,
): number | undefined {
    const first = Math.min(...backups.map(({ start }) => start));
    const span = Math.min(WEEK, now - first);
    if (!(span >= DAY)) return undefined;
    const added = backups
        .filter(({ stop }) => stop > now - span)
        .reduce((sum, backup) => sum + backup.added, 0);
    return (added * DAY) / span;
}
