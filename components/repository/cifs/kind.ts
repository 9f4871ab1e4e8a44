import * as v from "valibot";
import type { RepositoryKind } from "../kind";
import { completeMounted, mounted, mountedFields, type MountedRepository } from "../mounted/mounted";

const schema = v.strictObject({ ...mountedFields, type: v.literal("cifs") });

/**
 * A repository in a volume or a directory of the Docker host whose file system has no links, or cannot write a directory through to the
 * disk: SMB shares, vfat, some NAS. pgBackRest then makes no links (`latest`), and leaves the sync of directories out: `posix` is safer where it works.
 */
export const cifs: RepositoryKind<typeof schema, MountedRepository<"cifs">> = {
    ...mounted,
    schema,
    complete: completeMounted,
};

/** What a repository of type posix is told that should be one of this: by what its proof says. */
export const INSTEAD: Readonly<Record<string, string>> = {
    "failed to create symbolic link":
        "its file system has no symbolic links, and pgBackRest ends each backup with one (latest): give it the type cifs, which is for such file systems",
    "unable to sync path":
        "its file system cannot write a directory through to the disk: give it the type cifs, which is for such file systems, or another place",
};
