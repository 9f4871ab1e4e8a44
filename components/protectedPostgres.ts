import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { adopt, announceAdoption } from "./services/adopt";
import { applyConfiguration } from "./services/apply";
import { Backup } from "./services/backup";
import { reviewChange } from "./review/review";
import { Configuration } from "./services/configuration";
import type { OtherStack } from "./review/refusals";
import { labelled, type Labels, volume } from "./docker/containers";
import type { Deployment, History } from "./review/history";
import { buildImage, givenImage } from "./docker/image";
import { fileEnvironment, renderFiles, secretFiles } from "./publication/publication";
import { sayNotes } from "./services/oneShot";
import { Postgres } from "./services/postgres";
import { type Engine, type EngineObject } from "./ownership/engine";
import { type Inventory, inventory } from "./ownership/inventory";
import { claim, MARK, MARK_LABEL, markText, OWNER_LABEL, PORT_PROOF } from "./ownership/ownership";
import { refuse, UserError } from "./problems";
import { scramVerifier } from "./postgresql/scram";
import { repositoryVolumeName } from "./repository/mounted/mounted";
import { Repositories } from "./repository/repositories";
import type { Amazon } from "./repository/s3/classes";
import type { Settings } from "./settings/schema";
import { checkCpus, defaultCpus, withCpus } from "./review/sizes";
import { announceTakeOver, makeWay, removeEnded } from "./ownership/takeOver";

export interface ProtectedPostgresArgs {
    /** All settings of the stack, validated. */
    readonly settings: Settings;
    /** Directory of the project: the image's sources and the base template are in it. */
    readonly directory: string;
    /** The classes of @pulumi/aws, which only a stack loads that makes something at Amazon. */
    readonly amazon?: Amazon | undefined;
    /** What earlier commands left in force. */
    readonly history: History;
    /** What the Docker engine says; nothing where it need not be asked, or does not answer. */
    readonly engine: Engine | undefined;
    /** What the stacks are whose repositories this one must keep away from. */
    readonly others: readonly OtherStack[];
}

/**
 * A PostgreSQL that is protected from its first minute: repositories, one configuration for all, published once; the database that
 * archives with it, the service that backs up with it, and the proof that both do.
 */
export class ProtectedPostgres extends pulumi.ComponentResource {
    /** What was deployed, for people and for other programs; the connection is a secret. */
    readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;

    constructor(name: string, args: ProtectedPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        const { history, engine } = args;
        const known = history.inventory ?? inventory([]);
        const cpus = defaultCpus(history.deployment, engine?.cpus);
        const settings = withCpus(args.settings, cpus);
        super("pgbackrest:index:ProtectedPostgres", name, {}, withDockerHost(settings, opts));

        const template = { file: TEMPLATE, text: readTemplate(args.directory) };
        const rendered = renderFiles(settings, template, pulumi.getStack());
        const { files, restartSettings } = rendered;
        for (const warning of rendered.warnings) void pulumi.log.warn(warning, this);
        const description = reviewChange(
            {
                settings,
                rendered,
                imageDirectory: join(args.directory, "image"),
                before: history.description,
                others: args.others,
            },
            this,
        );

        const claimed = claim(settings, engine?.objects ?? [], known);
        const { taken } = claimed;
        refuse([...(engine === undefined ? [] : checkCpus(settings, engine.cpus)), ...claimed.problems]);

        announceAdoption(settings, history, this);
        announceTakeOver(settings, taken, this);
        removeEnded(claimed, settings.dockerHost);

        // Of its own, because Pulumi starts the plugins of its default providers one after the other.
        const passwords = new random.Provider("random");
        // Before anything that bears it: what an interrupted `up` leaves behind is known by it.
        const mark = new random.RandomId(
            `${name}${MARK}`,
            { byteLength: 4 },
            { parent: this, provider: passwords },
        );
        const labels = labelsWith(mark, args.directory, taken);
        const image = theImage(name, args, this).imageId;
        const found = taken.find(({ kind }) => kind === "network");
        const network = new docker.Network(
            name,
            { name, labels: labels(name) },
            { ...labelled, parent: this, ...(found === undefined ? {} : { import: found.id }) },
        );
        const password = applicationPassword(settings, passwords, this);

        const local = volume(repositoryVolumeName(name), this, labels, settings.protect);
        const repositories = new Repositories(
            settings,
            {
                ...{ uses: rendered.uses, amazon: args.amazon, local, passwords, stack: pulumi.getStack() },
                generated: history.passphrases ?? [],
                kmsKeys: history.kmsKeys ?? [],
            },
            this,
        );
        const { mounts, environment } = repositories;

        const adopted = adopt({ settings, image, restartSettings, history, labels }, this);
        const configuration = new Configuration(
            name,
            {
                name,
                image,
                network,
                labels,
                files,
                restartSettings,
                environment: setupEnvironment(settings, repositories),
                mounts,
                passwords,
                history,
            },
            { parent: this, ...(adopted === undefined ? {} : { dependsOn: adopted }) },
        );
        // Who asked for it knows it already.
        if (settings.release === "newest") sayNotes(configuration.setup, "Found by setup:", this);
        const afterPublication = {
            parent: this,
            dependsOn: makeWay(configuration.published, taken, settings.dockerHost),
        };
        const postgres = new Postgres(
            name,
            {
                name,
                image,
                network,
                labels,
                published: { now: known.published, proven: provenPort(name, known, engine) },
                configuration: configuration.mount,
                mounts,
                environment,
                restartSettings,
                ...(settings.port === undefined ? {} : { port: settings.port }),
                address: settings.address,
                memory: settings.memory,
                cpus: settings.cpus,
                shm: settings.shm,
                dataVolume: settings.dataVolume,
                deployed: history.volumes,
                protect: settings.protect,
            },
            afterPublication,
        );
        const backup = new Backup(
            name,
            {
                name,
                image,
                network,
                labels,
                postgres,
                configuration: configuration.mount,
                mounts,
                environment,
                memory: settings.backupMemory,
                cpus: settings.backupCpus,
            },
            afterPublication,
        );
        const applied = applyConfiguration(
            {
                name,
                image,
                configuration: configuration.mount,
                configurationVolume: configuration.volume,
                postgres,
                backup,
                revision: configuration.revision,
                attempt: configuration.attempt,
                database: settings.database,
                role: settings.role,
                verifier: password?.apply((text) => scramVerifier(settings.role, text)),
                adopted: settings.dataVolume !== undefined,
                waitFor: settings.waitFor,
                waitTimeout: settings.waitTimeout,
            },
            this,
        );

        this.outputs = {
            containers: {
                setup: configuration.setup.name,
                postgres: postgres.container.name,
                backup: backup.container.name,
                apply: `${name}-apply`,
            },
            network: network.name,
            volumes: {
                configuration: configuration.volume.name,
                data: postgres.data.name,
                sockets: postgres.sockets.name,
                spool: postgres.spool.name,
                state: backup.state.name,
            },
            stanza: settings.stanza,
            ...repositories.outputs,
            revision: configuration.revision,
            database: settings.database,
            role: settings.role,
            ...(settings.port === undefined ? {} : { port: `${settings.address}:${settings.port}` }),
            connection: pulumi.secret(
                password?.apply((text) => connectionUrl(settings, `:${encodeURIComponent(text)}`)) ??
                    connectionUrl(settings, ""),
            ),
            // Read back by the next `up`; it says "in force" only when apply has ended well.
            deployment: pulumi
                .all([configuration.revision, configuration.attempt, applied.exitCode])
                .apply(([revision, attempt]): Deployment => ({ revision, attempt, defaultCpus: cpus })),
            // What the next preview compares with. No secret, but too long to be shown after each command.
            description: pulumi.secret(description),
        };
        this.registerOutputs(this.outputs);
    }
}

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

