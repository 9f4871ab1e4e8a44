import fc from "fast-check";
import { INSECURE } from "../../../components/repository/cloud/settings";
import type { StoreType } from "../../../components/repository/kinds";
import { CERTIFICATE } from "../../e2e/certificate";
import { GENERATED } from "../mocks";
import { SERVICE_KEY } from "../serviceKey";
import { hostKey, opensshKey, pemKey } from "../sshKeys";

type Raw = Readonly<Record<string, unknown>>;

/** What an option names is a file with this content. */
export class InFile {
    constructor(readonly content: string) {}
}

/** Some settings of an entry of `repositories`, and what pgBackRest is to be told for them, without `repoN-`. */
export interface Part {
    readonly raw: Raw;
    readonly meant: Readonly<Record<string, string | InFile>>;
}

const part = (raw: Raw, meant: Part["meant"] = {}): Part => ({ raw, meant });
const nothing = part({});
const anyOf = (...parts: readonly Part[]): fc.Arbitrary<Part> => fc.constantFrom(...parts);
const all = (...parts: readonly fc.Arbitrary<Part>[]): fc.Arbitrary<Part> =>
    fc
        .tuple(...parts)
        .map((each) =>
            each.reduce((one, other) => part({ ...one.raw, ...other.raw }, { ...one.meant, ...other.meant })),
        );

/** Characters that other readers of such files take for something else. */
const secret = fc
    .array(fc.constantFrom(...Array.from("=#;\"'\\[]:,$`%&|()*?!~@{}+-_.aZ0é")), {
        minLength: 20,
        maxLength: 40,
    })
    .map((characters) => characters.join(""));
const word = fc.stringMatching(/^[a-z][a-z0-9]{2,11}$/);

const AES = { "cipher-type": "aes-256-cbc" };
const encryption = fc.oneof(
    anyOf(part({}, { ...AES, "cipher-pass": GENERATED }), part({ encryption: false })),
    secret.map((passphrase) => part({ passphrase }, { ...AES, "cipher-pass": passphrase })),
);

/** How a server at this address is spoken to; `option` is the one that names it. */
const transport = (address: string, option: string): fc.Arbitrary<Part> =>
    anyOf(
        part({ endpoint: address }, { [option]: address }),
        part(
            { endpoint: address, caFile: "ca.crt" },
            { [option]: address, "storage-ca-file": new InFile(CERTIFICATE) },
        ),
        part(
            { endpoint: address, verifyTls: false, insecure: INSECURE },
            { [option]: address, "storage-verify-tls": "n" },
        ),
        part({ endpoint: `http://${address}`, insecure: INSECURE }, { [option]: `http://${address}` }),
    );

/** All with `keyType: web-id` have the same role and token: the containers know one. */
const WEB_ID = { role: "arn:aws:iam::123456789012:role/backup", tokenFile: "/srv/token/token" };

