import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** What any kind of repository gives to the rest of the program. */
export interface RepositoryDeclaration {
    /** The user's name of it; names of its cloud resources derive from it. */
    readonly name: string;
    readonly type: string;
    /** pgBackRest's options without their `repoN-`: `type`, `path`, credentials. */
    readonly options: ReadonlyMap<string, pulumi.Input<string>>;
    /** What containers that use it need mounted. */
    readonly mounts: readonly docker.types.input.ContainerMount[];
    /** Where it is, for people; no secret. Two repositories with the same location are the same repository. */
    readonly location: string;
}
