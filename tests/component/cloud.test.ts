import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "mocha";
import { INSECURE } from "../../components/repository/cloud/settings";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { deployed, GENERATED, modes, POSIX, type Recording, Secret } from "../support/mocks";

const KEY_FILE = JSON.stringify({
    type: "service_account",
    client_email: "backup@project.iam.gserviceaccount.com",
    token_uri: "https://oauth2.googleapis.com/token",
    private_key: generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey,
});
const SECRET = `a=b+c/d#e;f"g'h\\i%j&k$l==`;
const CIPHER = { CIPHER_TYPE: "aes-256-cbc", CIPHER_PASS: GENERATED };

/** A repository, and what setup is told of it without PGBACKREST_REPO1_. */
const kinds: readonly (readonly [string, Record<string, unknown>, Record<string, string>])[] = [
    [
        "S3 with a CA of its own",
        {
            type: "s3",
            bucket: "backups",
            region: "us-east-1",
            endpoint: "minio.example.com:9000",
            uriStyle: "path",
            caFile: "ca.crt",
            key: "user",
            keySecret: SECRET,
            token: "session/+=",
        },
        {
            TYPE: "s3",
            S3_BUCKET: "backups",
            S3_ENDPOINT: "minio.example.com:9000",
            S3_REGION: "us-east-1",
            S3_URI_STYLE: "path",
            S3_KEY_TYPE: "shared",
            S3_KEY: "user",
            S3_KEY_SECRET: SECRET,
            S3_TOKEN: "session/+=",
            STORAGE_CA_FILE: "@REVISION@/files/x-ca.crt",
            ...CIPHER,
        },
    ],
    [
        "S3 with a passphrase and a key of KMS",
        {
            type: "s3",
            bucket: "backups",
            region: "eu-central-1",
            key: "user",
            keySecret: SECRET,
            path: "/here",
            passphrase: `${SECRET}-and-more`,
            kmsKeyId: "alias/backup",
        },
        {
            TYPE: "s3",
            PATH: "/here",
            S3_BUCKET: "backups",
            S3_ENDPOINT: "s3.eu-central-1.amazonaws.com",
            S3_REGION: "eu-central-1",
            S3_URI_STYLE: "host",
            S3_KEY_TYPE: "shared",
            S3_KEY: "user",
            S3_KEY_SECRET: SECRET,
            S3_KMS_KEY_ID: "alias/backup",
            CIPHER_TYPE: "aes-256-cbc",
            CIPHER_PASS: `${SECRET}-and-more`,
        },
    ],
    [
        "S3 that nobody verifies",
        {
            type: "s3",
            bucket: "my.backups",
            region: "us-east-1",
            keyType: "auto",
            encryption: false,
            verifyTls: false,
            insecure: INSECURE,
        },
        {
            TYPE: "s3",
            S3_BUCKET: "my.backups",
            S3_ENDPOINT: "s3.us-east-1.amazonaws.com",
            S3_REGION: "us-east-1",
            S3_URI_STYLE: "host",
            S3_KEY_TYPE: "auto",
            STORAGE_VERIFY_TLS: "n",
        },
    ],
    [
        "Azure",
        {
            type: "azure",
            account: "account1",
            container: "backups",
            key: "c2VjcmV0a2V5",
            host: "azurite",
            port: 10000,
        },
        {
            TYPE: "azure",
            AZURE_ACCOUNT: "account1",
            AZURE_CONTAINER: "backups",
            AZURE_ENDPOINT: "blob.core.windows.net",
            AZURE_KEY: "c2VjcmV0a2V5",
            AZURE_KEY_TYPE: "shared",
            AZURE_URI_STYLE: "path",
            STORAGE_HOST: "azurite",
            STORAGE_PORT: "10000",
            ...CIPHER,
        },
    ],
    [
        "Azure with a managed identity",
        { type: "azure", account: "account1", container: "backups", keyType: "auto", encryption: false },
        {
            TYPE: "azure",
            AZURE_ACCOUNT: "account1",
            AZURE_CONTAINER: "backups",
            AZURE_ENDPOINT: "blob.core.windows.net",
            AZURE_KEY_TYPE: "auto",
            AZURE_URI_STYLE: "host",
        },
    ],
    [
        "Azure over plain HTTP",
        {
            type: "azure",
            account: "account1",
            container: "backups",
            key: "c2VjcmV0a2V5",
            host: "http://azurite",
            port: 10000,
            insecure: INSECURE,
        },
        {
            TYPE: "azure",
            AZURE_ACCOUNT: "account1",
            AZURE_CONTAINER: "backups",
            AZURE_ENDPOINT: "http://blob.core.windows.net",
            AZURE_KEY: "c2VjcmV0a2V5",
            AZURE_KEY_TYPE: "shared",
            AZURE_URI_STYLE: "path",
            STORAGE_HOST: "http://azurite",
            STORAGE_PORT: "10000",
            ...CIPHER,
        },
    ],
    [
        "Google with a key file",
        { type: "gcs", bucket: "backups", key: KEY_FILE, userProject: "project-1" },
        {
            TYPE: "gcs",
            GCS_BUCKET: "backups",
            GCS_ENDPOINT: "storage.googleapis.com",
            GCS_KEY_TYPE: "service",
            GCS_KEY: "@REVISION@/files/x-gcs.json",
            GCS_USER_PROJECT: "project-1",
            ...CIPHER,
        },
    ],
    [
        "Google with a token",
        {
            type: "gcs",
            bucket: "backups",
            keyType: "token",
            key: "token",
            endpoint: "http://gcs.example.com:4443",
            insecure: INSECURE,
        },
        {
            TYPE: "gcs",
            GCS_BUCKET: "backups",
            GCS_ENDPOINT: "http://gcs.example.com:4443",
            GCS_KEY_TYPE: "token",
            GCS_KEY: "token",
            ...CIPHER,
        },
    ],
];

