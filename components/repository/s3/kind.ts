import { IMMUTABLE } from "../../protection/immutable";
import type { RepositoryKind } from "../kind";
import { claimPath } from "../place";
import { bucketPlace, s3Repository } from "./declare";
import { describeS3 } from "./describe";
import { checkBucketLifetime } from "./lifetime";
import { s3Place } from "./place";
import { completeS3, s3 as schema, type S3Settings } from "./settings";

/** A repository in S3 or in a store that speaks its language. */
export const s3: RepositoryKind<typeof schema, S3Settings> = {
    schema,
    secrets: ["key", "keySecret", "token", "passphrase"],
    complete: completeS3,
    local: false,
    place: (repository) =>
        bucketPlace(
            typeof repository.bucket === "string"
                ? repository.bucket
                : `that this stack makes for repository ${repository.name}`,
            repository,
        ),
    made: ({ bucket }) => typeof bucket !== "string",
    encryption: ({ encryption }) => encryption,
    adopted: () => undefined,
    claims: (repository) =>
        typeof repository.bucket === "string"
            ? claimPath(repository, bucketPlace(repository.bucket, repository), "a prefix")
            : [],
    describe: describeS3,
    checkLifetime: ({ bucket }, lifetime, refuse, warn) => {
        if (typeof bucket !== "string") checkBucketLifetime(bucket, lifetime, refuse, warn);
    },
    noVersions: ({ bucket }) =>
        typeof bucket === "string" || bucket.versioning
            ? undefined
            : "its bucket is made with versioning: false",
    reasons: IMMUTABLE,
    declare: (repository, context) => s3Repository(repository, s3Place(repository, context), context),
};