const s3 = (index: number): fc.Arbitrary<Part> =>
    all(
        fc.constant(
            part(
                { bucket: `bucket-${index}`, region: "eu-central-1", path: `/shop/${index}` },
                { "s3-bucket": `bucket-${index}`, "s3-region": "eu-central-1", path: `/shop/${index}` },
            ),
        ),
        fc.oneof(
            fc.constant(part({}, { "s3-endpoint": "s3.eu-central-1.amazonaws.com" })),
            transport("store.example.com:9000", "s3-endpoint"),
        ),
        anyOf(part({}, { "s3-uri-style": "host" }), part({ uriStyle: "path" }, { "s3-uri-style": "path" })),
        fc.oneof(
            fc
                .tuple(secret, secret)
                .map(([key, keySecret]) =>
                    part(
                        { key, keySecret },
                        { "s3-key-type": "shared", "s3-key": key, "s3-key-secret": keySecret },
                    ),
                ),
            fc.tuple(secret, secret, secret).map(([key, keySecret, token]) =>
                part(
                    { key, keySecret, token },
                    {
                        ...{ "s3-key-type": "shared", "s3-key": key },
                        ...{ "s3-key-secret": keySecret, "s3-token": token },
                    },
                ),
            ),
            anyOf(
                part({ keyType: "auto" }, { "s3-key-type": "auto" }),
                part({ keyType: "auto", role: "backup" }, { "s3-key-type": "auto", "s3-role": "backup" }),
                part({ keyType: "web-id", ...WEB_ID }, { "s3-key-type": "web-id" }),
            ),
        ),
        anyOf(
            nothing,
            part(
                { kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/1" },
                { "s3-kms-key-id": "arn:aws:kms:eu-central-1:123456789012:key/1" },
            ),
        ),
        encryption,
    );

const SAS = "sv=2024-08-04&sr=c&sp=rcwdl&se=2099-01-01T00:00:00Z&sig=";

const azure = (index: number): fc.Arbitrary<Part> =>
    all(
        fc.constant(
            part(
                { account: "account1", container: `container-${index}` },
                { "azure-account": "account1", "azure-container": `container-${index}`, path: "/shop/dev" },
            ),
        ),
        fc.oneof(
            fc.constant(part({}, { "azure-endpoint": "blob.core.windows.net", "azure-uri-style": "host" })),
            fc.constant(
                part(
                    { host: "gateway.example.com", port: 8443 },
                    {
                        ...{ "azure-endpoint": "blob.core.windows.net", "azure-uri-style": "path" },
                        ...{ "storage-host": "gateway.example.com", "storage-port": "8443" },
                    },
                ),
            ),
            all(
                transport("blob.example.com", "azure-endpoint"),
                anyOf(
                    part({}, { "azure-uri-style": "host" }),
                    part({ uriStyle: "path" }, { "azure-uri-style": "path" }),
                ),
            ),
        ),
        fc.oneof(
            secret.map((text) => {
                const key = Buffer.from(text).toString("base64");
                return part({ key }, { "azure-key-type": "shared", "azure-key": key });
            }),
            word.map((text) =>
                part(
                    { sas: `${SAS}${text}%3D` },
                    { "azure-key-type": "sas", "azure-key": `${SAS}${text}%3D` },
                ),
            ),
            fc.constant(part({ keyType: "auto" }, { "azure-key-type": "auto" })),
        ),
        encryption,
    );

const gcs = (index: number): fc.Arbitrary<Part> =>
    all(
        fc.constant(
            part({ bucket: `bucket-${index}` }, { "gcs-bucket": `bucket-${index}`, path: "/shop/dev" }),
        ),
        fc.oneof(
            fc.constant(part({}, { "gcs-endpoint": "storage.googleapis.com" })),
            transport("store.example.com", "gcs-endpoint"),
        ),
        fc.oneof(
            secret.map((key) => part({ keyType: "token", key }, { "gcs-key-type": "token", "gcs-key": key })),
            anyOf(
                part({ key: SERVICE_KEY }, { "gcs-key-type": "service", "gcs-key": new InFile(SERVICE_KEY) }),
                part({ keyType: "auto" }, { "gcs-key-type": "auto" }),
            ),
        ),
        anyOf(nothing, part({ userProject: "who-pays" }, { "gcs-user-project": "who-pays" })),
        encryption,
    );

const OPEN = pemKey();
const LOCKED = opensshKey("aes256-ctr");

const sftp = (index: number): fc.Arbitrary<Part> =>
    all(
        fc.integer({ min: 0, max: 1 }).map((other) => {
            const key = hostKey();
            const [port, known] = other === 0 ? [22, "nas.example.com"] : [2222, "[nas.example.com]:2222"];
            return part(
                {
                    ...{ host: "nas.example.com", user: "pg", path: `/backup/${index}`, hostKeys: [key] },
                    ...(port === 22 ? {} : { port }),
                },
                {
                    ...{ "sftp-host": "nas.example.com", "sftp-host-port": String(port) },
                    ...{ "sftp-host-user": "pg", path: `/backup/${index}` },
                    ...{ "sftp-host-key-check-type": "strict", "sftp-host-key-hash-type": "sha256" },
                    "sftp-known-host": new InFile(`${known} ${key}\n`),
                },
            );
        }),
        fc.oneof(
            fc.constant(part({ privateKey: OPEN }, { "sftp-private-key-file": new InFile(OPEN) })),
            secret.map((keyPassphrase) =>
                part(
                    { privateKey: LOCKED, keyPassphrase },
                    {
                        "sftp-private-key-file": new InFile(LOCKED),
                        "sftp-private-key-passphrase": keyPassphrase,
                    },
                ),
            ),
        ),
        encryption,
    );

const mounted = (index: number): fc.Arbitrary<Part> =>
    anyOf(
        part({ volume: `volume-${index}`, path: `/srv/${index}` }, { path: `/srv/${index}` }),
        part({ hostPath: `/backup/${index}`, path: `/srv/${index}` }, { path: `/srv/${index}` }),
    );

/** Entries of each kind, by their places in the list: no two are in the same. A new kind that is not here does not compile. */
export const kinds: Readonly<Record<StoreType, (index: number) => fc.Arbitrary<Part>>> = {
    posix: mounted,
    cifs: mounted,
    s3,
    azure,
    gcs,
    sftp,
};
