import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { INSECURE } from "../../components/repository/cloud/settings";
import {
    AZURE,
    EXISTING,
    MADE,
    settingsWith,
    without,
    areRefused,
    type Mistake,
} from "../support/cloudSettings";
import { problemsOf, settingsOf } from "../support/settings";

describe("mistakes in cloud repositories", () => {
    const mistakes: readonly Mistake[] = [
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
            "readers of a bucket that exists",
            { ...EXISTING, readers: ["drills"] },
            /\.readers: are made for a bucket that the program makes.*docs\/readers\.md/,
        ],
        ["a reader twice", { ...MADE, readers: ["a", "b", "a"] }, /\.readers: a is there twice/],
        [
            "a reader's name that is none",
            { ...MADE, readers: ["Drills!"] },
            /\.readers\[0\]: "Drills!": a name of at most 20 lower case letters/,
        ],
        [
            "readers of another kind",
            { ...AZURE, readers: ["drills"] },
            /\.readers: belongs to type s3, and this repository is of type azure/,
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
            /\.caFile: sql\/init\.sql is not a certificate/,
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
    ];
    areRefused(mistakes);

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
