/** Bytes of WAL before its own that a backup waits for at its end. More, and the copy may be thrown away after `archive-timeout`. */
const MOST_WAITING = 2 ** 30;
const WAITING = "waiting until WAL is archived";

/** What has to be archived before a backup is worth its while, for people; nothing when it can begin. */
export function backlogOf({
    backlog = 0,
    archived,
}: {
    readonly backlog?: number | undefined;
    readonly archived?: { readonly segmentSize: number } | undefined;
}): string | undefined {
    const size = archived?.segmentSize ?? 0;
    return backlog * size <= MOST_WAITING
        ? undefined
        : `${WAITING}: ${backlog} segments (${Math.ceil((backlog * size) / 2 ** 20)} MiB) are before it`;
}

/** Does the service wait for that? */
export function isBehind(activity: string): boolean {
    return activity.includes(WAITING);
}
