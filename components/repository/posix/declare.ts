import type * as docker from "@pulumi/docker";
import { volumeMount } from "../../docker/containers";
import type { RepositoryDeclaration } from "../repository";

export interface PosixRepositoryArgs {
    readonly name: string;
    /** Path in the containers, absolute. */
    readonly path: string;
    /** Directory on the Docker host instead of a volume; it must exist and belong to uid 999. */
    readonly hostPath?: string | undefined;
    /** Volume to use when there is no `hostPath`. */
    readonly volume: docker.Volume;
    /** Its name: known before the volume is. */
    readonly volumeName: string;
}

/** A repository in a volume or a directory of the Docker host: protects from mistakes and a broken database, not from a lost host. */
export function posixRepository(args: PosixRepositoryArgs): RepositoryDeclaration {
    const mount =
        args.hostPath === undefined
            ? volumeMount(args.volume, args.path)
            : { type: "bind", source: args.hostPath, target: args.path, readOnly: false };
    return {
        name: args.name,
        type: "posix",
        options: new Map([
            ["type", "posix"],
            ["path", args.path],
        ]),
        mounts: [mount],
        environment: {},
        files: [],
        location: args.hostPath === undefined ? `volume ${args.volumeName}` : `directory ${args.hostPath}`,
        passphrase: undefined,
        details: {},
    };
}
