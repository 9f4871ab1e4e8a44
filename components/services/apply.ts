import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Backup } from "./backup";
import { besideComponents, environmentList, volumeMount } from "../docker/containers";
import { type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import { oneShot, sayNotes } from "./oneShot";
import type { Postgres } from "./postgres";
import type { ServiceArgs } from "./service";
import type { Storage } from "./storage";

/** Longer than the script's own limit, so that the script is the one to say what is missing. */
const SPARE_MINUTES = 5;

export interface ApplyArgs extends Omit<ServiceArgs, "labels"> {
    /** Mount of the published configuration. */
    readonly configuration: docker.types.input.ContainerMount;
    /** The volume that it is in: apply removes old revisions. */
    readonly configurationVolume: docker.Volume;
    /** Where the socket of the database is. */
    readonly storage: Storage;
    readonly postgres: Postgres;
    readonly backup: Backup;
    /** The configuration that is to be in force, and the run that published it. */
    readonly revision: pulumi.Input<string>;
    readonly attempt: pulumi.Input<string>;
    /** The run of the last good `up`; nothing in a new stack. */
    readonly deployedAttempt: string | undefined;
    /** Name of the application's database. */
    readonly database: string;
    /** The application's role: owner of the database, no superuser. */
    readonly role: string;
    /** SCRAM verifier of the role's password: the password itself never leaves the program. Without one the role keeps its password. */
    readonly verifier: pulumi.Input<string> | undefined;
    /** The cluster was taken over: role and database are there, and stay as they are. */
    readonly adopted: boolean;
    /** What a green `up` waits for: a full backup in the repository, or only that WAL is archived (large databases). */
    readonly waitFor: "backup" | "archiving";
    /** How long it waits, in minutes. */
    readonly waitTimeout: number;
}

/**
 * The one-shot that brings what is published into force in the running database (roles, reload) and ends when the database is
 * protected by it and nothing uses older credentials any more, so that a green `up` means both.
 */
export class Apply extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string): ObjectName[] {
        return objectsOf(name, { containers: ["apply"] });
    }

    /** Resolves when it has ended well. */
    readonly done: pulumi.Output<docker.Container>;

    constructor(name: string, args: ApplyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Apply", name, {}, opts);

        const { container, done } = oneShot(
            `${args.name}-apply`,
            {
                image: args.image,
                command: ["apply-configuration.sh"],
                envs: pulumi
                    .all([
                        args.revision,
                        args.attempt,
                        args.postgres.container.id,
                        args.backup.container.id,
                        args.verifier ?? "",
                    ])
                    .apply(([revision, attempt, postgres, backup, verifier]) =>
                        environmentList({
                            REVISION: revision,
                            ATTEMPT: attempt,
                            // It runs again for each new container of the two, and believes no other backup service.
                            POSTGRES_ID: postgres,
                            BACKUP_ID: backup,
                            DATABASE: args.database,
                            ROLE: args.role,
                            ROLE_VERIFIER: verifier,
                            ...(args.adopted ? { ADOPTED: "yes" } : {}),
                            WAIT_FOR: args.waitFor,
                            WAIT_TIMEOUT: String(args.waitTimeout * 60),
                        }),
                    ),
                mounts: [
                    args.configuration,
                    volumeMount(args.configurationVolume, PLACES.publishing),
                    volumeMount(args.storage.sockets, PLACES.sockets),
                    volumeMount(args.backup.state, PLACES.state, true),
                ],
                networkMode: "none",
                readOnly: true,
                tmpfs: { [PLACES.scratch]: "rw,nosuid,nodev,size=16m" },
            },
            {
                parent: this,
                aliases: besideComponents(opts),
                dependsOn: [args.postgres.container, args.backup.container],
                minutes: args.waitTimeout + SPARE_MINUTES,
            },
            "The new configuration is published and the database runs, but it is not confirmed to be protected by it.",
        );
        this.done = done;
        // Of an earlier run they may be over.
        pulumi.output(args.attempt).apply((attempt) => {
            if (attempt !== args.deployedAttempt) sayNotes(container, "Found by apply:", this);
        });
        this.registerOutputs({});
    }
}
