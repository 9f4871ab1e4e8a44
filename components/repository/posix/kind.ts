import * as v from "valibot";
import type { RepositoryKind } from "../kind";
import { completeMounted, mounted, mountedFields, type MountedRepository } from "../mounted/mounted";

const schema = v.strictObject({ ...mountedFields, type: v.literal("posix") });

/** A repository in a volume or a directory of the Docker host: protects from mistakes and a broken database, not from a lost host. */
export const posix: RepositoryKind<typeof schema, MountedRepository<"posix">> = {
    ...mounted,
    schema,
    complete: completeMounted,
};
