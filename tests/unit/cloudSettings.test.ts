import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { INSECURE } from "../../components/repository/cloud/settings";
import { ENTRY } from "../support/descriptions";
import { AZURE, EXISTING, GCS, MADE, read, SAS, without } from "../support/cloudSettings";
import { SERVICE_KEY } from "../support/serviceKey";

describe("cloud repositories", () => {
    it("of S3 are complete with what follows from the rest", () => {
        assert.deepEqual(read(EXISTING), {
            name: "a",
            type: "s3",
            path: "/salespider/dev",
            ca: undefined,
            verifyTls: true,
            plain: false,
            encryption: "generated",
            region: "eu-central-1",
            endpoint: "s3.eu-central-1.amazonaws.com",
            uriStyle: "host",
            credentials: { keyType: "shared", key: "AKIA", keySecret: "secret/+=", token: undefined },
            kmsKeyId: undefined,
            bucket: "backups",
            entry: ENTRY,
        });
    });

    it("without a bucket are made, versioned and with a user", () => {
        const repository = read(MADE);
        assert.ok(repository.type === "s3");
        assert.deepEqual(repository.credentials, { keyType: "made", generation: 1 });
        assert.deepEqual(repository.bucket, {
            versioning: true,
            lock: undefined,
            kms: undefined,
            noncurrentDays: undefined,
            tags: {},
            role: undefined,
            readers: [],
        });
    });

    it("are made in the region of the provider", () => {
        const repository = read(without(MADE, "region"), { aws: { region: "eu-west-1" } });
        assert.ok(repository.type === "s3");
        assert.equal(repository.region, "eu-west-1");
    });

    it("of Azure and Google are complete", () => {
        const azure = read({ ...without(AZURE, "key"), sas: SAS, host: "azurite" });
        assert.ok(azure.type === "azure");
        assert.deepEqual(
            [azure.keyType, azure.key, azure.endpoint, azure.uriStyle],
            ["sas", SAS, "blob.core.windows.net", "path"],
        );
        const gcs = read(GCS);
        assert.ok(gcs.type === "gcs");
        assert.deepEqual(gcs.credentials, { keyType: "service", file: SERVICE_KEY });
    });

    it("are spoken to without TLS only by two settings together", () => {
        const s3 = read({ ...EXISTING, endpoint: "http://minio:9000", insecure: INSECURE });
        assert.ok(s3.type === "s3");
        assert.deepEqual([s3.endpoint, s3.plain], ["minio:9000", true]);
        const azure = read({ ...AZURE, host: "http://azurite", insecure: INSECURE });
        assert.ok(azure.type === "azure");
        assert.deepEqual([azure.host, azure.plain], ["azurite", true]);
    });

    it("of Azure need no key on a machine with an identity", () => {
        const azure = read({ ...without(AZURE, "key"), keyType: "auto" });
        assert.ok(azure.type === "azure");
        assert.deepEqual([azure.keyType, azure.key], ["auto", undefined]);
    });

    it("of S3 may have dots in the bucket's name where it is no part of the host's", () => {
        const repository = read({ ...EXISTING, bucket: "my.backups", uriStyle: "path" });
        assert.ok(repository.type === "s3");
        assert.equal(repository.bucket, "my.backups");
    });

    it("take secrets with all characters as they are", () => {
        const keySecret = `a=b+c/d#e;f"g'h\\i%j&k$l==`;
        const repository = read({ ...EXISTING, keySecret });
        assert.ok(repository.type === "s3" && repository.credentials.keyType === "shared");
        assert.equal(repository.credentials.keySecret, keySecret);
    });

    for (const [keyType, more] of [
        ["auto", {}],
        ["auto", { role: "backup" }],
        ["web-id", { role: "arn:aws:iam::123456789012:role/b", tokenFile: "/run/token/jwt" }],
    ] as const)
        it(`of S3 need no key with keyType ${keyType} ${JSON.stringify(more)}`, () => {
            for (const base of [without(EXISTING, "key", "keySecret"), MADE]) {
                const repository = read({ ...base, keyType, ...more });
                assert.ok(repository.type === "s3");
                assert.equal(repository.credentials.keyType, keyType);
            }
        });
});
