import * as v from "valibot";
import { isFree, PLACES } from "../../docker/places";
import { text } from "../../fields";
import { volumeName } from "../volume";
import { repositoryName } from "../name";

const ABSOLUTE = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.+@-]+)+$/;
const absolute = text(
    "an absolute path such as /srv/backup, of letters, digits and _ . + @ -, without .. and without / at its end",
    ABSOLUTE,
);

const inside = v.pipe(
    absolute,
    v.check(isFree, "a path that the containers do not use otherwise, such as /var/lib/pgbackrest"),
);

/** A repository on the Docker host: in a volume of ours, in the existing `volume`, or in the directory `hostPath`. */
export const posix = v.strictObject({
    name: repositoryName,
    type: v.literal("posix"),
    path: v.optional(inside, PLACES.repository),
    hostPath: v.optional(absolute),
    volume: v.optional(volumeName),
});
