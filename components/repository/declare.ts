import type * as docker from "@pulumi/docker";
import type { Settings } from "../settings/schema";
import { azureRepository } from "./azure";
import type { CloudContext } from "./cloud";
import { gcsRepository } from "./gcs";
import { posixRepository } from "./posix";
import type { RepositoryDeclaration } from "./repository";
import { s3Repository } from "./s3";

type Repository = Settings["repositories"][number];

export interface DeclareContext extends CloudContext {
    /** The volume for a repository on the Docker host, and its name. */
    readonly volume: docker.Volume;
    readonly volumeName: string;
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
                volume: context.volume,
                volumeName: context.volumeName,
            });
        case "s3":
            if (typeof repository.bucket !== "string")
                throw new Error("a provisioned bucket is not supported yet");
            return s3Repository(repository, { bucket: repository.bucket }, context);
        case "azure":
            return azureRepository(repository, context);
        case "gcs":
            return gcsRepository(repository, context);
    }
}
