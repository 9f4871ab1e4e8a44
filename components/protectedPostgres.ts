import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Labels, network } from "./docker/containers";
import { buildImages, givenImage, type Images } from "./docker/image";
import type { ObjectName } from "./docker/names";
import type { StackOutputs } from "./outputs";
import { markStack } from "./ownership/mark";
import { makeWay, removeEnded } from "./ownership/takeOver";
import type { Plan } from "./plan";
import { scramVerifier } from "./postgresql/scram";
import { fileEnvironment, secretFiles } from "./publication/publication";
import { Repositories } from "./repository/repositories";
import type { Amazon } from "./repository/s3/classes";
import { adoptedVolumes } from "./review/adoption";
import { type Deployment, type History, restoreAttempt } from "./state/history";
import { knownDataVolumes } from "./state/inventory";
import { Adopt } from "./services/adopt";
import { applicationPassword, connectionUrl } from "./services/application";
import { Apply } from "./services/apply";
import { Backup, backupSizes } from "./services/backup";
import { Configuration } from "./services/configuration";
import { Drill } from "./services/drill";
import { movesOf } from "./services/move";
import { sayNotes } from "./services/oneShot";
import { monitoringOutput } from "./services/monitoring";
import { Postgres } from "./services/postgres";
import { Restore } from "./services/restore";
import type { RepositoryServiceArgs } from "./services/service";
import { Storage } from "./services/storage";
import type { Settings } from "./settings/schema";

export interface ProtectedPostgresArgs {
    /** What is to be declared, reviewed. */
    readonly plan: Plan;
    /** The classes of @pulumi/aws, which only a stack loads that makes something at Amazon. */
    readonly amazon?: Amazon | undefined;
}

/**
 * A PostgreSQL that is protected from its first minute: repositories, one configuration for all, published once; storage, filled by
 * what is taken over or by nobody yet; the database on it that archives with the configuration, the service that backs up with it, and
 * the proof that both do.
 */
export class ProtectedPostgres extends pulumi.ComponentResource {
    /** What was deployed. */
    readonly outputs: StackOutputs;

    constructor(name: string, args: ProtectedPostgresArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:ProtectedPostgres", name, {}, opts);

        const { plan } = args;
        const { settings, rendered, history, stack } = plan;
        const { taken } = plan.claim;
        const { name: prefix, protect } = settings;
        const { restartSettings } = rendered;
        for (const { level, text } of plan.told) void pulumi.log[level](text, this);
        removeEnded(plan.claim, settings.dockerHost);

        const { onDocker, atRandom, docker, random } = this.provide(name, settings);
        // A component waits for its providers, so only those that make something at random have that one.
        const within = { parent: this, providers: docker };
        const withRandom = { parent: this, providers: { ...docker, random } };
        const labels = markStack(prefix, plan, taken, atRandom);
        const images = theImages(plan, onDocker);
        const image = images.database;
        const network = theNetwork(plan, labels, onDocker);
        const password = applicationPassword(settings, atRandom);
        const shared = { name: prefix, image, labels };

        const repositories = new Repositories(
            name,
            {
                ...{ settings, labels, stack, uses: rendered.uses, amazon: args.amazon },
                generated: history.passphrases ?? [],
                kmsKeys: history.kmsKeys ?? [],
            },
            withRandom,
        );
        const { mounts, environment } = repositories;

        const { dataVolume } = settings;
        const storage = new Storage(
            name,
            {
                name: prefix,
                labels,
                wanted: settings,
                known: dataVolumes(plan),
                deployed: history.volumes,
                protect,
            },
            within,
        );
        // What fills it, when PostgreSQL's own first start is not to: before anything else uses it.
        const filled =
            adoptedVolumes(settings).length === 0
                ? []
                : [new Adopt(name, { ...shared, settings, restartSettings, history }, within).done];

        const configuration = new Configuration(
            name,
            {
                ...{ ...shared, network, mounts, restartSettings, history, files: rendered.files },
                image: images.backup,
                data: isFilled(settings) ? undefined : storage.data,
                environment: setupEnvironment(settings, repositories),
            },
            { ...withRandom, dependsOn: filled },
        );
        // Who asked for it knows it already.
        if (settings.release === "newest") sayNotes(configuration.setup, "Found by setup:", this);
        const afterPublication = {
            ...within,
            dependsOn: makeWay(configuration.published, taken, settings.dockerHost),
        };
        const usesRepositories = {
            ...{ ...shared, network, mounts, environment, storage },
            configuration: configuration.mount,
        };
        const { port, address, memory, cpus, shm } = settings;
        const restored = this.restore(name, plan, usesRepositories, images.backup, afterPublication);
        const afterRestore = restored === undefined ? afterPublication : { ...within, dependsOn: [restored] };
        const postgres = new Postgres(
            name,
            {
                ...{ ...usesRepositories, restartSettings, port, address, memory, cpus, shm },
                published: plan.published.postgres,
            },
            afterRestore,
        );
        const backup = new Backup(
            name,
            { ...usesRepositories, ...backupSizes(settings, plan.published), image: images.backup },
            afterRestore,
        );
        const { drill: wanted } = settings;
        const drill =
            wanted === undefined
                ? undefined
                : new Drill(
                      name,
                      {
                          ...{ ...usesRepositories, image: images.backup, restartSettings, backup, wanted },
                          cpus: wanted.cpus ?? cpus,
                      },
                      afterPublication,
                  );
        const { database, role, waitFor, waitTimeout } = settings;
        const { revision, attempt } = configuration;
        const applied = new Apply(
            name,
            {
                ...{ name: prefix, image, storage, postgres, backup, revision, attempt },
                deployedAttempt: history.deployment?.attempt,
                ...{ database, role, waitFor, waitTimeout },
                configuration: configuration.mount,
                configurationVolume: configuration.volume,
                verifier: password?.apply((text) => scramVerifier(role, text)),
                adopted: dataVolume !== undefined,
            },
            within,
        );

        const moves = movesOf({ settings, history, container: postgres.container, done: applied.done }, this);
        this.outputs = {
            containers: {
                setup: configuration.setup.name,
                postgres: postgres.container.name,
                backup: backup.container.name,
                apply: `${prefix}-apply`,
                ...(drill === undefined ? {} : { drill: drill.container.name }),
            },
            network: network.name,
            volumes: {
                configuration: configuration.volume.name,
                data: storage.data.name,
                sockets: storage.sockets.name,
                spool: storage.spool.name,
                state: backup.state.name,
                drills: backup.drills.name,
            },
            stanza: settings.stanza,
            ...repositories.outputs,
            revision,
            database,
            role,
            ...(port === undefined ? {} : { port: `${address}:${port}` }),
            connection: connectionUrl(settings, password),
            ...monitoringOutput(settings, stack),
            // It says "in force" only when apply has ended well.
            deployment: pulumi.all([revision, attempt, moves]).apply(([inForce, run, moves]): Deployment => ({
                ...{ revision: inForce, attempt: run, defaultCpus: plan.defaultCpus },
                ...(moves.length === 0 ? {} : { moves }),
            })),
            description: pulumi.secret(plan.description),
        };
        this.registerOutputs({ ...this.outputs });
    }

