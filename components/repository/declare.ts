import type * as docker from "@pulumi/docker";
import type { Settings } from "../settings/schema";
import type * as pulumi from "@pulumi/pulumi";
import type { Amazon } from "./amazon";
import { azureRepository } from "./azure";
import type { CloudContext } from "./cloud";
import { gcsRepository } from "./gcs";
import { posixRepository } from "./posix";
import type { RepositoryDeclaration } from "./repository";
import { s3Repository } from "./s3";
import { repositoryPolicy } from "./policy";
import { noncurrentDays, type RepositoryUse } from "./retention";
import { type S3Place } from "./s3";
import { S3Repository } from "./s3Repository";
import type { S3Settings } from "../settings/repository/s3";

type Repository = Settings["repositories"][number];

export interface DeclareContext extends CloudContext {
    /** The volume for a repository on the Docker host, and its name. */
    readonly volume: docker.Volume;
    readonly volumeName: string;
    /** How to make buckets and keys; there when a repository needs it. */
    readonly amazon: { readonly classes: Amazon; readonly provider: pulumi.ProviderResource } | undefined;
    /** What pgBackRest's options mean for it. */
    readonly use: RepositoryUse;
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
            return s3Repository(repository, s3Place(repository, context), context);
        case "azure":
            return azureRepository(repository, context);
        case "gcs":
            return gcsRepository(repository, context);
    }
}

/** The bucket with what goes with it: made, or as it is. */
function s3Place(repository: S3Settings, context: DeclareContext): S3Place {
    const { bucket, credentials, path, region } = repository;
    const { kept, tagging } = context.use;
    if (typeof bucket === "string") {
        if (credentials.keyType === "shared" || credentials.keyType === "made") return { bucket };
        const bucketArn = `arn:${partition(region)}:s3:::${bucket}`;
        // Rights are given on an ARN, and pgBackRest takes the id alone too.
        const kmsKeyArn = repository.kmsKeyId?.startsWith("arn:") === true ? repository.kmsKeyId : undefined;
        const policy = repositoryPolicy({ bucketArn, path, region, tagging, kmsKeyArn });
        return { bucket, details: { policy: JSON.stringify(policy) } };
    }
    if (context.amazon === undefined)
        throw new Error("a bucket is to be made, and @pulumi/aws is not loaded");
    const made = new S3Repository(
        `${context.name}-${repository.name}`,
        {
            name: context.name,
            stack: context.stack,
            repository: repository.name,
            amazon: context.amazon.classes,
            region,
            path,
            bucket,
            noncurrentDays: noncurrentDays(bucket.noncurrentDays, kept),
            tagging,
            makeUser: credentials.keyType === "made",
            protect: context.protect,
        },
        { parent: context.parent, providers: { aws: context.amazon.provider } },
    );
    return made.place;
}

/** Of Amazon: China and the government have their own. */
function partition(region: string): string {
    if (region.startsWith("cn-")) return "aws-cn";
    return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
