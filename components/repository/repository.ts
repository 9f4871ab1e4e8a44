import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** What any kind of repository gives to the rest of the program. */
export interface RepositoryDeclaration {
    /** The user's name of it; names of its cloud resources derive from it. */
    readonly name: string;
    readonly type: string;
    /** pgBackRest's options without their `repoN-`: `type`, `path`, credentials. */
    readonly options: ReadonlyMap<string, pulumi.Input<string>>;
    /** What containers that use it need mounted. A change restarts them. */
    readonly mounts: readonly docker.types.input.ContainerMount[];
    /** Variables that pgBackRest reads for this kind; no secret. A change restarts the containers. */
    readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    /** Files that its options name as `@REVISION@/files/NAME`: they travel like secrets, and are published with the configuration. */
    readonly files: readonly RepositoryFile[];
    /** Where it is, for people; no secret. Two repositories with the same location are the same repository. */
    readonly location: pulumi.Input<string>;
    /** What it is encrypted with before it leaves the host. Who loses it has lost the backups. */
    readonly passphrase: pulumi.Output<string> | undefined;
    /** What else a user needs to know of it, such as the policy to attach; no secret. */
    readonly details: Readonly<Record<string, pulumi.Input<unknown>>>;
}

export interface RepositoryFile {
    readonly name: string;
    readonly content: pulumi.Input<string>;
}