    /** Begins the restore that is declared. @returns what PostgreSQL on the restored volume has to wait for */
    private restore(
        name: string,
        { settings, rendered: { restartSettings }, history }: Plan,
        args: RepositoryServiceArgs & { readonly storage: Storage },
        image: pulumi.Input<string>,
        options: pulumi.ComponentResourceOptions,
    ): pulumi.Output<docker.Container> | undefined {
        const { wish } = settings.restore;
        if (wish === undefined) return undefined;
        const attempt = restoreAttempt(wish, history, new Date());
        const { cpus } = settings;
        const { done } = new Restore(name, { ...args, image, wish, restartSettings, cpus, attempt }, options);
        return wish.pause ? undefined : done;
    }

    /** The providers of all children. Release 0.1.0 had them beside the component, by names that any other would have too. */
    private provide(name: string, { dockerHost }: Settings) {
        const provider = (kind: string): pulumi.CustomResourceOptions => ({
            parent: this,
            aliases: [{ name: kind, parent: pulumi.rootStackResource }],
        });
        // Of its own, because Pulumi starts the plugins of its default providers one after the other.
        const passwords = new random.Provider(`${name}-random`, {}, provider("random"));
        const atRandom = { parent: this, provider: passwords };
        // Without a host of the settings, the engine is the one that the docker command uses.
        if (dockerHost === undefined)
            return { onDocker: { parent: this }, atRandom, docker: {}, random: passwords };
        const engine = new docker.Provider(`${name}-docker`, { host: dockerHost }, provider("docker"));
        return {
            onDocker: { parent: this, provider: engine },
            atRandom,
            docker: { docker: engine },
            random: passwords,
        };
    }
}

/** All that a stack of these settings makes on the Docker engine; not what it takes over of another set-up. */
export function ownObjects(
    settings: Settings,
    { volumes: deployed, inventory }: Pick<History, "volumes" | "inventory">,
): ObjectName[] {
    const { name, port } = settings;
    return [
        { kind: "network", name },
        ...Repositories.objects(name),
        ...Storage.objects(settings, knownDataVolumes(name, inventory), deployed),
        ...(adoptedVolumes(settings).length === 0 ? [] : Adopt.objects(name)),
        ...Configuration.objects(name),
        ...Restore.objects(name, settings.restore.wish),
        ...Postgres.objects(name, port),
        ...Backup.objects(name, settings.monitoring?.published !== undefined),
        ...Drill.objects(name, settings.drill),
        ...Apply.objects(name),
    ];
}

/** The data volumes that the stack has made, whatever they are used for now. */
function dataVolumes({ settings, history }: Plan): string[] {
    return knownDataVolumes(settings.name, history.inventory);
}

/** Does somebody fill the data volume before PostgreSQL's own first start would? */
function isFilled({ dataVolume, restore: { wish } }: Settings): boolean {
    return dataVolume !== undefined || wish?.pause === false;
}

/** The one that the settings name, or else those that `image/` is built to. */
function theImages({ settings, directory, images }: Plan, options: pulumi.CustomResourceOptions): Images {
    const { name, release } = settings;
    if (typeof images === "string") return givenImage(name, images, options);
    return buildImages(name, join(directory, "image"), images, release, options);
}

/** Where PostgreSQL is reached; the one of a lost state where it is taken over. */
function theNetwork(
    { settings: { name, mtu }, claim: { taken } }: Plan,
    labels: Labels,
    options: pulumi.CustomResourceOptions,
): docker.Network {
    return network(name, mtu, taken.find(({ kind }) => kind === "network")?.id, labels, options);
}

/** What the setup container alone gets to know: where the repositories are, and every secret of the configuration. */
function setupEnvironment(
    settings: Settings,
    repositories: Repositories,
): pulumi.Output<Record<string, string>> {
    const environment = pulumi
        .all([pulumi.all({ ...repositories.setupEnvironment }), repositories.files])
        .apply(([variables, files]): Record<string, string> => ({
            STANZA: settings.stanza,
            ...variables,
            ...fileEnvironment([...secretFiles(settings), ...files]),
        }));
    return pulumi.secret(environment);
}
