import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "mocha";
import { INSECURE } from "../../components/repository/cloud/settings";
import type { Repository } from "../../components/settings/schema";
import { problemsOf, settingsOf } from "../support/settings";

type Raw = Record<string, unknown>;

const EXISTING = {
    name: "a",
    type: "s3",
    bucket: "backups",
    region: "eu-central-1",
    key: "AKIA",
    keySecret: "secret/+=",
};
const MADE = { name: "a", type: "s3", region: "eu-central-1" };
const AZURE = { name: "a", type: "azure", account: "account1", container: "backups", key: "c2VjcmV0a2V5" };
const SAS = "?sv=2024-08-04&sr=c&sp=rcwdl&se=2099-01-01T00:00:00Z&sig=abc%3D";
const SERVICE_KEY = JSON.stringify({
    type: "service_account",
    client_email: "backup@project.iam.gserviceaccount.com",
    token_uri: "https://oauth2.googleapis.com/token",
    private_key: generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey,
});
const GCS = { name: "a", type: "gcs", bucket: "backups", key: SERVICE_KEY };

function settingsWith(repository: Raw, more: Raw = {}): ReturnType<typeof settingsOf> {
    return settingsOf({ repositories: [repository], ...more }, ["repositories"]);
}

function read(repository: Raw, more: Raw = {}): Repository {
    const [first] = settingsWith(repository, more).repositories;
    assert.ok(first !== undefined);
    return first;
}

const without = (raw: Raw, ...names: string[]): Raw =>
    Object.fromEntries(Object.entries(raw).filter(([name]) => !names.includes(name)));

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

