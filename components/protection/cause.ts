/** Why a database is not protected, or not proven to be: the kind of trouble, which stays the same while its words change. */
export const CAUSES = [
    /** Nothing is published, or what is published is not in force or cannot be. */
    "configuration",
    /** PostgreSQL does not answer. */
    "database",
    /** WAL does not arrive, or waits for too long. */
    "archiving",
    /** There is no full backup yet. */
    "first",
    /** A backup is later than its schedule allows. */
    "late",
    /** verify has found damage; backups have found damaged pages. */
    "damage",
    "pages",
    /** WAL or backups are missing without which now cannot be restored; all earlier backups are gone. */
    "gap",
    "gone",
    /** The repository has other WAL than PostgreSQL writes. */
    "conflict",
    /** The repository's disk is full; the data volume fills. */
    "full",
    "filling",
    /** All is there, but no drill has proven that it restores. */
    "drill",
] as const;
export type Cause = (typeof CAUSES)[number];
