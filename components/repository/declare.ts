import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { adoptedVolume } from "../docker/containers";
import type { Settings } from "../settings/schema";
import type { Amazon } from "./s3/amazon";
import { azureRepository } from "./azure/declare";
import type { CloudContext } from "./cloud/declare";
import { gcsRepository } from "./gcs/declare";
import { posixRepository } from "./posix/declare";
import type { RepositoryDeclaration } from "./repository";
import type { RepositoryUse } from "./retention";
import { s3Repository } from "./s3/declare";
import { s3Place } from "./s3/place";

type Repository = Settings["repositories"][number];

export interface DeclareContext extends CloudContext {
    /** The volume for a repository on the Docker host. */
    readonly local: docker.Volume;
    /** How to make buckets and keys; there when a repository needs it. */
    readonly amazon: { readonly classes: Amazon; readonly provider: pulumi.ProviderResource } | undefined;
    /** Names of the keys of KMS that the state has. */
    readonly kmsKeys: readonly string[];
    /** What pgBackRest's options mean for it. */
    readonly use: RepositoryUse;
}

export function repositoryVolumeName(name: string): string {
    return `${name}-pgbackrest-repo`;
}

/** Makes what the repository of these settings needs, and says how pgBackRest reaches it. Nothing for `none`. */
export function declareRepository(
    repository: Repository,
    context: DeclareContext,
): RepositoryDeclaration | undefined {
    switch (repository.type) {
        case "none":
            return undefined;
        case "posix":
            return posixRepository({
                name: repository.name,
                path: repository.path,
                hostPath: repository.hostPath,
                volume:
                    repository.volume === undefined
                        ? context.local
                        : adoptedVolume(repository.volume, context.parent),
                volumeName: repository.volume ?? repositoryVolumeName(context.name),
            });
        case "s3":
            return s3Repository(repository, s3Place(repository, context), context);
        case "azure":
            return azureRepository(repository, context);
        case "gcs":
            return gcsRepository(repository, context);
    }
}