describe("mistakes in cloud repositories", () => {
    const mistakes: readonly (readonly [string, Raw, RegExp])[] = [
        [
            "a bucket's name in capitals",
            { ...EXISTING, bucket: "Backups" },
            /\.bucket: "Backups": 3 to 63 lower case/,
        ],
        ["a bucket's name that is too short", { ...EXISTING, bucket: "ab" }, /\.bucket: "ab": 3 to 63/],
        ["a bucket that is an address", { ...EXISTING, bucket: "10.0.0.1" }, /\.bucket: .*no IP address/],
        [
            "a bucket's name with dots",
            { ...EXISTING, bucket: "my.backups" },
            /\.bucket: .*without dots, or uriStyle path: .*TLS/,
        ],
        [
            "an endpoint with a scheme",
            { ...EXISTING, endpoint: "https://s3.example.com" },
            /\.endpoint: .*without a scheme.*write s3\.example\.com$/,
        ],
        [
            "plain HTTP",
            { ...EXISTING, endpoint: "http://s3.example.com" },
            /\.endpoint: plain HTTP leaves .*write s3\.example\.com\. If you must: insecure: "I accept/,
        ],
        [
            "plain HTTP to the host of a gateway",
            { ...AZURE, host: "http://azurite", port: 10000 },
            /\.host: plain HTTP leaves .*write azurite\. If you must/,
        ],
        [
            "plain HTTP to what is not connected to",
            { ...AZURE, host: "azurite", endpoint: "http://blob.example.com" },
            /\.endpoint: has http:\/\/, but host is where to connect/,
        ],
        [
            "verification of plain HTTP",
            { ...EXISTING, endpoint: "http://minio:9000", insecure: INSECURE, verifyTls: false },
            /\.verifyTls: has no effect with plain HTTP/,
        ],
        [
            "a CA for plain HTTP",
            { ...EXISTING, endpoint: "http://minio:9000", insecure: INSECURE, caFile: "ca.crt" },
            /\.caFile: has no effect with plain HTTP: remove it, or the http:\/\/ of endpoint/,
        ],
        [
            "plain HTTP to a bucket that is made",
            { ...MADE, endpoint: "http://s3.example.com", insecure: INSECURE },
            /\.endpoint: is plain HTTP, which the bucket that the program makes refuses/,
        ],
        [
            "an insecure that nothing needs",
            { ...EXISTING, insecure: INSECURE },
            /\.insecure: has no effect while verifyTls is true/,
        ],
        [
            "plain HTTP with a path",
            { ...EXISTING, endpoint: "http://s3.example.com/backups", insecure: INSECURE },
            /\.endpoint: .*without a path: write http:\/\/s3\.example\.com$/,
        ],
        [
            "another scheme",
            { ...EXISTING, endpoint: "ftp://s3.example.com" },
            /\.endpoint: .*without a scheme.*write s3\.example\.com$/,
        ],
        [
            "an endpoint with a path",
            { ...EXISTING, endpoint: "s3.example.com/backups" },
            /\.endpoint: .*without a path: write s3\.example\.com$/,
        ],
        [
            "an endpoint with a bad port",
            { ...EXISTING, endpoint: "s3.example.com:99999" },
            /\.endpoint: .*host:port/,
        ],
        [
            "an endpoint that begins with the bucket",
            { ...EXISTING, endpoint: "backups.s3.example.com" },
            /\.endpoint: .*begins with the bucket/,
        ],
        [
            "no credentials",
            without(EXISTING, "key", "keySecret"),
            /\.key: is missing.*keyType auto or web-id/,
        ],
        ["half credentials", without(EXISTING, "keySecret"), /\.keySecret: is missing, and key is set/],
        ["the other half", without(EXISTING, "key"), /\.key: is missing, and keySecret is set/],
        [
            "keys with a keyless type",
            { ...EXISTING, keyType: "auto" },
            /\.key: is set, but keyType auto needs no key/,
        ],
        [
            "keys for a bucket that is made",
            { ...MADE, key: "AKIA", keySecret: "x" },
            /\.key: .*the program makes the bucket/,
        ],
        [
            "another key for a bucket that exists",
            { ...EXISTING, keyGeneration: 2 },
            /\.keyGeneration: is for a bucket that the program makes/,
        ],
        [
            "another key where there is none",
            { ...MADE, keyType: "auto", keyGeneration: 2 },
            /\.keyGeneration: is set, but keyType auto needs no key/,
        ],
        [
            "a type of key that is not offered",
            { ...EXISTING, keyType: "pod-id" },
            /\.keyType: "pod-id": one of shared, auto, web-id$/,
        ],
        ["a role without use", { ...EXISTING, role: "backup" }, /\.role: has no effect with keyType shared/],
        [
            "web-id without a token",
            { ...MADE, keyType: "web-id", role: "arn:aws:iam::123456789012:role/b" },
            /\.tokenFile: is missing/,
        ],
        [
            "web-id with a role's name",
            { ...MADE, keyType: "web-id", role: "b", tokenFile: "/run/t" },
            /\.role: "b": keyType web-id needs an ARN/,
        ],
        ["no region", without(EXISTING, "region"), /\.region: is missing/],
        ["no region of a bucket that is made", without(MADE, "region"), /\.region: is missing/],
        [
            "a CA that is not there",
            { ...EXISTING, caFile: "nowhere.crt" },
            /\.caFile: nowhere\.crt cannot be read/,
        ],
        [
            "a CA that is none",
            { ...EXISTING, caFile: "sql/init.sql" },
            /\.caFile: sql\/init\.sql is no certificate/,
        ],
        ["a private key as CA", { ...EXISTING, caFile: "key.pem" }, /\.caFile: key\.pem holds a private key/],
        [
            "no verification by accident",
            { ...EXISTING, verifyTls: false },
            /\.verifyTls: false leaves .*insecure: "I accept/,
        ],
        [
            "a CA without verification",
            { ...EXISTING, verifyTls: false, insecure: INSECURE, caFile: "ca.crt" },
            /\.caFile: has no effect/,
        ],
        [
            "a lock without versioning",
            { ...MADE, versioning: false, lock: { mode: "governance", days: 7 } },
            /\.lock: needs versioning/,
        ],
        ["a lock without days", { ...MADE, lock: { mode: "governance" } }, /\.lock\.days: is missing/],
        [
            "an unknown lock",
            { ...MADE, lock: { mode: "legal", days: 7 } },
            /\.lock\.mode: .*one of governance, compliance/,
        ],
        [
            "a lock of a bucket that exists",
            { ...EXISTING, lock: { mode: "governance", days: 7 } },
            /\.lock: is for a bucket that the program makes/,
        ],
        [
            "an alias of a KMS key, on which a policy gives no rights",
            { ...MADE, kms: "arn:aws:kms:eu-central-1:123456789012:alias/backup" },
            /\.kms: .*a policy cannot give rights on an alias/,
        ],
        [
            "an alias in the policy to attach",
            { ...EXISTING, key: undefined, keySecret: undefined, keyType: "auto", kmsKeyId: "alias/backup" },
            /\.kmsKeyId: "alias\/backup": with keyType auto the ARN of a key/,
        ],
        [
            "a role that is there and one that is to be made",
            { ...MADE, keyType: "auto", role: "backup", makeRole: { for: "ec2" } },
            /\.makeRole: makes a role, and role names one that exists/,
        ],
        [
            "a token beside everything else of the host",
            { ...MADE, keyType: "web-id", role: "arn:aws:iam::123456789012:role/b", tokenFile: "/jwt" },
            /\.tokenFile: "\/jwt": .*in a directory of its own/,
        ],
        [
            "no key at all",
            { ...EXISTING, key: undefined, keySecret: undefined },
            /\.key: is missing, and keySecret is too/,
        ],
        ["a key of KMS in the wrong place", { ...MADE, kmsKeyId: "k" }, /\.kmsKeyId: .*write kms: ARN/],
        [
            "a role for somebody else",
            { ...MADE, makeRole: { for: "ec2" } },
            /\.makeRole: for ec2 goes with keyType auto/,
        ],
        [
            "an empty prefix",
            { ...EXISTING, path: "/" },
            /\.path: "\/": a path in the bucket.*root of the bucket is not possible/,
        ],
        ["a prefix with a wildcard", { ...EXISTING, path: "/a*" }, /\.path: "\/a\*"/],
        ["a short passphrase", { ...EXISTING, passphrase: "0123456789" }, /\.passphrase: is shorter than 20/],
        [
            "a passphrase without encryption",
            { ...EXISTING, encryption: false, passphrase: "x".repeat(40) },
            /\.passphrase: .*encryption is false/,
        ],
        [
            "a setting of S3 for Azure",
            { ...AZURE, region: "eu-central-1" },
            /\.region: belongs to type s3, and this repository is of type azure/,
        ],
        ["a line break in a secret", { ...EXISTING, keySecret: "secret\n" }, /\.keySecret: has a line break/],
        [
            "Azure's account in capitals",
            { ...AZURE, account: "Account" },
            /\.account: "Account": the storage account/,
        ],
        ["Azure's container with two -", { ...AZURE, container: "a--b" }, /\.container: "a--b": a container/],
        ["Azure's key that is no base64", { ...AZURE, key: "not base64!" }, /\.key: is no base64/],
        ["a SAS as key", { ...AZURE, key: SAS }, /\.key: is no base64.*belongs in sas/],
        ["Azure without a key", without(AZURE, "key"), /\.key: is missing/],
        ["both of Azure's keys", { ...AZURE, sas: SAS }, /\.sas: is set, and key too/],
        [
            "a managed identity and a key",
            { ...AZURE, keyType: "auto" },
            /\.key: is set, but keyType auto needs none/,
        ],
        [
            "a managed identity and a SAS",
            { ...without(AZURE, "key"), sas: SAS, keyType: "auto" },
            /\.sas: is set, but keyType auto needs none/,
        ],
        [
            "a type of key that Azure does not have",
            { ...without(AZURE, "key"), keyType: "web-id" },
            /\.keyType: "web-id": one of shared, sas, auto/,
        ],
        [
            "an expired SAS",
            { ...without(AZURE, "key"), sas: SAS.replace("2099", "2020") },
            /\.sas: expired on 2020-01-01/,
        ],
        [
            "a SAS that cannot delete",
            { ...without(AZURE, "key"), sas: SAS.replace("rcwdl", "rcwl") },
            /\.sas: lacks rights .*d \(delete\)/,
        ],
        [
            "a SAS for one blob",
            { ...without(AZURE, "key"), sas: SAS.replace("sr=c", "sr=b") },
            /\.sas: is not for the container/,
        ],
        ["a SAS without signature", { ...without(AZURE, "key"), sas: "?sv=1" }, /\.sas: is no SAS/],
        ["Google's bucket", { ...GCS, bucket: "google-backups" }, /\.bucket: .*without google/],
        ["Google without a key", without(GCS, "key"), /\.key: is missing: the text of the service account/],
        [
            "a path in place of Google's key",
            { ...GCS, key: "/root/key.json" },
            /\.key: is not the text of a JSON key file/,
        ],
        ["another JSON", { ...GCS, key: "{}" }, /\.key: is not the key of a service account/],
        [
            "a key file without its key",
            { ...GCS, key: JSON.stringify({ type: "service_account", client_email: "a" }) },
            /\.key: lacks private_key, token_uri/,
        ],
        ["a key with keyType auto", { ...GCS, keyType: "auto" }, /\.key: is set, but keyType auto/],
    ];
    for (const [name, repository, expected] of mistakes)
        it(`refuse ${name}, each setting once`, () => {
            const problems = problemsOf(() => settingsWith(repository));
            assert.ok(
                problems.some((problem) => expected.test(problem)),
                problems.join("\n") || "nothing was refused",
            );
            assert.ok(problems.every((problem) => problem.startsWith("pgbackrest:repositories[0].")));
            const settings = new Set(problems.map((problem) => problem.slice(0, problem.indexOf(": "))));
            assert.equal(settings.size, problems.length, problems.join("\n"));
            // Two only where two settings are too many: a key and its secret.
            assert.ok(problems.length <= 2, problems.join("\n"));
        });

    it("never show a secret", () => {
        const secrets = {
            key: "key-to-hide",
            keySecret: "secret-to-hide\n",
            token: "token-to-hide",
            passphrase: "pass-to-hide",
        };
        const text = problemsOf(() =>
            settingsWith({ ...EXISTING, ...secrets, bucket: "key-to-hide-Bucket", keyType: "auto" }),
        ).join("\n");
        assert.match(text, /repositories/);
        for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret.trim()), text);
    });

    it("refuse a secret that stands readable in the stack", () => {
        const problems = problemsOf(() => settingsOf({ repositories: [EXISTING] }));
        assert.deepEqual(
            problems.map((problem) => problem.split(": ")[0]),
            ["pgbackrest:repositories[0].key", "pgbackrest:repositories[0].keySecret"],
        );
        assert.match(
            problems.join("\n"),
            /config set --secret --path 'pgbackrest:repositories\[0\]\.keySecret' --stack dev/,
        );
    });

    it("refuse one prefix in one bucket for two", () => {
        const two = (path: string): string =>
            problemsOf(() =>
                settingsOf({ repositories: [EXISTING, { ...EXISTING, name: "b", path }] }, ["repositories"]),
            ).join("\n");
        assert.match(two("/salespider/dev"), /repositories\[1\]\.path: .*a prefix of its own/);
        assert.match(two("/salespider"), /repositories\[1\]\.path: .*a prefix of its own/);
        assert.doesNotMatch(two("/salespider/development"), /prefix of its own/);
    });

    it("refuse two regions for one bucket that is made", () => {
        const problems = problemsOf(() => settingsWith(MADE, { aws: { region: "eu-west-1" } }));
        assert.match(
            problems.join("\n"),
            /\.region: eu-central-1 is not the region of pgbackrest:aws \(eu-west-1\)/,
        );
    });

    it("refuse a key in the settings of the provider", () => {
        const problems = problemsOf(() => settingsWith(MADE, { aws: { accessKey: "AKIA" } }));
        assert.match(problems.join("\n"), /^pgbackrest:aws\.accessKey: no such setting/);
    });
});
