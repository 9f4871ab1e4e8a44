import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    ec2TrustPolicy,
    readerPolicy,
    repositoryPolicy,
    tlsOnlyPolicy,
    webIdentityTrustPolicy,
} from "../../components/repository/s3/policy";

const bucketArn = "arn:aws:s3:::backups";
const plain = { bucketArn, path: "/salespider/prod", region: "eu-central-1", tagging: false };

/** Why pgBackRest needs each right; a right without a reason here is one too many. */
const REASONS: Readonly<Record<string, string>> = {
    "s3:ListBucket": "src/storage/s3/storage.c, storageS3ListInternal: list-type=2 with a prefix",
    "s3:ListBucketVersions":
        "src/storage/s3/storage.c, storageS3ListInternal: versions with a prefix, for repo-target-time",
    "s3:GetObject": "src/storage/s3/storage.c: GET and HEAD of an object",
    "s3:GetObjectVersion": "src/storage/s3/read.c: GET with versionId, for repo-target-time",
    "s3:PutObject": "src/storage/s3/write.c: PUT, and the three requests of an upload in parts",
    "s3:PutObjectTagging": "src/storage/s3/storage.c: the header x-amz-tagging, for repo-storage-tag",
    "s3:DeleteObject":
        "src/storage/s3/storage.c: DELETE, POST ?delete; src/command/backup/common.c at the end of each backup",
    "kms:Decrypt": "S3 in the name of who reads, and of who uploads in parts",
    "kms:GenerateDataKey": "S3 in the name of who writes",
};

function actions(policy: ReturnType<typeof repositoryPolicy>): string[] {
    return policy.Statement.flatMap(({ Action }) => Action);
}

describe("policy of a repository", () => {
    it("is the least that pgBackRest needs, in its own prefix", () => {
        assert.deepEqual(repositoryPolicy(plain), {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "ListRepository",
                    Effect: "Allow",
                    Action: "s3:ListBucket",
                    Resource: bucketArn,
                    Condition: { StringLike: { "s3:prefix": "salespider/prod/*" } },
                },
                {
                    Sid: "ListVersions",
                    Effect: "Allow",
                    Action: "s3:ListBucketVersions",
                    Resource: bucketArn,
                    Condition: { StringLike: { "s3:prefix": "salespider/prod/*" } },
                },
                {
                    Sid: "UseObjects",
                    Effect: "Allow",
                    Action: ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                    Resource: `${bucketArn}/salespider/prod/*`,
                },
            ],
        });
    });

    it("gives a reason for each right, and no right without", () => {
        const all = repositoryPolicy({
            ...plain,
            tagging: true,
            kmsKeyArns: ["arn:aws:kms:eu-central-1:1:key/k"],
        });
        assert.deepEqual(actions(all).sort(), Object.keys(REASONS).sort());
    });

    it("allows nobody to delete a version, to change the bucket or to end a lock", () => {
        const all = actions(
            repositoryPolicy({ ...plain, tagging: true, kmsKeyArns: ["arn:aws:kms:eu-central-1:1:key/k"] }),
        );
        for (const action of all)
            assert.doesNotMatch(
                action,
                /\*|DeleteObjectVersion|BypassGovernance|PutBucket|PutObjectRetention|Acl/,
            );
    });

    it("lets the keys of KMS be used through S3 only", () => {
        const key = "arn:aws:kms:eu-central-1:123456789012:key/k";
        for (const [kmsKeyArns, Resource] of [
            // As release 0.1.0 had it: another way of writing it would be a change at every upgrade.
            [[key], key],
            [
                [key, `${key}2`],
                [key, `${key}2`],
            ],
        ] as const)
            assert.deepEqual(repositoryPolicy({ ...plain, kmsKeyArns }).Statement.at(-1), {
                Sid: "UseKeyThroughS3",
                Effect: "Allow",
                Action: ["kms:Decrypt", "kms:GenerateDataKey"],
                Resource,
                Condition: { StringEquals: { "kms:ViaService": "s3.eu-central-1.amazonaws.com" } },
            });
    });
});

describe("policy of a reader", () => {
    const key = "arn:aws:kms:eu-central-1:123456789012:key/k";

    it("lists and reads the repository, as it is and as it was, and nothing else", () => {
        const [list, versions] = repositoryPolicy(plain).Statement;
        assert.deepEqual(readerPolicy(plain), {
            Version: "2012-10-17",
            Statement: [
                list,
                versions,
                {
                    Sid: "ReadObjects",
                    Effect: "Allow",
                    Action: ["s3:GetObject", "s3:GetObjectVersion"],
                    Resource: `${bucketArn}/salespider/prod/*`,
                },
            ],
        });
    });

    it("may have KMS decrypt through S3, and not make keys of data", () => {
        const { Action, Condition } = readerPolicy({ ...plain, kmsKeyArns: [key] }).Statement.at(-1) ?? {};
        assert.deepEqual(Action, ["kms:Decrypt"]);
        assert.deepEqual(
            Condition,
            repositoryPolicy({ ...plain, kmsKeyArns: [key] }).Statement.at(-1)?.Condition,
        );
    });

    it("has no right that the repository's own has not", () => {
        const own = actions(repositoryPolicy({ ...plain, kmsKeyArns: [key] }));
        for (const action of actions(readerPolicy({ ...plain, kmsKeyArns: [key] })))
            assert.ok(own.includes(action), action);
    });
});

describe("other policies", () => {
    it("refuse everybody without TLS", () => {
        assert.deepEqual(tlsOnlyPolicy(bucketArn).Statement, [
            {
                Sid: "DenyWithoutTls",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [bucketArn, `${bucketArn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ]);
    });

    it("let machines of EC2 assume a role", () => {
        assert.deepEqual(ec2TrustPolicy("eu-central-1").Statement, [
            {
                Sid: "AssumeByInstances",
                Effect: "Allow",
                Principal: { Service: "ec2.amazonaws.com" },
                Action: "sts:AssumeRole",
            },
        ]);
    });

    it("let one subject with a token for one audience assume a role", () => {
        const provider = "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/1";
        assert.deepEqual(webIdentityTrustPolicy(provider, "backup", "sts.amazonaws.com").Statement, [
            {
                Sid: "AssumeWithToken",
                Effect: "Allow",
                Principal: { Federated: provider },
                Action: "sts:AssumeRoleWithWebIdentity",
                Condition: {
                    StringEquals: {
                        "oidc.example.com/id/1:aud": "sts.amazonaws.com",
                        "oidc.example.com/id/1:sub": "backup",
                    },
                },
            },
        ]);
    });
});
