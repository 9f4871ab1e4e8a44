import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import {
    containerOptions,
    environmentList,
    hardened,
    serverArguments,
    volumeMount,
} from "../docker/containers";
import { STOP_SECONDS } from "../docker/limits";
import { lookName, type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import type { Wish } from "../restore/wish";
import { oneShot, sayNotes } from "./oneShot";
import { type RepositoryServiceArgs, usingRepositories } from "./service";
import type { Storage } from "./storage";

export interface RestoreArgs extends RepositoryServiceArgs {
    /** With the volume that is filled, and the socket of the database that runs meanwhile. */
    readonly storage: Storage;
    readonly wish: Wish;
    /** PostgreSQL settings on the command line of the server that will run on the data. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** CPUs that it may use. */
    readonly cpus: number;
    /** Which run it is: another one where the last has failed. */
    readonly attempt: string;
}

/** MiB; its PostgreSQL takes little of it. */
const MEMORY = 1024;
/** How long it may take until a paused one can be read: what WAL was written since the last checkpoint is replayed again. */
const READABLE_SECONDS = 3600;
/** How long a restore may take. */
const MINUTES = 48 * 60;

/**
 * The one-shot that fills a data volume and replays to the target, while the old database still serves; and where it is to pause there, the
 * container that shows it to people. What is done is written in the volume, so that it can run again at any time and does nothing then.
 */
export class Restore extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string, wish: Pick<Wish, "name" | "pause"> | undefined): ObjectName[] {
        if (wish === undefined) return [];
        return objectsOf(name, { containers: ["restore", ...(wish.pause ? [lookName(wish.name)] : [])] });
    }

    /** Resolves when the data are at the target. */
    readonly done: pulumi.Output<docker.Container>;

    constructor(name: string, args: RestoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Restore", name, {}, opts);

        const { wish, storage, restartSettings } = args;
        const { restored } = storage;
        if (restored === undefined) throw new Error("there is no volume to restore to");
        const volumes = [volumeMount(restored.data, PLACES.data), volumeMount(restored.spool, PLACES.spool)];
        const wanted = JSON.stringify(wish);
        const command = (what: string) => ["restore-database.sh", what, ...serverArguments(restartSettings)];
        const { container, done } = oneShot(
            `${args.name}-restore`,
            {
                ...hardened(MEMORY, args.cpus),
                ...usingRepositories(args, [...volumes, volumeMount(storage.sockets, PLACES.sockets)]),
                envs: environmentOfRestore(args, {
                    RESTORE: wanted,
                    ATTEMPT: args.attempt,
                    ...(wish.pause ? { LOOK: `${args.name}-${lookName(wish.name)}` } : {}),
                }),
                command: command("run"),
                destroyGraceSeconds: STOP_SECONDS.postgres,
            },
            { parent: this, minutes: MINUTES },
            "The database that runs was not touched. The next `up` goes on with what is restored.",
        );
        sayNotes(container, `Restore ${wish.name}:`, this);
        this.done = done;
        if (wish.pause) this.show(args, volumes, wanted, command("look"));
        this.registerOutputs({});
    }

    private show(
        args: RestoreArgs,
        volumes: docker.types.input.ContainerMount[],
        wanted: string,
        command: string[],
    ): void {
        const { wish } = args;
        const using = usingRepositories(args, volumes);
        const name = `${args.name}-${lookName(wish.name)}`;
        new docker.Container(
            name,
            {
                ...hardened(MEMORY, args.cpus),
                ...using,
                name,
                // Another target replaces it, when the restore is there.
                envs: environmentOfRestore(args, { RESTORE: wanted }),
                command,
                tmpfs: {
                    [PLACES.scratch]: "rw,nosuid,nodev,size=64m",
                    [PLACES.sockets]: "rw,nosuid,nodev,size=1m,uid=999,gid=999",
                },
                healthcheck: {
                    tests: ["CMD", "pg_isready", "--quiet", "--host", PLACES.sockets],
                    interval: "2s",
                    timeout: "5s",
                    startPeriod: "1h0m0s",
                    retries: 3,
                },
                // A green `up` means that it can be read.
                wait: true,
                waitTimeout: READABLE_SECONDS,
                // It ends well when the restore goes on, and then it is not to come back.
                restart: "on-failure",
                stopSignal: "SIGTERM",
                stopTimeout: STOP_SECONDS.postgres,
                destroyGraceSeconds: STOP_SECONDS.postgres,
            },
            pulumi.mergeOptions(containerOptions, { parent: this, dependsOn: this.done }),
        );
    }
}

function environmentOfRestore(
    { environment }: RestoreArgs,
    more: Readonly<Record<string, string>>,
): pulumi.Output<string[]> {
    return pulumi.all({ ...environment }).apply((variables) => environmentList({ ...variables, ...more }));
}
