/** A policy document of IAM. */
export interface PolicyDocument {
    readonly Version: "2012-10-17";
    readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
    readonly Sid: string;
    readonly Effect: "Allow" | "Deny";
    readonly Principal?: "*" | Readonly<Record<string, string>>;
    readonly Action: string | readonly string[];
    readonly Resource?: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface RepositoryPolicyArgs {
    readonly bucketArn: string;
    /** The repository's path in the bucket, such as `/salespider/prod`. */
    readonly path: string;
    readonly region: string;
    /** Does pgBackRest tag what it writes (`repoN-storage-tag`)? */
    readonly tagging: boolean;
    /** The KMS keys that objects of the repository are, or were, encrypted with, but for S3's own. */
    readonly kmsKeyArns?: readonly string[];
}

/**
 * What pgBackRest needs in its own prefix, and nothing else: no other prefix, no change of the bucket, no deletion of a version, so that
 * with versioning (and for certain with a lock) whoever steals the key cannot destroy what is there.
 *
 * Sources: pgBackRest 2.60, src/storage/s3/storage.c (the requests it makes) and the policy of its user guide
 * (doc/xml/user-guide.xml, s3-support).
 */
export function repositoryPolicy(args: RepositoryPolicyArgs): PolicyDocument {
    const { kmsKeyArns = [] } = args;
    return document([
        ...listing(args),
        {
            Sid: "UseObjects",
            Effect: "Allow",
            Action: [
                // DELETE and POST ?delete: expire, a backup that failed, and the link to the latest backup at the end of each one
                // (src/command/backup/common.c), so no backup works without it. No version is deleted by it.
                "s3:DeleteObject",
                // GET and HEAD.
                "s3:GetObject",
                // GET with versionId: repo-target-time.
                "s3:GetObjectVersion",
                // PUT, and POST ?uploads with its parts. It never aborts an upload: the lifecycle rule does.
                "s3:PutObject",
                // A PUT with the header x-amz-tagging.
                ...(args.tagging ? ["s3:PutObjectTagging"] : []),
            ],
            Resource: objectsOf(args),
        },
        ...(kmsKeyArns.length === 0
            ? []
            : [useKeys(["kms:Decrypt", "kms:GenerateDataKey"], kmsKeyArns, args.region)]),
    ]);
}

/** Of who reads the repository, as it is and as it was, and nothing else: `info`, `restore`, `archive-get`, `verify`. */
export function readerPolicy(args: Omit<RepositoryPolicyArgs, "tagging">): PolicyDocument {
    const { kmsKeyArns = [] } = args;
    return document([
        ...listing(args),
        {
            Sid: "ReadObjects",
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:GetObjectVersion"],
            Resource: objectsOf(args),
        },
        ...(kmsKeyArns.length === 0 ? [] : [useKeys(["kms:Decrypt"], kmsKeyArns, args.region)]),
    ]);
}

type Place = Pick<RepositoryPolicyArgs, "bucketArn" | "path">;

function prefixOf({ path }: Place): string {
    return `${path.slice(1)}/`;
}

function objectsOf(place: Place): string {
    return `${place.bucketArn}/${prefixOf(place)}*`;
}

function listing(place: Place): PolicyStatement[] {
    const inPrefix = { StringLike: { "s3:prefix": `${prefixOf(place)}*` } };
    return [
        {
            // storageS3List sends list-type=2 with a prefix that always begins with the path, whatever it looks for. It is also what makes
            // S3 answer "404" and not "403" for an object that is not there yet.
            Sid: "ListRepository",
            Effect: "Allow",
            Action: "s3:ListBucket",
            Resource: place.bucketArn,
            Condition: inPrefix,
        },
        {
            // The same list with `versions`, for repo-target-time: a restore from a repository as it was before somebody deleted its objects.
            Sid: "ListVersions",
            Effect: "Allow",
            Action: "s3:ListBucketVersions",
            Resource: place.bucketArn,
            Condition: inPrefix,
        },
    ];
}

/** S3 asks KMS in the name of whoever reads (Decrypt, also for the parts of an upload) or writes (GenerateDataKey); nobody else may ask with them. */
function useKeys(actions: readonly string[], keyArns: readonly string[], region: string): PolicyStatement {
    return {
        Sid: "UseKeyThroughS3",
        Effect: "Allow",
        Action: actions,
        // As it was while there was but one, so that a policy does not change.
        Resource: keyArns.length === 1 ? keyArns.join() : keyArns,
        Condition: {
            StringEquals: {
                "kms:ViaService": `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`,
            },
        },
    };
}

/** Of the bucket: nobody, whatever else allows it, may use it without TLS. */
export function tlsOnlyPolicy(bucketArn: string): PolicyDocument {
    return document([
        {
            Sid: "DenyWithoutTls",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucketArn, `${bucketArn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    ]);
}

/** Of a role: the machines of EC2 that have its instance profile may assume it. */
export function ec2TrustPolicy(region: string): PolicyDocument {
    const service = `ec2.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
    return document([
        {
            Sid: "AssumeByInstances",
            Effect: "Allow",
            Principal: { Service: service },
            Action: "sts:AssumeRole",
        },
    ]);
}

/**
 * Of a role: whoever has a token of this identity provider, for this subject and this audience, may assume it.
 * @param provider ARN of the identity provider; what follows `oidc-provider/` in it is the issuer, which names the conditions
 */
export function webIdentityTrustPolicy(provider: string, subject: string, audience: string): PolicyDocument {
    const issuer = provider.slice(provider.indexOf("oidc-provider/") + "oidc-provider/".length);
    return document([
        {
            Sid: "AssumeWithToken",
            Effect: "Allow",
            Principal: { Federated: provider },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject } },
        },
    ]);
}

function document(statements: readonly PolicyStatement[]): PolicyDocument {
    return { Version: "2012-10-17", Statement: statements };
}
