import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { MadeBucket } from "./madeBucket";
import type { Amazon } from "./classes";
import { bucketName, KMS_KEY, readerName, readerPart } from "./names";
import { type AccessContext, makeReader, makeRole, makeUser } from "./access";
import { readerPolicy, repositoryPolicy, tlsOnlyPolicy } from "./policy";
import type { S3Key, S3Place } from "./declare";

export interface BackupBucketArgs {
    /** Setting `name` of the stack: in the bucket's name. Another one would be another bucket, so it counts at creation only. */
    readonly name: string;
    readonly stack: string;
    /** The user's name of the repository, in the bucket's name as well. */
    readonly repository: string;
    /** The classes of @pulumi/aws, which only a stack that needs them loads. */
    readonly amazon: Amazon;
    /** Where the bucket is. A change replaces it. */
    readonly region: string;
    /** Where the repository is in the bucket: the user's rights end there. */
    readonly path: string;
    /** What the stack wants of the bucket. */
    readonly bucket: MadeBucket;
    /** Days after which deleted and overwritten versions go. */
    readonly noncurrentDays: number;
    /** Does pgBackRest tag what it writes? */
    readonly tagging: boolean;
    /** Has a key of KMS been made for it once? */
    readonly hasKmsKey: boolean;
    /** Make a user, and its key of this number? Without, a role of the machine has the rights. */
    readonly keyGeneration: number | undefined;
    /**
     * Refuse to delete any of it but a key, also when it is no longer declared. All of it, because a bucket that is not empty refuses its deletion only
     * after its policy, its versioning and its user are gone.
     */
    readonly protect: boolean;
}

/**
 * A bucket for one repository with all that makes it safe, and credentials that can do what pgBackRest needs and nothing else.
 * Costs what is stored, and a KMS key (1 USD a month) where one is made.
 */
export class BackupBucket extends pulumi.ComponentResource {
    /** Where it is and how to get in. */
    readonly place: S3Place;

    private readonly keep: pulumi.CustomResourceOptions;
    /** What must be there before the first object: what is written earlier is not versioned, not locked, not encrypted with the right key. */
    private readonly first: pulumi.CustomResource[] = [];

