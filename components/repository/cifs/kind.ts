import * as v from "valibot";
import type { RepositoryKind } from "../kind";
import { completeMounted, mounted, mountedFields } from "../mounted/mounted";

const schema = v.strictObject({ ...mountedFields, type: v.literal("cifs") });

/**
 * A repository in a volume or a directory of the Docker host whose file system has no links, or cannot write a directory through to the
 * disk: SMB shares, vfat, some NAS. pgBackRest then makes no links (`latest`), and leaves the sync of directories out: `posix` is safer where it works.
 */
export const cifs: RepositoryKind<typeof schema, Readonly<v.InferOutput<typeof schema>>> = {
    ...mounted,
    schema,
    complete: (input, _context, complain) => completeMounted(input, complain),
};