function readTemplate(directory: string): string {
    try {
        return readFileSync(join(directory, TEMPLATE), "utf8");
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new UserError([
            `${TEMPLATE}: the base template cannot be read (${reason}): put it back, such as with git restore ${TEMPLATE}`,
        ]);
    }
}

/** All children run on the engine of the settings; without one, on the one that the docker command uses. */
function withDockerHost(
    settings: Settings,
    opts?: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions {
    if (settings.dockerHost === undefined) return opts ?? {};
    const provider = new docker.Provider("docker", { host: settings.dockerHost });
    return pulumi.mergeOptions(opts, { providers: { docker: provider } });
}

/** The one that the settings name, or else the one that `image/` is built to. */
function theImage(
    name: string,
    { settings, directory }: ProtectedPostgresArgs,
    parent: pulumi.Resource,
): docker.RemoteImage {
    if (settings.image !== undefined) return givenImage(name, settings.image, parent);
    return buildImage(name, join(directory, "image"), settings.release, parent);
}

/** Where the proof of the port is known to have ended well. */
function provenPort(name: string, known: Inventory, engine: Engine | undefined): string | undefined {
    const ended = (object: EngineObject): boolean =>
        object.name === `${name}${PORT_PROOF}` && object.status === "exited";
    return engine === undefined || engine.objects.some(ended) ? known.provenPort : undefined;
}

/** Whose it is, on all that is made new. What is taken over keeps what it has: Docker changes no labels. */
function labelsWith(mark: random.RandomId, directory: string, taken: readonly EngineObject[]): Labels {
    const own = [
        { label: MARK_LABEL, value: mark.hex.apply(markText) },
        { label: OWNER_LABEL, value: `stack ${pulumi.getStack()} in ${directory} on ${hostname()}` },
    ];
    return (name) => {
        const found = taken.find((object) => object.kind !== "container" && object.name === name);
        if (found === undefined) return own;
        return Object.entries(found.labels).map(([label, value]) => ({ label, value }));
    };
}

/** Nothing where an adopted role keeps the password that it has. */
function applicationPassword(
    settings: Settings,
    provider: random.Provider,
    parent: pulumi.Resource,
): pulumi.Output<string> | undefined {
    if (settings.password !== undefined) return pulumi.secret(settings.password);
    if (settings.dataVolume !== undefined) return undefined;
    const { passwordGeneration } = settings;
    const args = {
        length: 32,
        special: false,
        // The first one has none: the password of a stack that is older than the setting stays.
        ...(passwordGeneration === 1 ? {} : { keepers: { generation: String(passwordGeneration) } }),
    };
    return new random.RandomPassword(`${settings.name}-password`, args, { parent, provider }).result;
}

/** What the setup container alone gets to know: where the repositories are, and every secret of the configuration. */
function setupEnvironment(
    settings: Settings,
    repositories: Repositories,
): pulumi.Output<Record<string, string>> {
    const environment = pulumi
        .all([repositories.setupEnvironment, repositories.files])
        .apply(([variables, files]): Record<string, string> => ({
            STANZA: settings.stanza,
            ...variables,
            ...fileEnvironment([...secretFiles(settings), ...files]),
        }));
    return pulumi.secret(environment);
}

/** @param password with the colon before it, or nothing */
function connectionUrl(settings: Settings, password: string): string {
    const server =
        settings.port === undefined
            ? `${settings.name}-postgres:5432`
            : `${settings.address}:${settings.port}`;
    return `postgresql://${settings.role}${password}@${server}/${settings.database}`;
}
