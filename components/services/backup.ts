import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import {
    containerOptions,
    environmentOf,
    hardened,
    type Labels,
    volume,
    volumeMount,
} from "../docker/containers";
import { STOP_SECONDS } from "../docker/limits";
import { PLACES } from "../docker/places";
import { proveLimits } from "./proof";
import type { Postgres } from "./postgres";

type Mount = docker.types.input.ContainerMount;

export interface BackupArgs {
    /** Prefix of the names of all Docker objects. */
    readonly name: string;
    /** Id of the image. A new one replaces the container; a backup that runs is taken again. */
    readonly image: pulumi.Input<string>;
    readonly network: docker.Network;
    /** Of the volumes that are made new. */
    readonly labels: Labels;
    /** The database to back up: its data (read only) and its socket. */
    readonly postgres: Postgres;
    /** Mount of the published configuration, with the schedules. */
    readonly configuration: Mount;
    /** What the repositories' own volumes or directories need mounted. */
    readonly mounts: readonly Mount[];
    /** Variables that pgBackRest reads for some kinds of repository; no secret. A change replaces the container. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** Memory limit in MiB; changed in place. */
    readonly memory: number;
    /** CPUs it may use; a change replaces the container. */
    readonly cpus: number;
}

/** The service that creates the stanza, takes the backups on schedule, expires and verifies them, and knows whether all is well. */
export class Backup extends pulumi.ComponentResource {
    readonly container: docker.Container;
    readonly state: docker.Volume;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Backup", name, {}, opts);

        this.state = volume(`${args.name}-backup-state`, this, args.labels);
        const container: docker.ContainerArgs = {
            ...hardened(args.memory, args.cpus),
            name: `${args.name}-backup`,
            image: args.image,
            command: ["start-pgbackrest.sh"],
            mounts: [
                volumeMount(args.postgres.data, PLACES.data, true),
                volumeMount(args.postgres.sockets, PLACES.sockets),
                volumeMount(this.state, PLACES.state),
                args.configuration,
                ...args.mounts,
            ],
            ...environmentOf(args.environment),
            networksAdvanced: [{ name: args.network.name }],
            readOnly: true,
            tmpfs: { [PLACES.scratch]: "rw,nosuid,nodev,size=64m" },
            // After a kill of the Docker daemon, "unless-stopped" takes what the new daemon cleans up for stopped by hand.
            restart: "always",
            stopSignal: "SIGTERM",
            stopTimeout: STOP_SECONDS.backup,
            destroyGraceSeconds: STOP_SECONDS.backup,
            healthcheck: {
                tests: ["CMD", "healthcheck-pgbackrest.sh"],
                interval: "30s",
                timeout: "20s",
                startPeriod: "1m0s",
                retries: 2,
            },
        };
        const proof = proveLimits(`${args.name}-backup-proof`, container, this);
        this.container = new docker.Container(
            `${args.name}-backup`,
            container,
            pulumi.mergeOptions(containerOptions, { parent: this, dependsOn: proof }),
        );
        this.registerOutputs({});
    }
}
