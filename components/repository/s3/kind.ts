import { IMMUTABLE } from "../../protection/immutable";
import type { Claim, Common, RepositoryKind } from "../kind";
import { claimPath } from "../place";
import { bucketPlace, s3Repository } from "./declare";
import { describeS3 } from "./describe";
import { checkBucketLifetime } from "./lifetime";
import type { MadeBucket } from "./madeBucket";
import { readerPart } from "./names";
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
            : claimNames(repository.name, repository.bucket),
    common: commonToWebIdentities,
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

/** What is made for readers has the name of the repository in its own. */
function claimNames(name: string, { readers }: MadeBucket): Claim[] {
    const own = [
        { field: "name", value: name },
        ...readers.map((reader) => ({ field: "readers", value: readerPart(name, reader) })),
    ];
    return own.map((each) => ({
        ...{ ...each, within: "what is made at Amazon", below: false },
        ...{ what: "the name of something that is made for", why: "give one of them another name" },
    }));
}

/** pgBackRest takes the role and the token's file from variables, and so from one of each (src/storage/s3/helper.c). */
function commonToWebIdentities({ name, credentials }: S3Settings): Common[] {
    if (credentials.keyType !== "web-id") return [];
    const role = credentials.role ?? `the role that is made for ${name}`;
    return [
        { field: "role", value: role, within: "the role of keyType web-id (AWS_ROLE_ARN)" },
        {
            ...{ field: "tokenFile", value: credentials.tokenFile },
            within: "the token of keyType web-id (AWS_WEB_IDENTITY_TOKEN_FILE)",
        },
    ];
}