function environment(stack: Recording): Record<string, string> {
    const { envs } = stack.get("Container salespider-setup").inputs;
    assert.ok(envs instanceof Secret && Array.isArray(envs.value));
    return Object.fromEntries(
        envs.value
            .map(String)
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
}

const cloud = (repository: object, more: object = {}): Record<string, unknown> => ({
    repositories: [{ name: "x", ...repository }],
    ...more,
});
const options = { secret: ["repositories"] };

describe("repositories that exist", () => {
    for (const [title, repository, expected] of kinds)
        it(`${title}: setup is told exactly this`, async () => {
            const prefix = "PGBACKREST_REPO1_";
            const variables = Object.entries(environment(await deployed(cloud(repository), options)))
                .filter(([name]) => name.startsWith(prefix))
                .map(([name, value]) => [name.slice(prefix.length), value]);
            assert.deepEqual(Object.fromEntries(variables), { PATH: "/salespider/dev", ...expected });
        });

    for (const mode of modes)
        it(`make nothing but a passphrase, ${mode}`, async () => {
            const posix = new Set((await deployed(POSIX, { mode })).names);
            for (const [, repository] of kinds) {
                const more = (await deployed(cloud(repository), { ...options, mode })).names.filter(
                    (name) => !posix.has(name),
                );
                const generated = !("passphrase" in repository) && repository["encryption"] !== false;
                assert.deepEqual(more, generated ? ["RandomPassword salespider-x-passphrase"] : []);
            }
        });

    it("keep the passphrase that was generated, with its protection, when they go", async () => {
        const passphrases = ["salespider-x-passphrase"];
        const history = { deployment: undefined, failed: false, passphrases };
        const stack = await deployed(POSIX, { history });
        assert.ok(stack.get("RandomPassword salespider-x-passphrase").protect);
        const { passphrases: told } = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        assert.deepEqual(told, new Secret({ x: GENERATED }));
        // It is the same again when the repository comes back.
        const [, generated] =
            kinds.find(([, one]) => !("passphrase" in one) && one["encryption"] !== false) ?? [];
        const again = await deployed(cloud(generated ?? {}), { ...options, history });
        assert.equal(again.names.filter((name) => name.endsWith("-passphrase")).length, 1);
    });

    it("change nothing of PostgreSQL and its backup service: no restart", async () => {
        const posix = await deployed(POSIX);
        for (const [title, repository] of kinds) {
            const stack = await deployed(cloud(repository), options);
            for (const part of ["postgres", "backup"])
                assert.deepEqual(
                    stack.get(`Container salespider-${part}`).inputs,
                    posix.get(`Container salespider-${part}`).inputs,
                    `${part}, ${title}`,
                );
        }
    });

    it("send their files as secrets, after those of PostgreSQL", async () => {
        const repository = { type: "gcs", bucket: "backups", key: KEY_FILE, caFile: "ca.crt" };
        const tls = { tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY };
        const variables = environment(
            await deployed(cloud(repository, tls), { secret: ["repositories", "tlsKey"] }),
        );
        const files = Object.entries(variables).flatMap(([name, file]) => {
            const number = /^FILE_(\d)_NAME$/.exec(name)?.[1];
            return number === undefined ? [] : [[number, file, variables[`FILE_${number}_CONTENT`]]];
        });
        assert.equal(files.length, 4);
        assert.deepEqual(files.sort().slice(2), [
            ["3", "x-ca.crt", CERTIFICATE],
            ["4", "x-gcs.json", KEY_FILE],
        ]);
    });

    it("tell no secret in plain, and the passphrase only as a secret", async () => {
        for (const [title, repository] of kinds) {
            const stack = await deployed(cloud(repository), options);
            const told = JSON.stringify(
                [stack.registrations.map((entry) => entry.inputs), ...stack.outputs.values()],
                (_key, value: unknown) => (value instanceof Secret ? "[secret]" : value),
            );
            for (const field of ["key", "keySecret", "token", "passphrase"])
                if (typeof repository[field] === "string" && repository[field].length > 5)
                    assert.ok(
                        !told.includes(JSON.stringify(repository[field]).slice(1, -1)),
                        `${title}: ${field}`,
                    );
            assert.ok(!told.includes(GENERATED), title);
        }
    });

    it("are a new place when anything of the place changes", async () => {
        const s3 = { type: "s3", bucket: "backups", region: "us-east-1", key: "k", keySecret: "secret" };
        const place = async (more: object): Promise<string | undefined> =>
            environment(await deployed(cloud({ ...s3, ...more }), options))["REPOSITORIES"];
        const first = await place({});
        assert.equal(await place({ keySecret: "another" }), first);
        for (const more of [{ bucket: "others" }, { path: "/other" }, { endpoint: "s3.example.com" }])
            assert.notEqual(await place(more), first);
    });

    it("tell which policy to attach when a machine's role is to use a bucket", async () => {
        const repository = { type: "s3", bucket: "backups", region: "us-east-1", keyType: "auto" };
        const { repositories } =
            (await deployed(cloud(repository))).outputs.get("ProtectedPostgres salespider") ?? {};
        assert.match(JSON.stringify(repositories), /arn:aws:s3:::backups\/salespider\/dev\/\*/);
    });
});
