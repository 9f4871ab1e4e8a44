import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { applyConfiguration } from "./apply";
import { Backup } from "./backup";
import { Configuration } from "./configuration";
import { volume, volumeMount } from "./containers";
import { changedSettings, type Deployment, type History } from "./deployment";
import { buildImage, givenImage } from "./image";
import { fileEnvironment, renderFiles, secretFiles } from "./files";
import { repositoryEnvironment } from "./pgbackrest/repository";
import { Postgres } from "./postgres";
import { scramVerifier } from "./postgresql/scram";
import { type Amazon, amazonProvider, needsAmazon } from "./repository/amazon";
import { declareRepository } from "./repository/declare";
import { LOCAL_PATH } from "./repository/posix";
import type { RepositoryDeclaration } from "./repository/repository";
import type { Settings } from "./settings/schema";

export interface ProtectedPostgresArgs {
    /** All settings of the stack, validated. */
    readonly settings: Settings;
    /** Directory of the project: the image's sources and the base template are in it. */
    readonly directory: string;
    /** The classes of @pulumi/aws, which only a stack loads that makes something at Amazon. */
    readonly amazon?: Amazon | undefined;
    /** What earlier commands left in force. */
    readonly history: pulumi.Output<History>;
}

/**
 * A PostgreSQL that is protected from its first minute: repositories, one configuration for all, published once; the database that
 * archives with it, the service that backs up with it, and the proof that both do.
 */
export class ProtectedPostgres extends pulumi.ComponentResource {
    /** What was deployed, for people and for other programs; the connection is a secret. */
    readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;

    constructor(name: string, args: ProtectedPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        const { settings } = args;
        super("pgbackrest:index:ProtectedPostgres", name, {}, withDockerHost(settings, opts));

        const template = readFileSync(join(args.directory, TEMPLATE), "utf8");
        const rendered = renderFiles(settings, { file: TEMPLATE, text: template }, pulumi.getStack());
        const { files, restartSettings } = rendered;
        for (const warning of rendered.warnings) void pulumi.log.warn(warning, this);
        announceRestart(name, restartSettings, args.history, this);

        const image = theImage(name, args, this).imageId;
        const network = new docker.Network(name, { name }, { parent: this });
        const password = applicationPassword(settings, this);

        // Always there and always mounted: a stack that moves its backups elsewhere and back restarts nothing, and loses none of them.
        const volumeName = `${name}-pgbackrest-repo`;
        const local = volume(volumeName, this, settings.protect);
        const amazon =
            args.amazon === undefined
                ? undefined
                : { classes: args.amazon, provider: amazonProvider(args.amazon, name, settings, this) };
        const repositories = settings.repositories
            .map((repository, index) =>
                declareRepository(repository, {
                    name,
                    stack: pulumi.getStack(),
                    protect: settings.protect,
                    parent: this,
                    volume: local,
                    volumeName,
                    amazon,
                    use: rendered.uses[index] ?? { kept: undefined, tagging: false },
                }),
            )
            .filter((repository) => repository !== undefined);
        const mounts = [
            ...(settings.repositories.some(({ type }) => type === "posix")
                ? []
                : [volumeMount(local, LOCAL_PATH)]),
            ...repositories.flatMap((repository) => repository.mounts),
        ];
        const environment = Object.fromEntries(
            repositories.flatMap((repository) => Object.entries(repository.environment)),
        );

        const configuration = new Configuration(
            name,
            {
                name,
                image,
                network,
                files,
                restartSettings,
                environment: setupEnvironment(settings, repositories, environment),
                mounts,
                history: args.history,
            },
            { parent: this },
        );
        const afterPublication = { parent: this, dependsOn: configuration.published };
        const postgres = new Postgres(
            name,
            {
                name,
                image,
                network,
                configuration: configuration.mount,
                mounts,
                environment,
                restartSettings,
                ...(settings.port === undefined ? {} : { port: settings.port }),
                address: settings.address,
                memory: settings.memory,
                cpus: settings.cpus,
                shm: settings.shm,
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
                postgres,
                backup,
                revision: configuration.revision,
                attempt: configuration.attempt,
                database: settings.database,
                role: settings.role,
                verifier: password.apply((text) => scramVerifier(settings.role, text)),
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
            repositories: repositories.map(({ name, type, location, details }) => ({
                name,
                type,
                location,
                ...details,
            })),
            ...passphrases(repositories),
            revision: configuration.revision,
            database: settings.database,
            role: settings.role,
            ...(settings.port === undefined ? {} : { port: `${settings.address}:${settings.port}` }),
            connection: pulumi.secret(password.apply((text) => connectionUrl(settings, text))),
            // Read back by the next `up`; it says "in force" only when apply has ended well.
            deployment: pulumi
                .all([configuration.revision, configuration.attempt, applied.exitCode])
                .apply(([revision, attempt]): Deployment => ({ revision, attempt, restartSettings })),
        };
        this.registerOutputs(this.outputs);
    }
}

/** Amazon needs some seconds until a key and its rights that were just made work everywhere. */
const NEW_KEY_SECONDS = "60";

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

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
    return buildImage(name, join(directory, "image"), parent);
}

