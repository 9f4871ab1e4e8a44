import type * as docker from "@pulumi/docker";
import * as v from "valibot";
import { adoptedVolume, volumeMount } from "../../docker/containers";
import { isFree, PLACES } from "../../docker/places";
import { ABSOLUTE_PATH, text } from "../../fields";
import { entryFields } from "../entry";
import type {
    AnyRepository,
    Claim,
    Complain,
    DeclareContext,
    RepositoryContext,
    RepositoryDeclaration,
} from "../kind";
import { repositoryName } from "../name";
import { volumeName } from "../volume";

// What all kinds have in common that containers see as a directory: in a volume or a directory of the Docker host.

const absolute = text(
    "an absolute path such as /srv/backup, of letters, digits and _ . + @ -, without .. and without / at its end",
    ABSOLUTE_PATH,
);

const inside = v.pipe(
    absolute,
    v.check(isFree, "a path that the containers do not use otherwise, such as /var/lib/pgbackrest"),
);

/** Settings of every repository on the Docker host: in a volume of ours, in the existing `volume`, or in the directory `hostPath`. */
export const mountedFields = {
    name: repositoryName,
    path: v.optional(inside, PLACES.repository),
    hostPath: v.optional(absolute),
    volume: v.optional(volumeName),
    ...entryFields,
};

/** A repository in a directory that the containers have mounted, complete. */
export interface MountedRepository<Type extends string = string> extends AnyRepository {
    readonly type: Type;
    /** Directory on the Docker host instead of a volume; it must exist and belong to uid 999. */
    readonly hostPath?: string | undefined;
    readonly volume?: string | undefined;
    /** The stack's own volume, where it is when nothing else is said. */
    readonly usual: string;
}

export function completeMounted<Type extends string>(
    { name, type, path, hostPath, volume }: Omit<MountedRepository<Type>, "usual">,
    context: RepositoryContext,
    complain: Complain,
): MountedRepository<Type> {
    if (hostPath !== undefined && volume !== undefined)
        complain("", "has volume and hostPath: it is in one of them, remove the other");
    return { name, type, path, hostPath, volume, usual: repositoryVolumeName(context.name) };
}

function placeOf({ hostPath, volume }: MountedRepository, ours: string): string {
    return hostPath === undefined ? `volume ${volume ?? ours}` : `directory ${hostPath}`;
}

function claimsOf({ path, hostPath, volume, usual }: MountedRepository): Claim[] {
    const why = "give each its own";
    return [
        {
            ...{ field: "path", value: path, within: "the containers", below: true },
            ...{ what: "inside or around the path of", why: `${why}, such as ${PLACES.repository}-2` },
        },
        hostPath === undefined
            ? {
                  ...{
                      field: volume === undefined ? "" : "volume",
                      value: volume ?? usual,
                      within: "volumes",
                  },
                  ...{ below: false, what: "the volume of", why },
              }
            : {
                  ...{ field: "hostPath", value: hostPath, within: "the host", below: true },
                  ...{ what: "inside or around the directory of", why },
              },
    ];
}

function declareMounted(repository: MountedRepository, context: DeclareContext): RepositoryDeclaration {
    const { type, path, hostPath, volume } = repository;
    const mount: docker.types.input.ContainerMount =
        hostPath === undefined
            ? volumeMount(volume === undefined ? context.local : adoptedVolume(volume, context.parent), path)
            : { type: "bind", source: hostPath, target: path, readOnly: false };
    return {
        options: [
            ["type", type],
            ["path", path],
        ],
        mounts: [mount],
        environment: {},
        files: [],
        place: placeOf(repository, repositoryVolumeName(context.name)),
        passphrase: undefined,
        details: {},
    };
}

/** The stack's own volume for repositories on its host. */
export function repositoryVolumeName(name: string): string {
    return `${name}-pgbackrest-repo`;
}

/** What such a kind gives beside its settings. */
export const mounted = {
    secrets: [],
    local: true,
    place: placeOf,
    made: () => false,
    encryption: () => "none" as const,
    adopted: ({ volume }: MountedRepository) => volume,
    claims: claimsOf,
    common: () => [],
    describe: (repository: MountedRepository, volume: string) => ({
        access: {},
        credentials: undefined,
        bucket: {},
        lockDays: 0,
        wiring: [`${placeOf(repository, volume)} at ${repository.path}`],
    }),
    checkLifetime: () => undefined,
    noVersions: () => "a directory of the host keeps no versions",
    reasons: {},
    declare: declareMounted,
};
