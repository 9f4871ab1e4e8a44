/** Seconds between two commits of the backup service that only tell a drill how new what it has recovered is. */
const USUAL = 300;
const LEAST = 30;
/** Seconds that a segment may need until it is in the repository. */
const WAY = 30;

/**
 * How often they have to come, so that even of an idle database what is recovered is no older than `rpo`: the newest of them waits for the
 * end of its segment, and that for its way. Seconds.
 * @param archiveTimeout seconds after which PostgreSQL ends a segment that is not full
 */
export function heartbeatOf(rpo: number | undefined, archiveTimeout: number): number {
    if (rpo === undefined) return USUAL;
    return Math.max(LEAST, Math.min(USUAL, Math.floor(rpo / 3), rpo - archiveTimeout - WAY));
}

/** The least recovery point in seconds that can be held so; nothing where segments end only when they are full. */
export function leastRpo(archiveTimeout: number): number | undefined {
    return archiveTimeout === 0 ? undefined : archiveTimeout + LEAST + WAY;
}