function applicationPassword(settings: Settings, parent: pulumi.Resource): pulumi.Output<string> {
    if (settings.password !== undefined) return pulumi.secret(settings.password);
    return new random.RandomPassword(`${settings.name}-password`, { length: 32, special: false }, { parent })
        .result;
}

/** What the setup container alone gets to know: where the repositories are, and every secret of the configuration. */
function setupEnvironment(
    settings: Settings,
    repositories: readonly RepositoryDeclaration[],
    consumers: Readonly<Record<string, pulumi.Input<string>>>,
): pulumi.Output<Record<string, string>> {
    const options = pulumi.all(
        repositories.map((repository) => pulumi.all(Object.fromEntries(repository.options))),
    );
    const places = pulumi.all(
        repositories.map(({ type, location }) => pulumi.interpolate`${type}:${location}`),
    );
    const files = pulumi.all(
        repositories.flatMap((repository) =>
            repository.files.map(({ name, content }) =>
                pulumi.output(content).apply((text) => ({ name, content: text })),
            ),
        ),
    );
    const environment = pulumi
        .all([options, places, files, pulumi.all({ ...consumers })])
        .apply(([resolved, where, published, variables]): Record<string, string> => ({
            STANZA: settings.stanza,
            REPOSITORIES: where.join(" ") || "none",
            ...(needsAmazon(settings) ? { REPOSITORY_PATIENCE: NEW_KEY_SECONDS } : {}),
            ...variables,
            ...repositoryEnvironment(resolved.map((entry) => new Map(Object.entries(entry)))),
            ...fileEnvironment([...secretFiles(settings), ...published]),
        }));
    return pulumi.secret(environment);
}

/** By repository, what its backups are encrypted with: to be kept outside of the state, for the day when that is lost. */
function passphrases(repositories: readonly RepositoryDeclaration[]): Record<string, pulumi.Output<unknown>> {
    const known = repositories.flatMap(({ name, passphrase }) =>
        passphrase === undefined ? [] : [[name, passphrase] as const],
    );
    return known.length === 0 ? {} : { passphrases: pulumi.secret(pulumi.all(Object.fromEntries(known))) };
}

function connectionUrl(settings: Settings, password: string): string {
    const server =
        settings.port === undefined
            ? `${settings.name}-postgres:5432`
            : `${settings.address}:${settings.port}`;
    return `postgresql://${settings.role}:${encodeURIComponent(password)}@${server}/${settings.database}`;
}

/** Says beforehand that PostgreSQL will restart, and why: all other changes of settings are taken over while it runs. */
function announceRestart(
    name: string,
    wanted: Readonly<Record<string, string>>,
    history: pulumi.Output<History>,
    resource: pulumi.Resource,
): void {
    history.apply(({ deployment }) => {
        const changed = deployment === undefined ? [] : changedSettings(deployment.restartSettings, wanted);
        if (changed.length > 0)
            void pulumi.log.warn(
                `${name}-postgres restarts once: only a restart changes ${changed.join(", ")}`,
                resource,
            );
    });
}
