import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { besideComponents, type Labels, volume, volumeMount } from "../docker/containers";
import { type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import { renderRepo } from "../pgbackrest/repository";
import { type PublishedRepository, renderRepositories } from "../protection/state";
import { renderSchedules, type Schedules } from "../schedule/schedules";
import { schedulesOf } from "./entry";
import { generatePassphrase, PASSPHRASE, passphraseName } from "./encryption";
import type { RepositoryDeclaration } from "./kind";
import { ofKind, type Repository, type Store, storesOf } from "./kinds";
import { repositoryVolumeName } from "./mounted/mounted";
import { placeAndPath } from "./place";
import { type ReaderOutputs, readerOutputs } from "./readers";
import type { RepositoryUse } from "./retention";
import { amazonProvider, needsAmazon } from "./s3/amazon";
import type { AwsSettings } from "./s3/aws";
import type { Amazon } from "./s3/classes";

type Mount = docker.types.input.ContainerMount;
type Text = pulumi.Input<string>;

/** Amazon needs some seconds until a key and its rights that were just made work everywhere. */
const NEW_KEY_SECONDS = "60";

/** What the settings of a stack say of them. */
export interface RepositorySettings {
    readonly name: string;
    readonly protect: boolean;
    readonly repositories: readonly Repository[];
    readonly schedules: Schedules;
    readonly aws: AwsSettings;
}

export interface RepositoriesArgs {
    /** Which there are, and what is wanted of them. */
    readonly settings: RepositorySettings;
    /** What pgBackRest's options mean for each. */
    readonly uses: readonly RepositoryUse[];
    /** The classes of @pulumi/aws, where something is to be made with them. */
    readonly amazon: Amazon | undefined;
    /** Of the volume for a repository on the Docker host, where it is made new. */
    readonly labels: Labels;
    /** Name of the stack, in the names of what is made. */
    readonly stack: string;
    /** Names of the passphrases that the state has. */
    readonly generated: readonly string[];
    /** Names of the keys of KMS that the state has. */
    readonly kmsKeys: readonly string[];
}

/** What a stack tells of its repositories. */
export interface RepositoryOutputs extends ReaderOutputs {
    /** Where backups go; no secret. */
    readonly repositories: readonly {
        readonly name: string;
        readonly type: string;
        /** In words. */
        readonly location: Text;
        /** What else is to be known of it, such as the policy to attach. */
        readonly [detail: string]: pulumi.Input<unknown>;
    }[];
    /** By repository, what its backups are encrypted with; a secret. Nothing where none is encrypted. */
    readonly passphrases?: pulumi.Output<Record<string, string>>;
    /** What to do with the passphrases, in words. */
    readonly keepPassphrases?: string;
}

/** All repositories of a stack: what they make, and what the containers get of them. */
export class Repositories extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string): ObjectName[] {
        return objectsOf(name, { volumes: ["pgbackrest-repo"] });
    }

    /** What every container that runs pgBackRest mounts. */
    readonly mounts: readonly Mount[];
    /** Variables of every container that runs pgBackRest; no secret. */
    readonly environment: Readonly<Record<string, Text>>;
    readonly outputs: RepositoryOutputs;
    /** Variables of the setup container alone; no secret. */
    readonly setupEnvironment: Readonly<Record<string, Text>>;

    private readonly declared: readonly Declared[];
    /** The stack's. */
    private readonly schedules: Schedules;

    constructor(resourceName: string, args: RepositoriesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Repositories", resourceName, {}, opts);

        const { settings, amazon: classes, stack, kmsKeys } = args;
        const { name, protect } = settings;
        const child = { parent: this, aliases: besideComponents(opts) };
        const local = volume(repositoryVolumeName(name), child, args.labels, protect);
        const amazon =
            classes === undefined
                ? undefined
                : { classes, provider: amazonProvider(classes, settings, child) };
        this.declared = storesOf(settings.repositories).map((store, index) => {
            const use = args.uses[index] ?? { lifetime: undefined, tagging: false };
            const kind = ofKind(store);
            const declaration = kind.declare({
                ...{ ...child, name, stack, protect, local, amazon, use, kmsKeys },
            });
            const place = pulumi
                .output(declaration.place)
                .apply((known) => placeAndPath({ ...store, local: kind.local, place: known }));
            return { ...declaration, store, local: kind.local, place };
        });
        this.mounts = [
            ...onceByTarget(this.declared.flatMap((repository) => repository.mounts)),
            // There and mounted also while no repository uses it: otherwise a change to another kind or none would remove all backups,
            // and would have to replace the containers.
            ...(this.declared.some((repository) => repository.local)
                ? []
                : [volumeMount(local, PLACES.repository)]),
        ];
        this.environment = Object.fromEntries(
            this.declared.flatMap((repository) => Object.entries(repository.environment)),
        );
        this.outputs = {
            repositories: this.declared.map(({ store, place, details }) => ({
                name: store.name,
                type: store.type,
                // Its name since the first release.
                location: place,
                ...details,
            })),
            ...readerOutputs(this.declared),
            ...passphrases([
                ...this.declared.map(({ store, passphrase }) => ({ repository: store.name, passphrase })),
                ...formerPassphrases(settings, args.generated, child),
            ]),
        };
        const fresh = needsAmazon(settings) ? { REPOSITORY_PATIENCE: NEW_KEY_SECONDS } : {};
        this.setupEnvironment = { ...this.environment, ...fresh, ...reasons(settings.repositories) };
        this.schedules = settings.schedules;
        this.registerOutputs({});
    }

    /** Files that are published with the configuration, conf.d/repo.conf among them; they hold secrets. */
    get files(): pulumi.Output<readonly PublishedFile[]> {
        const files = this.declared.flatMap((repository) => repository.files);
        return pulumi
            .all([
                pulumi.all(
                    files.map(({ name, content }) =>
                        pulumi.output(content).apply((text) => ({ name, content: text })),
                    ),
                ),
                pulumi.all(this.declared.map(({ options }) => pulumi.all(Object.fromEntries(options)))),
                pulumi.all(this.declared.map(({ place }) => place)),
            ])
            .apply(([own, options, places]): readonly PublishedFile[] => [
                ...own,
                {
                    name: "conf.d/repo.conf",
                    content: renderRepo(
                        options.map((entry, index) => ({
                            number: this.declared[index]?.store.entry.number ?? index + 1,
                            options: new Map(Object.entries(entry)),
                        })),
                    ),
                },
                {
                    name: "repositories.json",
                    content: renderRepositories(
                        this.declared.map(({ store }, index) =>
                            publishedOf(store, places[index] ?? "", this.schedules),
                        ),
                    ),
                },
            ]);
    }
}

