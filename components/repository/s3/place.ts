import type { S3Settings } from "./settings";
import type { DeclareContext } from "../kind";
import { repositoryPolicy } from "./policy";
import { noncurrentDays } from "./lifetime";
import type { S3Place } from "./declare";
import { BackupBucket } from "./bucket";
import { KMS_KEY } from "./names";

/** The bucket with what goes with it: made, or as it is. */
export function s3Place(repository: S3Settings, context: DeclareContext): S3Place {
    const { bucket, credentials, path, region } = repository;
    const { lifetime, tagging } = context.use;
    if (typeof bucket === "string") {
        if (credentials.keyType === "shared" || credentials.keyType === "made") return { bucket };
        const bucketArn = `arn:${partition(region)}:s3:::${bucket}`;
        const policy = repositoryPolicy({
            bucketArn,
            path,
            region,
            tagging,
            kmsKeyArns: repository.kmsKeyId === undefined ? [] : [repository.kmsKeyId],
        });
        return { bucket, details: { policy: JSON.stringify(policy) } };
    }
    if (context.amazon === undefined)
        throw new Error("a bucket is to be made, and @pulumi/aws is not loaded");
    const made = new BackupBucket(
        `${context.name}-${repository.name}`,
        {
            name: context.name,
            stack: context.stack,
            repository: repository.name,
            amazon: context.amazon.classes,
            region,
            path,
            bucket,
            noncurrentDays: noncurrentDays(bucket.noncurrentDays, lifetime),
            tagging,
            hasKmsKey: context.kmsKeys.includes(`${context.name}-${repository.name}${KMS_KEY}`),
            keyGeneration: credentials.keyType === "made" ? credentials.generation : undefined,
            protect: context.protect,
        },
        { parent: context.parent, aliases: context.aliases, providers: { aws: context.amazon.provider } },
    );
    return made.place;
}

/** Of Amazon: China and the government have their own. */
function partition(region: string): string {
    if (region.startsWith("cn-")) return "aws-cn";
    return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
