import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type * as random from "@pulumi/random";
import { volumeMount } from "../docker/containers";
import { PLACES } from "../docker/places";
import { repositoryEnvironment } from "../pgbackrest/repository";
import { generatePassphrase, PASSPHRASE, passphraseName } from "./encryption";
import type { RepositoryDeclaration } from "./kind";
import { ofKind, type Repository, type Store, storesOf } from "./kinds";
import { placeAndPath } from "./place";
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
    readonly aws: AwsSettings;
}

export interface RepositoriesContext {
    /** What pgBackRest's options mean for each. */
    readonly uses: readonly RepositoryUse[];
    /** The classes of @pulumi/aws, where something is to be made with them. */
    readonly amazon: Amazon | undefined;
    /** The volume for a repository on the Docker host. */
    readonly local: docker.Volume;
    /** Provider of generated passphrases. */
    readonly passwords: random.Provider;
    /** Name of the stack, in the names of what is made. */
    readonly stack: string;
    /** Names of the passphrases that the state has. */
    readonly generated: readonly string[];
    /** Names of the keys of KMS that the state has. */
    readonly kmsKeys: readonly string[];
}

/** All repositories of a stack: what they make, and what the containers get of them. */
export class Repositories {
    /** What every container that runs pgBackRest mounts. */
    readonly mounts: readonly Mount[];
    /** Variables of every container that runs pgBackRest; no secret. */
    readonly environment: Readonly<Record<string, Text>>;
    /** Where backups go, for people and other programs; the passphrases are a secret. */
    readonly outputs: Readonly<Record<string, pulumi.Input<unknown>>>;
    /** What the setup container is told of them; it holds secrets. */
    readonly setupEnvironment: pulumi.Output<Record<string, string>>;

    private readonly declared: readonly Declared[];

    constructor(settings: RepositorySettings, context: RepositoriesContext, parent: pulumi.Resource) {
        const { name, protect } = settings;
        const { amazon: classes, local, passwords, stack, kmsKeys } = context;
        const amazon =
            classes === undefined
                ? undefined
                : { classes, provider: amazonProvider(classes, settings, parent) };
        this.declared = storesOf(settings.repositories).map((store, index) => {
            const use = context.uses[index] ?? { lifetime: undefined, tagging: false };
            const kind = ofKind(store);
            const declaration = kind.declare({
                ...{ name, stack, protect, parent, passwords, local, amazon, use, kmsKeys },
            });
            const place = pulumi
                .output(declaration.place)
                .apply((known) => placeAndPath({ ...store, local: kind.local, place: known }));
            return { ...declaration, store, local: kind.local, place };
        });
        this.mounts = [
            ...this.declared.flatMap((repository) => repository.mounts),
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
            ...passphrases([
                ...this.declared.map(({ store, passphrase }) => ({ repository: store.name, passphrase })),
                ...formerPassphrases(settings, { ...context, parent }),
            ]),
        };
        this.setupEnvironment = this.variables(needsAmazon(settings));
    }

    /** Files that are published with the configuration; they hold secrets. */
    get files(): pulumi.Output<{ name: string; content: string }[]> {
        const files = this.declared.flatMap((repository) => repository.files);
        return pulumi.all(
            files.map(({ name, content }) =>
                pulumi.output(content).apply((text) => ({ name, content: text })),
            ),
        );
    }

    private variables(fresh: boolean): pulumi.Output<Record<string, string>> {
        const options = this.declared.map(({ options }) => pulumi.all(Object.fromEntries(options)));
        const places = this.declared.map(({ store, place }) => pulumi.interpolate`${store.type}:${place}`);
        return pulumi
            .all([pulumi.all(options), pulumi.all(places), pulumi.all({ ...this.environment })])
            .apply(([resolved, where, variables]): Record<string, string> => ({
                ...variables,
                REPOSITORIES: where.join(" ") || "none",
                ...(fresh ? { REPOSITORY_PATIENCE: NEW_KEY_SECONDS } : {}),
                ...repositoryEnvironment(resolved.map((entry) => new Map(Object.entries(entry)))),
            }));
    }
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

/** Those of repositories that the settings have no longer: the old backups are still there, and it may come back. */
function formerPassphrases(
    { name, repositories }: RepositorySettings,
    context: Pick<RepositoriesContext, "generated" | "passwords"> & { readonly parent: pulumi.Resource },
): Passphrase[] {
    const declared = storesOf(repositories)
        .filter((store) => ofKind(store).encryption === "generated")
        .map((repository) => passphraseName(name, repository.name));
    return context.generated
        .filter((former) => !declared.includes(former))
        .map((former) => ({
            repository: former.slice(0, -PASSPHRASE.length).replace(new RegExp(`^${name}-`), ""),
            passphrase: generatePassphrase(former, context),
        }));
}

/** By repository, what its backups are encrypted with: to be kept outside of the state, for the day when that is lost. */
function passphrases(all: readonly Passphrase[]): Record<string, pulumi.Input<unknown>> {
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
