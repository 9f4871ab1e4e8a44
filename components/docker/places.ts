/**
 * Where things are in the containers: at the same path in each that has them. The scripts in image/ and the paths in backups know these
 * too, so a change of one would lose what is there.
 */
export const PLACES = {
    /** PostgreSQL's data; pgBackRest compares the path with what the server says. */
    data: "/var/lib/postgresql/data",
    /** The server's socket. */
    sockets: "/var/run/postgresql",
    /** State of asynchronous archiving. */
    spool: "/var/spool/pgbackrest",
    /** A repository on the Docker host, unless its settings say another path. */
    repository: "/var/lib/pgbackrest",
    /** Where the backup service notes what it has done and what it is doing. */
    state: "/var/lib/pgbackrest-state",
    /** Where a drill notes what it has found; the backup service reads it. */
    drills: "/var/lib/pgbackrest-drills",
    /** The published configuration, read-only. */
    published: "/etc/pgbackrest",
    /** The same volume where it is written: by setup, and by apply, which removes old revisions. */
    publishing: "/pgbackrest-config",
    /** The files that setup is to publish. */
    input: "/setup/input",
    /** Where the adopt container remembers what it has done. */
    adoption: "/adopted",
    /** The directory of the Docker host with a token that proves who the containers are. */
    token: "/run/pgbackrest-token",
    /** The only place where every container can write. */
    scratch: "/tmp",
} as const;

/** What the image has, the kernel gives, or a home of one of the places is. */
const SYSTEM = [
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/proc",
    "/run",
    "/sbin",
    "/setup",
    "/sys",
    "/usr",
    "/var/lib/postgresql",
    "/var/run",
];

/** May a repository be mounted there? Not in, at or around what the containers use otherwise. */
export function isFree(path: string): boolean {
    const others = Object.values(PLACES).filter((place) => place !== PLACES.repository);
    const within = (inner: string, outer: string): boolean =>
        inner === outer || inner.startsWith(`${outer}/`);
    return ![...SYSTEM, ...others].some((taken) => within(path, taken) || within(taken, path));
}
