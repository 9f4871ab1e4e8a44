import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type * as v from "valibot";
import type { Lifetime, RepositoryUse } from "./retention";
import type { Amazon } from "./s3/classes";

/** Adds a problem of one field; `field` is empty for one of the whole repository. */
export type Complain = (field: string, problem: string) => void;

/** Where the settings of a repository are made complete: what they mean depends on it. */
export interface RepositoryContext {
    /** Setting `name` of the stack. */
    readonly name: string;
    readonly stack: string;
    /** Reads a file of the project; throws when it cannot. */
    readonly readFile: (path: string) => string;
    readonly now: Date;
    /** Region of the setting `aws`. */
    readonly awsRegion: string | undefined;
}

/** What the settings of every repository have, when they are complete. */
export interface AnyRepository {
    /** The user's name of it; names of what is made for it derive from it. */
    readonly name: string;
    /** The kind. */
    readonly type: string;
    /** In its place, or for a local one where the containers see it. */
    readonly path: string;
}

/** The settings of a kind as the stack has them. */
export type KindSchema = v.GenericSchema<unknown, { readonly name: string; readonly type: string }> & {
    readonly type: "strict_object";
    readonly entries: Readonly<Record<string, v.GenericSchema>> & {
        readonly type: v.LiteralSchema<string, undefined>;
    };
};

/** How a repository is encrypted before anything leaves the host. */
export type Encryption = "generated" | "none" | { readonly passphrase: string };

/** What no two repositories may share. */
export interface Claim {
    /** Field of the settings that says it, and its value. */
    readonly field: string;
    readonly value: string;
    /** What it is a part of: claims in different ones never clash. */
    readonly within: string;
    /** Is the claim on all that is below the path `value`, too? */
    readonly below: boolean;
    /** For messages: `VALUE is WHAT another too: WHY`. */
    readonly what: string;
    readonly why: string;
}

/** What the containers have once for all repositories: those that need it must need the same. */
export interface Common {
    /** Field of the settings that says it, and its value. */
    readonly field: string;
    readonly value: string;
    /** By its name in the containers. */
    readonly within: string;
}

/** What the description of a stack says of a repository, beside its place and how long backups stay; see state/description.ts. */
export interface Described {
    readonly access: Readonly<Record<string, string>>;
    /** What a fingerprint is made of; nothing where there are no credentials. */
    readonly credentials: readonly unknown[] | undefined;
    readonly bucket: Readonly<Record<string, string>>;
    readonly lockDays: number;
    /** What containers can only be given when they are made. */
    readonly wiring: readonly string[];
}

/** A file that the options name as `@REVISION@/files/NAME`: it travels like a secret, and is published with the configuration. */
export interface RepositoryFile {
    readonly name: string;
    readonly content: pulumi.Input<string>;
}

/** Options of pgBackRest, without their `repoN-`. */
export type RepositoryOptions = readonly (readonly [string, pulumi.Input<string>])[];

/** What a repository gives to the rest of the program when all that it needs has been made. */
export interface RepositoryDeclaration {
    /** `type`, `path`, credentials and whatever else pgBackRest needs to reach it. */
    readonly options: RepositoryOptions;
    /** What containers that use it need mounted. A change restarts them. */
    readonly mounts: readonly docker.types.input.ContainerMount[];
    /** Variables that pgBackRest reads for this kind; no secret. A change restarts the containers. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    readonly files: readonly RepositoryFile[];
    /** As `place` of its kind says it, with the names of what was made. */
    readonly place: pulumi.Input<string>;
    /** What it is encrypted with before it leaves the host. Who loses it has lost the backups. */
    readonly passphrase: pulumi.Output<string> | undefined;
    /** What else a user needs to know of it, such as the policy to attach; no secret. */
    readonly details: Readonly<Record<string, pulumi.Input<unknown>>>;
    /** How those reach it who can read and nothing else, by their names; without the certificate of an authority, which is a file. */
    readonly readers?: Readonly<Record<string, RepositoryOptions>>;
}

/** What kinds make their resources with. */
export interface DeclareContext {
    /** Setting `name` of the stack: prefix of the names of resources. */
    readonly name: string;
    readonly stack: string;
    /** Refuse to delete what losing would cost backups: bucket, user, key. */
    readonly protect: boolean;
    readonly parent: pulumi.Resource;
    /** What its children were called in states of earlier releases. */
    readonly aliases: pulumi.Alias[];
    /** The volume for a repository on the Docker host. */
    readonly local: docker.Volume;
    /** How to make buckets and keys; there when a repository needs it. */
    readonly amazon: { readonly classes: Amazon; readonly provider: pulumi.ProviderResource } | undefined;
    /** Names of the keys of KMS that the state has. */
    readonly kmsKeys: readonly string[];
    /** What pgBackRest's options mean for it. */
    readonly use: RepositoryUse;
}

/** All that the program needs to know of a kind of repository. */
export interface RepositoryKind<Schema extends KindSchema, Repository extends AnyRepository> {
    /** Its settings, each with what it means. */
    readonly schema: Schema;
    /** Those of them that hold a secret: kept encrypted in the stack file, and shown by no message. */
    readonly secrets: readonly string[];
    /** Checks what no single field shows, and fills in what follows from others. */
    readonly complete: (
        input: v.InferOutput<Schema>,
        context: RepositoryContext,
        complain: Complain,
    ) => Repository;
    /** Is it on the Docker host itself? Then `path` is only where the containers see it, and says nothing about what is in it. */
    readonly local: boolean;
    /**
     * Where it is, for people, without the path; no secret. With the path of one that is not local it is what makes it this repository:
     * another text is another repository, so a released one never changes.
     * @param volume name of the stack's own volume for repositories
     */
    readonly place: (repository: Repository, volume: string) => string;
    /** Does the stack make its place? Then nobody else has it, and it goes with the repository. */
    readonly made: (repository: Repository) => boolean;
    readonly encryption: (repository: Repository) => Encryption;
    /** A Docker volume of another set-up that it takes over. */
    readonly adopted: (repository: Repository) => string | undefined;
    readonly claims: (repository: Repository) => readonly Claim[];
    readonly common: (repository: Repository) => readonly Common[];
    readonly describe: (repository: Repository, volume: string, lifetime: Lifetime | undefined) => Described;
    /** What cannot be, with backups that live so long, and what is probably not wanted. */
    readonly checkLifetime: (
        repository: Repository,
        lifetime: Lifetime | undefined,
        refuse: Complain,
        warn: Complain,
    ) => void;
    /** Why it can never be read as it was at an earlier time, in half a sentence; nothing where it may keep versions. */
    readonly noVersions: (repository: Repository) => string | undefined;
    /**
     * What an error of pgBackRest means with such a repository, and what to do: by a part of the error, in half a sentence about `it`.
     * What any server can say is known to image/lib/prove-repositories.sh.
     */
    readonly reasons: Readonly<Record<string, string>>;
    /** Makes what it needs, and says how pgBackRest reaches it. */
    readonly declare: (repository: Repository, context: DeclareContext) => RepositoryDeclaration;
}
