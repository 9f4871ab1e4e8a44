/**
 * Seconds that Docker gives the services for a clean end, whoever stops them: `up`, `docker stop`, a new daemon, the host. PostgreSQL
 * needs them for its checkpoint and the last WAL segment's way to a slow repository; the backup service ends a backup that runs.
 */
export const STOP_SECONDS = { postgres: 120, backup: 60 } as const;
