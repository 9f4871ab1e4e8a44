import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, environmentOf, hardened, type Labels } from "../docker/containers";
import { FOR_EVER } from "../docker/limits";
import { PLACES } from "../docker/places";
import { proveLimits } from "./proof";

type Mount = docker.types.input.ContainerMount;

/** What everything that runs is made with. */
export interface ServiceArgs {
    /** Prefix of the names of all Docker objects. Another one makes all of them anew, and an empty database. */
    readonly name: string;
    /** Id of the image. A new one replaces the container. */
    readonly image: pulumi.Input<string>;
    /** Of the volumes that are made new. */
    readonly labels: Labels;
}

/** What a service that uses the repositories is made with besides. */
export interface RepositoryServiceArgs extends ServiceArgs {
    /** The stack's own. Another one replaces the container. */
    readonly network: docker.Network;
    /** Mount of the published configuration, which can change while the service runs. */
    readonly configuration: Mount;
    /** What the repositories' own volumes or directories need mounted. A change replaces the container. */
    readonly mounts: readonly Mount[];
    /** Variables that pgBackRest reads for some kinds of repository; no secret. A change replaces the container. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What a service has that runs for ever. */
export interface Running {
    /** The last part of its name: `backup` is the container `NAME-backup`. */
    readonly part: string;
    readonly command: string[];
    /** Its own mounts, without those of the configuration and the repositories. */
    readonly mounts: readonly Mount[];
    /** Memory limit in MiB; changed in place. */
    readonly memory: number;
    /** CPUs that it may use; a change replaces the container. */
    readonly cpus: number;
    /** The signal that asks it to end, and the seconds that it then has. */
    readonly stopSignal: string;
    readonly stopSeconds: number;
    readonly healthcheck: docker.types.input.ContainerHealthcheck;
}

/**
 * What any container gets that runs pgBackRest with the published configuration, whether it goes on for ever or does one thing and
 * ends. It runs as the image's user postgres.
 */
export function usingRepositories(
    args: RepositoryServiceArgs,
    mounts: readonly Mount[],
): Pick<docker.ContainerArgs, "image" | "mounts" | "envs" | "networksAdvanced" | "readOnly" | "tmpfs"> {
    return {
        image: args.image,
        mounts: [...mounts, args.configuration, ...args.mounts],
        ...environmentOf(args.environment),
        networksAdvanced: [{ name: args.network.name }],
        readOnly: true,
        tmpfs: { [PLACES.scratch]: "rw,nosuid,nodev,size=64m" },
    };
}

/** The container of a service that uses the repositories and runs for ever. */
export function repositoryService(args: RepositoryServiceArgs, service: Running): docker.ContainerArgs {
    return {
        ...hardened(service.memory, service.cpus),
        ...usingRepositories(args, service.mounts),
        name: `${args.name}-${service.part}`,
        command: service.command,
        restart: FOR_EVER,
        stopSignal: service.stopSignal,
        stopTimeout: service.stopSeconds,
        // Pulumi's own deletes take this one alone.
        destroyGraceSeconds: service.stopSeconds,
        healthcheck: service.healthcheck,
    };
}

/** Makes the container of a service when it is proven that Docker can make and start it. */
export function startProven(
    name: string,
    container: docker.ContainerArgs,
    parent: pulumi.Resource,
    proofs: readonly docker.Container[] = [],
): docker.Container {
    const dependsOn = [proveLimits(`${name}-proof`, container, parent), ...proofs];
    return new docker.Container(
        name,
        container,
        pulumi.mergeOptions(containerOptions, { parent, dependsOn }),
    );
}
