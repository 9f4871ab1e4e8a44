import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { serverArguments, volumeMount } from "../docker/containers";
import { PLACES } from "../docker/places";
import { STOP_SECONDS } from "../docker/limits";
import { type ObjectName, objectsOf, PUBLISHED } from "../docker/names";
import type { Published } from "../state/inventory";
import { provePort } from "./proof";
import { repositoryService, type RepositoryServiceArgs, startProven } from "./service";
import type { Storage } from "./storage";

export interface PostgresArgs extends RepositoryServiceArgs {
    /** The volumes that it runs on, filled or empty: in an empty one it makes a new cluster. */
    readonly storage: Storage;
    /** PostgreSQL settings that only a restart changes: a change replaces the container. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** Port on the host; not published without one. A change replaces the container. */
    readonly port: number | undefined;
    /** Address on the host where the port is published. */
    readonly address: string;
    /** Memory limit in MiB; changed in place. */
    readonly memory: number;
    /** CPUs it may use; a change replaces the container. */
    readonly cpus: number;
    /** Size of /dev/shm in MiB, for parallel queries; a change replaces the container. */
    readonly shm: number;
    /** Where it is published now, and where that was proven last. */
    readonly published: Published;
}

/**
 * pg_isready ends with 1 while PostgreSQL turns sessions away because it recovers. Docker counts that against a container that was healthy
 * before: after the crash of one process PostgreSQL recovers in the same container. The mark is on a tmpfs, so that it is new with each
 * start; without it a start is no success, and the container is `starting`.
 */
export const HEALTHCHECK = [
    `if pg_isready --quiet --host ${PLACES.sockets}`,
    `then : >${PLACES.scratch}/has-answered`,
    `else [ $? = 1 ] && [ -e ${PLACES.scratch}/has-answered ]`,
    "fi",
].join("; ");

/** PostgreSQL on its storage. It archives WAL with the published configuration, which can change under it at any time. */
export class Postgres extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string, port: number | undefined): ObjectName[] {
        const proof = port === undefined ? [] : [PUBLISHED.postgres.proof.slice(1)];
        return objectsOf(name, { containers: ["postgres", "postgres-proof", ...proof] });
    }

    readonly container: docker.Container;

    constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Postgres", name, {}, opts);

        const { image, network, published, port, address, storage } = args;
        const ports = port === undefined ? [] : [{ internal: 5432, external: port, ip: address }];
        const container: docker.ContainerArgs = {
            ...repositoryService(args, {
                part: "postgres",
                command: ["install-pgbackrest.sh", ...serverArguments(args.restartSettings)],
                mounts: [
                    volumeMount(storage.data, PLACES.data),
                    volumeMount(storage.sockets, PLACES.sockets),
                    volumeMount(storage.spool, PLACES.spool),
                ],
                memory: args.memory,
                cpus: args.cpus,
                // PostgreSQL's fast shutdown.
                stopSignal: "SIGINT",
                stopSeconds: STOP_SECONDS.postgres,
                healthcheck: {
                    tests: ["CMD", "sh", "-c", HEALTHCHECK],
                    interval: "5s",
                    timeout: "5s",
                    // It ends with the first success. Until then it starts, and is not unhealthy: recovery after a crash may take hours.
                    startPeriod: "24h0m0s",
                    retries: 3,
                },
            }),
            ports,
            shmSize: args.shm,
        };
        const proofs = ports.map((one) =>
            provePort(
                `${args.name}${PUBLISHED.postgres.proof}`,
                { image, network, published, port: one },
                this,
            ),
        );
        this.container = startProven(`${args.name}-postgres`, container, this, proofs);
        this.registerOutputs({});
    }
}