    constructor(
        name: string,
        private readonly args: BackupBucketArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        // The name of its type from before it was called a bucket: another one would replace it.
        super("pgbackrest:index:S3Repository", name, {}, opts);
        this.keep = { parent: this, protect: args.protect, retainOnDelete: args.protect };
        const { amazon } = args;

        const suffix = new random.RandomId(`${name}-suffix`, { byteLength: 4 }, this.keep);
        const called = suffix.hex.apply((hex) => bucketName(args.name, args.stack, args.repository, hex));
        const kmsKey = this.makeKmsKey(name, called);
        const bucket = new amazon.Bucket(
            `${name}-bucket`,
            {
                // The stack's name at creation: renaming the stack must not replace its bucket.
                bucket: called,
                ...(args.bucket.lock === undefined ? {} : { objectLockEnabled: true }),
                forceDestroy: false,
                tags: { ...args.bucket.tags },
            },
            // A lock can be added to a bucket that exists, by the resource below; here it would replace the bucket.
            pulumi.mergeOptions(this.keep, {
                ignoreChanges: ["bucket", "objectLockEnabled"],
                // Deleted before the key, so a bucket that refuses to be deleted keeps it.
                ...(kmsKey === undefined ? {} : { dependsOn: kmsKey }),
            }),
        );
        const given = args.bucket.kms;
        this.encrypt(name, bucket.id, given === true ? kmsKey?.arn : given);
        this.guard(name, bucket);
        this.age(name, bucket.id);

        const rights = pulumi.all([bucket.arn, kmsKey?.arn]).apply(([bucketArn, keyArn]) => ({
            bucketArn,
            path: args.path,
            region: args.region,
            kmsKeyArns: [keyArn, given].filter((arn) => typeof arn === "string"),
        }));
        const policy = pulumi.jsonStringify(
            rights.apply((of) => repositoryPolicy({ ...of, tagging: args.tagging })),
        );
        const key =
            args.keyGeneration === undefined
                ? undefined
                : makeUser(name, bucket.bucket, policy, args.keyGeneration, this.access);
        new amazon.BucketOwnershipControls(
            `${name}-ownership`,
            { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
            // The key cannot be protected itself, or it could not rotate. What depends on it and is protected stops a `destroy` before it.
            pulumi.mergeOptions(this.keep, key === undefined ? {} : { dependsOn: key }),
        );
        this.place = {
            bucket: pulumi
                .all([bucket.bucket, ...this.first.map(({ id }) => id)])
                .apply(([made]) => made ?? ""),
            ...(key === undefined ? {} : { key: { id: key.id, secret: pulumi.secret(key.secret) } }),
            ...(args.keyGeneration === undefined ? makeRole(name, bucket.bucket, policy, this.access) : {}),
            readers: this.makeReaders(name, bucket.bucket, pulumi.jsonStringify(rights.apply(readerPolicy))),
        };
        this.registerOutputs({ bucket: bucket.bucket });
    }

    private get access(): AccessContext {
        const { amazon, bucket, region } = this.args;
        return { amazon, bucket, region, parent: this, keep: this.keep };
    }

    private makeReaders(
        name: string,
        bucket: pulumi.Output<string>,
        policy: pulumi.Output<string>,
    ): Record<string, S3Key> {
        const readers = this.args.bucket.readers.map((reader) => {
            const userName = bucket.apply((called) => readerName(called, reader));
            const key = makeReader(readerPart(name, reader), userName, policy, this.access);
            return [reader, { id: key.id, secret: pulumi.secret(key.secret) }] as const;
        });
        return Object.fromEntries(readers);
    }

    /**
     * Stays as long as the bucket, also when another encryption is wanted: what was written with it can be read with nothing else, and a
     * key that is to be deleted cannot be used from that moment on.
     */
    private makeKmsKey(name: string, bucket: pulumi.Output<string>): InstanceType<Amazon["Key"]> | undefined {
        const { amazon, hasKmsKey } = this.args;
        const { kms, tags } = this.args.bucket;
        if (kms !== true && !hasKmsKey) return undefined;
        return new amazon.Key(
            `${name}${KMS_KEY}`,
            {
                description: pulumi.interpolate`pgBackRest repository in the bucket ${bucket}`,
                enableKeyRotation: true,
                // The longest that there is: without the key no backup can be read.
                deletionWindowInDays: 30,
                tags: { ...tags },
            },
            // The bucket keeps the name that it got.
            pulumi.mergeOptions(this.keep, { ignoreChanges: ["description"] }),
        );
    }

    /** At rest, with keys of S3 or of KMS: what pgBackRest encrypts is encrypted once more. */
    private encrypt(
        name: string,
        bucket: pulumi.Output<string>,
        keyArn: pulumi.Input<string> | undefined,
    ): void {
        const { amazon } = this.args;
        const encryption = new amazon.BucketServerSideEncryptionConfiguration(
            `${name}-encryption`,
            {
                bucket,
                rules: [
                    keyArn === undefined
                        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
                        : {
                              applyServerSideEncryptionByDefault: {
                                  sseAlgorithm: "aws:kms",
                                  kmsMasterKeyId: keyArn,
                              },
                              // One request to KMS for many objects.
                              bucketKeyEnabled: true,
                          },
                ],
            },
            this.keep,
        );
        this.first.push(encryption);
    }

    /** Who cannot get in: the public, other accounts, and anybody without TLS. */
    private guard(name: string, bucket: InstanceType<Amazon["Bucket"]>): void {
        const { amazon } = this.args;
        const block = new amazon.BucketPublicAccessBlock(
            `${name}-public-access`,
            {
                bucket: bucket.id,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            this.keep,
        );
        const tlsOnly = new amazon.BucketPolicy(
            `${name}-tls-only`,
            { bucket: bucket.id, policy: pulumi.jsonStringify(bucket.arn.apply(tlsOnlyPolicy)) },
            // S3 refuses two such changes at the same moment.
            pulumi.mergeOptions(this.keep, { dependsOn: block }),
        );
        this.first.push(block, tlsOnly);
    }

    /** What stays when it was deleted, for how long, and what is cleaned up. */
    private age(name: string, bucket: pulumi.Output<string>): void {
        const { amazon, path, noncurrentDays } = this.args;
        const { versioning, lock } = this.args.bucket;
        const filter = { prefix: `${path.slice(1)}/` };
        const versions = versioning
            ? new amazon.BucketVersioning(
                  `${name}-versioning`,
                  { bucket, versioningConfiguration: { status: "Enabled" } },
                  this.keep,
              )
            : undefined;
        const dependsOn = versions === undefined ? [] : [versions];
        this.first.push(...dependsOn);
        if (lock !== undefined) {
            const locked = new amazon.BucketObjectLockConfiguration(
                `${name}-lock`,
                { bucket, rule: { defaultRetention: { mode: lock.mode.toUpperCase(), days: lock.days } } },
                pulumi.mergeOptions(this.keep, { dependsOn }),
            );
            this.first.push(locked);
        }
        new amazon.BucketLifecycleConfiguration(
            `${name}-lifecycle`,
            {
                bucket,
                rules: [
                    {
                        // pgBackRest never aborts an upload (src/storage/s3), and its parts are paid for until somebody does.
                        id: "abort-unfinished-uploads",
                        status: "Enabled",
                        filter,
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                    },
                    ...(versioning
                        ? [
                              {
                                  // pgBackRest deletes no versions, so only this frees their space; a lock comes first. A delete marker
                                  // without versions is removed with them.
                                  id: "remove-deleted-versions",
                                  status: "Enabled",
                                  filter,
                                  noncurrentVersionExpiration: { noncurrentDays },
                                  expiration: { expiredObjectDeleteMarker: true },
                              },
                          ]
                        : []),
                ],
            },
            pulumi.mergeOptions(this.keep, { dependsOn }),
        );
    }
}
