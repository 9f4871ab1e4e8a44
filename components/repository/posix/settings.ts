import * as v from "valibot";
import { text } from "../../fields";
import { volumeName } from "../volume";
import { repositoryName } from "../name";

const ABSOLUTE = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.+@-]+)+$/;
const absolute = text(
    "an absolute path such as /srv/backup, of letters, digits and _ . + @ -, without .. and without / at its end",
    ABSOLUTE,
);

/** Where a repository on the Docker host is mounted unless it says something else. */
export const REPOSITORY_PATH = "/var/lib/pgbackrest";

/** Directories of the containers that are something else. */
const TAKEN = [
    "/etc",
    "/var/lib/postgresql",
    "/var/run",
    "/run",
    "/var/spool/pgbackrest",
    "/var/lib/pgbackrest-state",
    "/tmp",
    "/proc",
    "/sys",
    "/dev",
    "/usr",
    "/bin",
    "/lib",
    "/sbin",
    "/setup",
    "/pgbackrest-config",
];

const inside = v.pipe(
    absolute,
    v.check(
        (path) =>
            !TAKEN.some((taken) => path === taken || path.startsWith(`${taken}/`)) &&
            path !== "/var" &&
            path !== "/var/lib",
        "a path that the containers do not use otherwise, such as /var/lib/pgbackrest",
    ),
);

/** A repository on the Docker host: in a volume of ours, in the existing `volume`, or in the directory `hostPath`. */
export const posix = v.strictObject({
    name: repositoryName,
    type: v.literal("posix"),
    path: v.optional(inside, REPOSITORY_PATH),
    hostPath: v.optional(absolute),
    volume: v.optional(volumeName),
});
