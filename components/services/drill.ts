import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, serverArguments, volume, volumeMount } from "../docker/containers";
import { STOP_SECONDS } from "../docker/limits";
import { type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import type { Drill as Wanted } from "../settings/schema";
import type { Backup } from "./backup";
import { repositoryService, type RepositoryServiceArgs } from "./service";

export interface DrillArgs extends RepositoryServiceArgs {
    /** What is wanted of it. Its memory is changed in place, another one of the rest replaces the container. */
    readonly wanted: Wanted;
    /** CPUs that it may use. */
    readonly cpus: number;
    /** PostgreSQL settings on the command line of the server whose backups it restores: it preloads the same libraries. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** Says when a drill is due, and reads what it has found. */
    readonly backup: Backup;
}

/** It holds the lock of its volume as long as it serves. Whether drills pass, NAME-backup says. */
const HEALTHCHECK = {
    tests: ["CMD", "sh", "-c", `! flock --nonblock ${PLACES.data} true`],
    interval: "30s",
    timeout: "20s",
    // Longer than it waits for the lock.
    startPeriod: "1m30s",
    retries: 3,
};

/** The least that Docker knows, of 1024: whatever else wants a CPU has it first. */
const LOWEST_SHARE = 2;

/**
 * The service that restores the newest backup when the backup service says so, looks whether all of it is there, and removes it again. It
 * has neither the data nor the socket of the database that runs, and of repositories on the host it can only read. Nothing in its volumes
 * is of value.
 */
export class Drill extends pulumi.ComponentResource {
    /** What it makes on the Docker engine; not what drills have found, which is the backup service's. */
    static objects(name: string, wanted: Wanted | undefined): ObjectName[] {
        return wanted === undefined
            ? []
            : objectsOf(name, { containers: ["drill"], volumes: ["drill-data", "drill-spool"] });
    }

    readonly container: docker.Container;

    constructor(name: string, args: DrillArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Drill", name, {}, opts);

        const { wanted, backup } = args;
        const own = (part: string) => volume(`${args.name}-${part}`, { parent: this }, args.labels);
        this.container = new docker.Container(
            `${args.name}-drill`,
            {
                ...repositoryService(
                    {
                        ...args,
                        mounts: args.mounts.map((mount) => ({ ...mount, readOnly: true })),
                        environment: { ...args.environment, DRILL: JSON.stringify(wanted.wish) },
                    },
                    {
                        part: "drill",
                        command: ["drill-database.sh", "serve", ...serverArguments(args.restartSettings)],
                        mounts: [
                            volumeMount(own("drill-data"), PLACES.data),
                            volumeMount(own("drill-spool"), PLACES.spool),
                            volumeMount(backup.drills, PLACES.drills),
                            volumeMount(backup.state, PLACES.state, true),
                        ],
                        memory: wanted.memory,
                        cpus: args.cpus,
                        stopSignal: "SIGTERM",
                        stopSeconds: STOP_SECONDS.drill,
                        healthcheck: HEALTHCHECK,
                    },
                ),
                cpuShares: LOWEST_SHARE,
            },
            pulumi.mergeOptions(containerOptions, { parent: this }),
        );
        this.registerOutputs({});
    }
}
