import { createHmac } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { environmentList, serverArguments, volume, volumeMount } from "../docker/containers";
import { type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import { canonical } from "../canonical";
import { INIT_SQL } from "../publication/publication";
import { attemptFor, type History } from "../state/history";
import { oneShot } from "./oneShot";
import type { ServiceArgs } from "./service";

type Mount = docker.types.input.ContainerMount;

/** What Pulumi gives setup, in minutes, and what setup leaves of it: what ends later would be published although `up` is red. */
const MINUTES = 10;
const SPARE_MINUTES = 2;

export interface ConfigurationArgs extends ServiceArgs {
    /** The stack's own: setup asks repositories and stores from it. */
    readonly network: docker.Network;
    /** Files of the configuration by name, without secrets: a preview shows how they change. Only what is in init.sql it does not. */
    readonly files: Readonly<Record<string, string>>;
    /** PostgreSQL settings that are not in a file but on its command line: proven together with the files. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /**
     * Environment of the setup container: the files that hold secrets, the repositories' credentials among them, and what else it asks
     * for. Nobody else gets it.
     */
    readonly environment: pulumi.Input<Record<string, string>>;
    /** What the repositories' own volumes or directories need mounted. */
    readonly mounts: readonly Mount[];
    /** The volume that PostgreSQL's first start is to fill: setup refuses an empty one beside backups. Nothing where somebody else fills it. */
    readonly data: docker.Volume | undefined;
    /** What earlier commands left in force. */
    readonly history: History;
}

/**
 * The configuration volume and the setup container that validates and publishes the configuration in it, once for all. A change of
 * any argument replaces the setup container only; if it fails, the configuration published before stays in force.
 */
export class Configuration extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string): ObjectName[] {
        return objectsOf(name, { containers: ["setup"], volumes: ["pgbackrest-config"] });
    }

    readonly volume: docker.Volume;
    readonly setup: docker.Container;
    /** Resolves when the configuration is published; `dependsOn` of whatever reads it, never an input of it. */
    readonly published: pulumi.Output<docker.Container>;
    /** Hash of all that the setup container gets. */
    readonly revision: pulumi.Output<string>;
    /** Which run of setup published this revision. */
    readonly attempt: pulumi.Output<string>;

    constructor(name: string, args: ConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Configuration", name, {}, opts);

        this.volume = volume(`${args.name}-pgbackrest-config`, { parent: this }, args.labels);
        // Keyed, because a plain hash in the outputs would let a weak secret be guessed.
        const key = new random.RandomPassword(
            `${args.name}-revision-key`,
            { length: 32, special: false },
            { parent: this },
        );
        const { files, restartSettings } = args;
        this.revision = pulumi.unsecret(
            pulumi
                .all([key.result, args.environment, args.image])
                .apply(([secret, environment, image]) =>
                    revisionOf(secret, { files, restartSettings, environment, image }),
                ),
        );
        this.attempt = this.revision.apply((revision) => attemptFor(revision, args.history, new Date()));

        const setup = oneShot(
            `${args.name}-setup`,
            {
                image: args.image,
                command: ["configure-pgbackrest.sh", ...serverArguments(args.restartSettings)],
                envs: pulumi
                    .all([args.environment, this.revision, this.attempt])
                    .apply(([environment, revision, attempt]) =>
                        environmentList({
                            ...environment,
                            REVISION: revision,
                            ATTEMPT: attempt,
                            WAIT_TIMEOUT: String((MINUTES - SPARE_MINUTES) * 60),
                        }),
                    ),
                uploads: Object.entries(args.files).map(([file, content]) => ({
                    file: `${PLACES.input}/${file}`,
                    // People write passwords of roles into it, and a preview goes into pull requests.
                    content: file === INIT_SQL ? pulumi.secret(content) : content,
                })),
                mounts: [
                    volumeMount(this.volume, PLACES.publishing),
                    volumeMount(this.volume, PLACES.published, true),
                    ...(args.data === undefined ? [] : [volumeMount(args.data, PLACES.data, true)]),
                    ...args.mounts,
                ],
                networksAdvanced: [{ name: args.network.name }],
            },
            { parent: this, minutes: MINUTES },
            "The configuration published before stays in force and nothing else was changed.",
        );
        this.setup = setup.container;
        this.published = setup.done;
        this.registerOutputs({ revision: this.revision });
    }

    /** Mount of the published configuration in everything that reads it. */
    get mount(): Mount {
        return volumeMount(this.volume, PLACES.published, true);
    }
}

function revisionOf(key: string, content: unknown): string {
    return createHmac("sha256", key).update(canonical(content)).digest("hex").slice(0, 16);
}
