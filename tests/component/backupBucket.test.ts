import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readerPolicy, repositoryPolicy, tlsOnlyPolicy } from "../../components/repository/s3/policy";
import {
    ARN,
    BUCKET,
    BUCKET_AND_USER,
    children,
    document,
    GIVEN_KEY,
    ID,
    inputs,
    made,
    MADE_KEY,
} from "../support/bucket";
import { deployed, environment, GENERATED, MADE_SECRET, modes, Secret } from "../support/mocks";
import { repositoryOptions } from "../support/setupFiles";

describe("a bucket that the program makes", () => {
    for (const mode of modes)
        it(`comes with exactly what makes it safe, ${mode}`, async () => {
            const stack = await deployed(made(), { mode });
            assert.deepEqual(children(stack), BUCKET_AND_USER);
        });

    it("has exactly these inputs", async () => {
        const stack = await deployed(made({ tags: { team: "db" } }));
        const tags = { team: "db" };
        const bucket = ID;
        assert.deepEqual(inputs(stack, "Bucket salespider-offsite-bucket"), {
            bucket: BUCKET,
            forceDestroy: false,
            tags,
        });
        assert.deepEqual(inputs(stack, "BucketVersioning salespider-offsite-versioning"), {
            bucket,
            versioningConfiguration: { status: "Enabled" },
        });
        assert.deepEqual(
            inputs(stack, "BucketServerSideEncryptionConfiguration salespider-offsite-encryption"),
            {
                bucket,
                rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
            },
        );
        assert.deepEqual(inputs(stack, "BucketPublicAccessBlock salespider-offsite-public-access"), {
            bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        assert.deepEqual(inputs(stack, "BucketOwnershipControls salespider-offsite-ownership"), {
            bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        assert.deepEqual(inputs(stack, "BucketLifecycleConfiguration salespider-offsite-lifecycle"), {
            bucket,
            rules: [
                {
                    id: "abort-unfinished-uploads",
                    status: "Enabled",
                    filter: { prefix: "salespider/dev/" },
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
                {
                    id: "remove-deleted-versions",
                    status: "Enabled",
                    filter: { prefix: "salespider/dev/" },
                    noncurrentVersionExpiration: { noncurrentDays: 30 },
                    expiration: { expiredObjectDeleteMarker: true },
                },
            ],
        });
        assert.deepEqual(inputs(stack, "User salespider-offsite-user"), { name: BUCKET, tags });
        assert.deepEqual(inputs(stack, "AccessKey salespider-offsite-key"), { user: BUCKET });
    });

    it("has these policies", async () => {
        const stack = await deployed(made());
        const tls = inputs(stack, "BucketPolicy salespider-offsite-tls-only");
        assert.deepEqual(document(tls["policy"]), tlsOnlyPolicy(ARN));
        const rights = inputs(stack, "UserPolicy salespider-offsite-rights");
        assert.deepEqual(
            document(rights["policy"]),
            repositoryPolicy({
                bucketArn: ARN,
                path: "/salespider/dev",
                region: "eu-central-1",
                tagging: false,
            }),
        );
    });

    it("lets objects be tagged only where pgBackRest does that", async () => {
        const options = { global: { "repo1-storage-tag": ["team=db"] } };
        const { policy } = inputs(
            await deployed(made({}, { options })),
            "UserPolicy salespider-offsite-rights",
        );
        assert.match(String(policy), /s3:PutObjectTagging/);
    });

    it("is what setup is told, with a key and a passphrase that are secrets", async () => {
        const stack = await deployed(made());
        assert.deepEqual(repositoryOptions(stack), {
            type: "s3",
            path: "/salespider/dev",
            "s3-bucket": BUCKET,
            "s3-endpoint": "s3.eu-central-1.amazonaws.com",
            "s3-region": "eu-central-1",
            "s3-uri-style": "host",
            "s3-key-type": "shared",
            "s3-key": "id of salespider-offsite-key",
            "s3-key-secret": MADE_SECRET,
            "cipher-type": "aes-256-cbc",
            "cipher-pass": GENERATED,
        });
        assert.ok(environment(stack, "setup").includes("REPOSITORY_PATIENCE=60"));
    });

    it("is complete before setup writes the first object into it", async () => {
        const { dependencies } = (await deployed(made({ lock: { mode: "governance", days: 7 } }))).get(
            "Container salespider-setup",
        );
        for (const first of [
            "AccessKey salespider-offsite-key",
            "BucketObjectLockConfiguration salespider-offsite-lock",
            "BucketPolicy salespider-offsite-tls-only",
            "BucketPublicAccessBlock salespider-offsite-public-access",
            "BucketServerSideEncryptionConfiguration salespider-offsite-encryption",
            "BucketVersioning salespider-offsite-versioning",
        ])
            assert.ok(dependencies.includes(first), first);
    });

    it("can be locked, and the lock can be added later without another bucket", async () => {
        const stack = await deployed(made({ lock: { mode: "compliance", days: 30 } }));
        const bucket = stack.get("Bucket salespider-offsite-bucket");
        assert.equal(bucket.inputs["objectLockEnabled"], true);
        assert.deepEqual(bucket.ignoreChanges, ["bucket", "objectLockEnabled"]);
        const lock = stack.get("BucketObjectLockConfiguration salespider-offsite-lock");
        assert.deepEqual(lock.inputs, {
            bucket: ID,
            rule: { defaultRetention: { mode: "COMPLIANCE", days: 30 } },
        });
        assert.ok(lock.dependencies.includes("BucketVersioning salespider-offsite-versioning"));
    });

    it("refuses a lock that is longer than backups are kept", async () => {
        await assert.rejects(
            deployed(made({ lock: { mode: "compliance", days: 57 } })),
            /repositories\[0\]\.lock\.days: 57 is longer than backups are kept \(56 days/,
        );
    });

    it("has a key of KMS, made or given, that its user may use", async () => {
        const stack = await deployed(made({ kms: true }));
        const { description, ...key } = inputs(stack, "Key salespider-offsite-kms");
        assert.match(String(description), /bucket/);
        assert.deepEqual(key, { enableKeyRotation: true, deletionWindowInDays: 30, tags: {} });
        for (const [deployedStack, arn] of [
            [stack, MADE_KEY],
            [await deployed(made({ kms: GIVEN_KEY })), GIVEN_KEY],
        ] as const) {
            const { rules } = inputs(
                deployedStack,
                "BucketServerSideEncryptionConfiguration salespider-offsite-encryption",
            );
            assert.deepEqual(rules, [
                {
                    applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: arn },
                    bucketKeyEnabled: true,
                },
            ]);
            assert.match(
                String(inputs(deployedStack, "UserPolicy salespider-offsite-rights")["policy"]),
                new RegExp(arn),
            );
        }
    });

    for (const kms of [false, GIVEN_KEY])
        it(`keeps the key of KMS that it had, with its rights, when another encryption is wanted: ${kms}`, async () => {
            const history = { deployment: undefined, failed: false, kmsKeys: ["salespider-offsite-kms"] };
            const stack = await deployed(made({ kms }), { history });
            const key = stack.get("Key salespider-offsite-kms");
            assert.deepEqual(key.ignoreChanges, ["description"]);
            const { rules } = inputs(
                stack,
                "BucketServerSideEncryptionConfiguration salespider-offsite-encryption",
            );
            assert.doesNotMatch(JSON.stringify(rules), /key\/made/);
            const rights = String(inputs(stack, "UserPolicy salespider-offsite-rights")["policy"]);
            for (const arn of [MADE_KEY, ...(kms === false ? [] : [kms])])
                assert.ok(rights.includes(`"${arn}"`), rights);
        });

    it("goes before its key of KMS: a bucket that is not empty refuses, and what is in it must be readable", async () => {
        const stack = await deployed(made({ kms: true }));
        const bucket = stack.get("Bucket salespider-offsite-bucket");
        assert.ok(bucket.dependencies.includes("Key salespider-offsite-kms"));
    });

    it("without versioning has no versions to remove", async () => {
        const stack = await deployed(made({ versioning: false }));
        assert.ok(!stack.names.some((name) => name.startsWith("BucketVersioning")));
        const { rules } = inputs(stack, "BucketLifecycleConfiguration salespider-offsite-lifecycle");
        assert.ok(Array.isArray(rules) && rules.length === 1);
    });

    for (const protect of [true, false])
        it(`gets another key with another keyGeneration, ${protect ? "protected" : "unprotected"}, and nothing else`, async () => {
            const first = await deployed(made({}, { protect }));
            const second = await deployed(made({ keyGeneration: 2 }, { protect }));
            const renamed = (name: string): string => name.replace("offsite-key", "offsite-key-2");
            assert.deepEqual(children(second), children(first).map(renamed).sort());
            // The old one must be free to be deleted, at the end of an `up` that goes well.
            const key = first.get("AccessKey salespider-offsite-key");
            assert.ok(!key.protect && !key.retainOnDelete);
            assert.equal(repositoryOptions(second)["s3-key"], "id of salespider-offsite-key-2");
            assert.ok(
                environment(second, "setup").includes("REPOSITORY_PATIENCE=60"),
                "a new key gets its time to be known",
            );
        });

    for (const protect of [true, false])
        it(`is ${protect ? "protected and kept" : "free to go"} as a whole, but for its passphrase, which always stays`, async () => {
            const stack = await deployed(
                made({ kms: true, lock: { mode: "governance", days: 7 } }, { protect }),
            );
            const whole = [...children(stack), "Volume salespider-pgbackrest-repo"];
            assert.ok(whole.length >= 13);
            assert.ok(stack.get("RandomPassword salespider-offsite-passphrase").protect);
            for (const name of whole) {
                const { protect: kept, retainOnDelete } = stack.get(name);
                // A key must be free to be deleted alone; its user is protected.
                const wanted = protect && !name.startsWith("AccessKey");
                assert.deepEqual([name, kept, retainOnDelete], [name, wanted, wanted]);
            }
        });

    for (const mode of modes)
        it(`makes readers beside all that, which go without anything else, ${mode}`, async () => {
            const stack = await deployed(made({ readers: ["drills"], kms: GIVEN_KEY }, { protect: true }), {
                mode,
            });
            const readers = [
                "AccessKey salespider-offsite-reader-drills-key",
                "User salespider-offsite-reader-drills-user",
                "UserPolicy salespider-offsite-reader-drills-rights",
            ];
            assert.deepEqual(children(stack), [...BUCKET_AND_USER, ...readers].sort());
            for (const name of readers) {
                const { protect, retainOnDelete } = stack.get(name);
                assert.deepEqual([name, protect, retainOnDelete], [name, false, false]);
            }
        });

    it("gives a reader a name of its own, rights to read, and a key that only its output has", async () => {
        const stack = await deployed(made({ readers: ["drills"] }));
        const user = `${BUCKET.slice(0, -9)}-reader-drills${BUCKET.slice(-9)}`;
        assert.deepEqual(inputs(stack, "User salespider-offsite-reader-drills-user"), {
            ...{ name: user, tags: {} },
        });
        const rights = inputs(stack, "UserPolicy salespider-offsite-reader-drills-rights");
        assert.equal(rights["user"], user);
        assert.deepEqual(
            document(rights["policy"]),
            readerPolicy({ bucketArn: ARN, path: "/salespider/dev", region: "eu-central-1" }),
        );
        assert.equal(repositoryOptions(stack)["s3-key"], "id of salespider-offsite-key");
        const { readers } = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        const key = "id of salespider-offsite-reader-drills-key";
        assert.ok(readers instanceof Secret);
        assert.deepEqual(readers.value, {
            offsite: {
                drills: {
                    ...{ key, keySecret: MADE_SECRET },
                    configuration: [
                        "# The repositories. Do not edit: change the stack's configuration and run pulumi up.",
                        "[global]",
                        `repo1-cipher-pass=${GENERATED}`,
                        "repo1-cipher-type=aes-256-cbc",
                        "repo1-path=/salespider/dev",
                        `repo1-s3-bucket=${BUCKET}`,
                        "repo1-s3-endpoint=s3.eu-central-1.amazonaws.com",
                        `repo1-s3-key=${key}`,
                        `repo1-s3-key-secret=${MADE_SECRET}`,
                        "repo1-s3-key-type=shared",
                        "repo1-s3-region=eu-central-1",
                        "repo1-s3-uri-style=host",
                        "repo1-type=s3",
                        "",
                    ].join("\n"),
                },
            },
        });
    });

    it("gives readers a key also where the host has none", async () => {
        const role = { keyType: "auto", makeRole: { for: "ec2" } };
        const names = children(await deployed(made({ ...role, readers: ["drills"] })));
        assert.deepEqual(
            names.filter((name) => name.startsWith("AccessKey")),
            ["AccessKey salespider-offsite-reader-drills-key"],
        );
    });

    it("tells no secret in plain", async () => {
        const stack = await deployed(made());
        const told = JSON.stringify(
            stack.registrations.map((entry) => entry.inputs),
            (_key, value: unknown) => (value instanceof Secret ? "[secret]" : value),
        );
        assert.ok(!told.includes(MADE_SECRET) && !told.includes(GENERATED));
        assert.ok(stack.get("AccessKey salespider-offsite-key").additionalSecretOutputs.includes("secret"));
        const { passphrases, keepPassphrases, repositories } =
            stack.outputs.get("ProtectedPostgres salespider") ?? {};
        assert.deepEqual(passphrases, new Secret({ offsite: GENERATED }));
        assert.match(String(keepPassphrases), /^Keep a copy .* stack output passphrases --show-secrets$/);
        assert.deepEqual(repositories, [
            {
                name: "offsite",
                type: "s3",
                location: `bucket ${BUCKET} at s3.eu-central-1.amazonaws.com, path /salespider/dev`,
            },
        ]);
    });
});