/** Two that prove themselves with the same token need it mounted once. */
function onceByTarget(mounts: readonly Mount[]): Mount[] {
    return [...new Map(mounts.map((mount) => [mount.target, mount])).values()];
}

/** What errors mean, for setup: a line each, with the kind, a part of the error, and the meaning, behind a tab each. */
function reasons(repositories: readonly Repository[]): Record<string, string> {
    const lines = storesOf(repositories).flatMap((store) =>
        Object.entries(ofKind(store).reasons).map(([part, text]) => `${store.type}\t${part}\t${text}\n`),
    );
    return lines.length === 0 ? {} : { REPOSITORY_REASONS: [...new Set(lines)].join("") };
}

/** What the backup service needs to know of one; of its schedules, its first backup and its drills only what is not as usual. */
function publishedOf({ name, type, entry }: Store, place: string, usual: Schedules): PublishedRepository {
    const schedules = renderSchedules(schedulesOf(usual, entry));
    return {
        ...{ name, number: entry.number, place: `${type}:${place}` },
        ...(schedules === renderSchedules(usual) ? {} : { schedules }),
        ...(entry.firstBackup === "now" ? {} : { firstBackup: entry.firstBackup }),
        ...(entry.drill.schedule === undefined ? {} : { drill: entry.drill.schedule }),
    };
}

interface PublishedFile {
    readonly name: string;
    readonly content: string;
}

/** A repository of the settings with all that it needs. */
interface Declared extends Omit<RepositoryDeclaration, "place"> {
    readonly store: Store;
    readonly local: boolean;
    /** With its path. */
    readonly place: pulumi.Output<string>;
}

interface Passphrase {
    readonly repository: string;
    readonly passphrase: pulumi.Output<string> | undefined;
}

/**
 * Those of repositories that the settings have no longer: the old backups are still there, and it may come back. Where one of that name has
 * a passphrase that was given, the generated one is not that of its backups now.
 */
function formerPassphrases(
    { name, repositories }: RepositorySettings,
    generated: readonly string[],
    child: { readonly parent: pulumi.Resource; readonly aliases: pulumi.Alias[] },
): Passphrase[] {
    const stores = storesOf(repositories);
    const declared = stores
        .filter((store) => ofKind(store).encryption === "generated")
        .map((repository) => passphraseName(name, repository.name));
    return generated
        .filter((former) => !declared.includes(former))
        .map((former) => {
            const repository = former.slice(0, -PASSPHRASE.length).replace(new RegExp(`^${name}-`), "");
            const isThere = stores.some((store) => store.name === repository);
            return {
                repository: isThere ? `${repository} (former)` : repository,
                passphrase: generatePassphrase(former, child),
            };
        });
}

/** By repository, what its backups are encrypted with: to be kept outside of the state, for the day when that is lost. */
function passphrases(all: readonly Passphrase[]): Omit<RepositoryOutputs, "repositories"> {
    const known = all.flatMap(({ repository, passphrase }) =>
        passphrase === undefined ? [] : [[repository, passphrase] as const],
    );
    if (known.length === 0) return {};
    return {
        passphrases: pulumi.secret(pulumi.all(Object.fromEntries(known))),
        keepPassphrases:
            "Keep a copy of the output passphrases where neither this state nor the host can be lost with it (a password manager, a safe): without it the backups cannot be read. To see it: pulumi stack output passphrases --show-secrets",
    };
}
