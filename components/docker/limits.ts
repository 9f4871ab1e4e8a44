/**
 * Seconds that Docker gives the services for a clean end, whoever stops them: `up`, `docker stop`, a new daemon, the host. PostgreSQL
 * needs them for its checkpoint and the last WAL segment's way to a slow repository; the backup service ends a backup that runs, and a drill
 * removes what it has made.
 */
export const STOP_SECONDS = { postgres: 120, backup: 60, drill: 60 } as const;

/**
 * Docker's restart policy of what runs for ever. After a kill of the Docker daemon, "unless-stopped" takes what the new daemon cleans up
 * for stopped by hand.
 */
export const FOR_EVER = "always";

/** Is that the restart policy of a service? All else does one thing and ends. Containers of other set-ups have other policies. */
export function isForEver(policy: unknown): boolean {
    return typeof policy === "string" && policy !== "" && policy !== "no";
}
