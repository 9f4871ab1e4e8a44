import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { volume, volumeMount } from "../docker/containers";
import { type ObjectName, objectsOf, PUBLISHED } from "../docker/names";
import { PLACES } from "../docker/places";
import { METRICS_PORT } from "../monitoring/serving";
import { STOP_SECONDS } from "../docker/limits";
import type { Settings } from "../settings/schema";
import type { Published } from "../state/inventory";
import { provePort } from "./proof";
import { repositoryService, type RepositoryServiceArgs, startProven } from "./service";
import type { Storage } from "./storage";

export interface BackupArgs extends RepositoryServiceArgs {
    /** The database to back up: its data (read only) and its socket. */
    readonly storage: Storage;
    /** Memory limit in MiB; changed in place. */
    readonly memory: number;
    /** CPUs it may use; a change replaces the container, and a backup that runs is taken again. */
    readonly cpus: number;
    /** Where its figures are served on the Docker host; nothing: in the stack's network only. Another place replaces the container. */
    readonly metrics: { readonly port: number; readonly address: string } | undefined;
    /** Where they are served there now, and where that was proven last. */
    readonly published: Published;
}

/** What of the settings is for it alone. */
export function backupSizes(
    { backupMemory: memory, backupCpus: cpus, monitoring }: Settings,
    { metrics: published }: Readonly<Record<"metrics", Published>>,
): Pick<BackupArgs, "memory" | "cpus" | "metrics" | "published"> {
    return { memory, cpus, metrics: monitoring?.published, published };
}

/**
 * Health says whether the database is protected, and most of what is wrong with that no restart cures: what restarts the unhealthy
 * should pass it by.
 */
const NO_AUTOHEAL = { label: "autoheal", value: "false" };

/** The service that creates the stanza, takes the backups on schedule, expires and verifies them, and knows whether all is well. */
export class Backup extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string, isPublished: boolean): ObjectName[] {
        return objectsOf(name, {
            containers: [
                "backup",
                "backup-proof",
                ...(isPublished ? [PUBLISHED.metrics.proof.slice(1)] : []),
            ],
            volumes: ["backup-state", "drill-state"],
        });
    }

    readonly container: docker.Container;
    readonly state: docker.Volume;
    /** What drills have found: there and read also while there are none, so that to switch them on or off replaces nothing that runs. */
    readonly drills: docker.Volume;

    constructor(name: string, args: BackupArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Backup", name, {}, opts);

        this.state = volume(`${args.name}-backup-state`, { parent: this }, args.labels);
        this.drills = volume(`${args.name}-drill-state`, { parent: this }, args.labels);
        const { metrics, image, network, published } = args;
        const ports =
            metrics === undefined
                ? []
                : [{ internal: METRICS_PORT, external: metrics.port, ip: metrics.address }];
        const container = {
            ...repositoryService(args, {
                part: "backup",
                command: ["start-pgbackrest.sh"],
                mounts: [
                    volumeMount(args.storage.data, PLACES.data, true),
                    volumeMount(args.storage.sockets, PLACES.sockets),
                    volumeMount(this.state, PLACES.state),
                    volumeMount(this.drills, PLACES.drills, true),
                ],
                memory: args.memory,
                cpus: args.cpus,
                stopSignal: "SIGTERM",
                stopSeconds: STOP_SECONDS.backup,
                healthcheck: {
                    tests: ["CMD", "healthcheck-pgbackrest.sh"],
                    interval: "30s",
                    timeout: "20s",
                    startPeriod: "1m0s",
                    retries: 2,
                },
            }),
            labels: [NO_AUTOHEAL],
            ...(ports.length === 0 ? {} : { ports }),
        };
        const proofs = ports.map((port) =>
            provePort(`${args.name}${PUBLISHED.metrics.proof}`, { image, network, published, port }, this),
        );
        this.container = startProven(`${args.name}-backup`, container, this, proofs);
        this.registerOutputs({});
    }
}
