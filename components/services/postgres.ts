import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import {
    adoptedVolume,
    containerOptions,
    environmentOf,
    hardened,
    type Labels,
    serverArguments,
    volume,
    volumeMount,
} from "../docker/containers";
import type { DatabaseVolumes } from "../review/history";
import { STOP_SECONDS } from "../docker/limits";
import { PLACES } from "../docker/places";
import { PORT_PROOF, spoolVolumeName } from "../ownership/ownership";
import { proveLimits, type Published, provePort } from "./proof";

type Mount = docker.types.input.ContainerMount;

export interface PostgresArgs {
    /** Prefix of the names of all Docker objects. Changing it makes a new, empty database. */
    readonly name: string;
    /** Id of the image. A new one replaces the container: PostgreSQL restarts. */
    readonly image: pulumi.Input<string>;
    readonly network: docker.Network;
    /** Of the volumes that are made new. */
    readonly labels: Labels;
    /** Mount of the published configuration. */
    readonly configuration: Mount;
    /** What the repositories' own volumes or directories need mounted: WAL is archived from here. */
    readonly mounts: readonly Mount[];
    /** Variables that pgBackRest reads for some kinds of repository; no secret. A change replaces the container. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** PostgreSQL settings that only a restart changes: a change replaces the container. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** Port on the host; not published without one. A change replaces the container. */
    readonly port?: number;
    /** Address on the host where the port is published. */
    readonly address: string;
    /** Memory limit in MiB; changed in place. */
    readonly memory: number;
    /** CPUs it may use; a change replaces the container. */
    readonly cpus: number;
    /** Size of /dev/shm in MiB, for parallel queries; a change replaces the container. */
    readonly shm: number;
    /** Name of a volume of another set-up with the data, in place of one of our own. */
    readonly dataVolume: string | undefined;
    /** What PostgreSQL has had until now. */
    readonly deployed: DatabaseVolumes | undefined;
    /** Refuse to delete the data volume, also when it is no longer declared. */
    readonly protect: boolean;
    readonly published: Published;
}

/** PostgreSQL with its data. It archives WAL with the published configuration, which can change under it at any time. */
export class Postgres extends pulumi.ComponentResource {
    readonly container: docker.Container;
    readonly data: docker.Volume;
    /** Directory of the server's socket, shared with the containers that talk to it. */
    readonly sockets: docker.Volume;
    /** State of asynchronous archiving. It belongs to this data volume: of another one it would say that WAL is archived which is not. */
    readonly spool: docker.Volume;

    constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Postgres", name, {}, opts);

        const { labels } = args;
        this.data =
            args.dataVolume === undefined
                ? volume(`${args.name}-postgres-data`, this, labels, args.protect)
                : adoptedVolume(args.dataVolume, this);
        this.sockets = volume(`${args.name}-postgres-run`, this, labels);
        this.spool = volume(spoolVolumeName(args.name, args.dataVolume, args.deployed), this, labels);

        const container: docker.ContainerArgs = {
            ...hardened(args.memory, args.cpus),
            name: `${args.name}-postgres`,
            image: args.image,
            command: ["install-pgbackrest.sh", ...serverArguments(args.restartSettings)],
            mounts: [
                volumeMount(this.data, PLACES.data),
                volumeMount(this.sockets, PLACES.sockets),
                volumeMount(this.spool, PLACES.spool),
                args.configuration,
                ...args.mounts,
            ],
            ports: args.port === undefined ? [] : [{ internal: 5432, external: args.port, ip: args.address }],
            ...environmentOf(args.environment),
            networksAdvanced: [{ name: args.network.name }],
            readOnly: true,
            tmpfs: { [PLACES.scratch]: "rw,nosuid,nodev,size=64m" },
            shmSize: args.shm,
            // After a kill of the Docker daemon, "unless-stopped" takes what the new daemon cleans up for stopped by hand.
            restart: "always",
            // SIGINT is PostgreSQL's fast shutdown.
            stopSignal: "SIGINT",
            stopTimeout: STOP_SECONDS.postgres,
            // Pulumi's own deletes take this one alone.
            destroyGraceSeconds: STOP_SECONDS.postgres,
            healthcheck: {
                tests: ["CMD", "pg_isready", "--quiet", "--host", PLACES.sockets],
                interval: "5s",
                timeout: "5s",
                startPeriod: "1m0s",
                retries: 3,
            },
        };
        const { image, network, published, port, address } = args;
        const proofs = [
            proveLimits(`${args.name}-postgres-proof`, container, this),
            ...(port === undefined
                ? []
                : [
                      provePort(
                          `${args.name}${PORT_PROOF}`,
                          { image, network, published, port: { port, address } },
                          this,
                      ),
                  ]),
        ];
        this.container = new docker.Container(
            `${args.name}-postgres`,
            container,
            pulumi.mergeOptions(containerOptions, { parent: this, dependsOn: proofs }),
        );
        this.registerOutputs({});
    }
}
