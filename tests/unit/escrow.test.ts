import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { judge } from "../../toolchain/operations/escrow";
import { escrowFile, type Kept, readCopy } from "../../toolchain/operations/escrowFile";
import { rendered } from "../../toolchain/operations/render";

const NOW = new Date("2026-11-27T19:30:00Z");
const KEPT: Kept = {
    stack: "prod",
    revision: "0123456789abcdef",
    stanza: "main",
    repositories: [
        { number: 1, name: "offsite", place: "s3:bucket backups at s3.example.com, path /db/prod" },
    ],
    pgbackrestConf: [
        "[global]",
        "repo1-retention-full=8",
        "repo1-storage-upload-chunk-size = 8MiB",
        "archive-async=y",
        "[global:backup]",
        "repo1-bundle=y",
        "[main]",
        "pg1-path=/var/lib/postgresql/data",
    ].join("\n"),
    repoConf: [
        "# The repositories.",
        "[global]",
        "repo1-cipher-pass=a=b;c # d",
        "repo1-cipher-type=aes-256-cbc",
        "repo1-path=/db/prod",
        "repo1-s3-key-type=shared",
        "repo1-storage-ca-file=@REVISION@/files/offsite-ca.crt",
        "repo1-type=s3",
    ].join("\n"),
    files: new Map([
        ["offsite-ca.crt", "-----BEGIN\nCERTIFICATE"],
        ["server.key", "the key of PostgreSQL's TLS"],
    ]),
    environment: {},
    passphrases: { offsite: "a=b;c # d", before: "older" },
    versions: "PostgreSQL 17.12, pgBackRest 2.60.0",
};
const lines = (kept: Partial<Kept>) => escrowFile({ ...KEPT, ...kept }, NOW).split("\n");
const settings = (kept: Partial<Kept> = {}) =>
    lines(kept).filter((line) => line !== "" && !line.startsWith("#"));

describe("what is kept for the day when host and state are lost", () => {
    it("is a pgbackrest.conf that reaches and reads the repositories, and says nothing of what expires", () => {
        assert.deepEqual(settings(), [
            "[global]",
            "log-level-file=off",
            "process-max=2",
            "repo1-cipher-pass=a=b;c # d",
            "repo1-cipher-type=aes-256-cbc",
            "repo1-path=/db/prod",
            "repo1-s3-key-type=shared",
            "repo1-storage-ca-file=/etc/pgbackrest/offsite-ca.crt",
            "repo1-storage-upload-chunk-size=8MiB",
            "repo1-type=s3",
            "[main]",
            "pg1-path=/var/lib/postgresql/data",
        ]);
    });

    it("has the files that the options name in it, and no others", () => {
        const files = lines({}).filter((line) => line.startsWith("#file "));
        assert.deepEqual(files, [`#file offsite-ca.crt ${btoa("-----BEGIN\nCERTIFICATE")}`]);
    });

    it("says versions, stanza, place, and passphrases of what was there before", () => {
        const text = lines({}).join("\n");
        assert.match(text, /^# Versions: PostgreSQL 17\.12, pgBackRest 2\.60\.0\./m);
        assert.match(text, /^# Stanza: +main$/m);
        assert.match(text, /^# Place: +repository 1, offsite: s3:bucket backups at s3\.example\.com/m);
        assert.match(text, /^# Passphrase of repository before, which is not among these: older$/m);
        assert.doesNotMatch(text, /NO CREDENTIALS|ON THE HOST/);
    });

    it("says what it cannot have: the role of a machine, and a repository that is lost with the host", () => {
        const keyless = lines({ repoConf: "[global]\nrepo1-s3-key-type=auto\nrepo1-type=s3" }).join("\n");
        assert.match(keyless, /^# NO CREDENTIALS of repository 1 are in here: .* \(auto\)\./m);
        const local = [
            { number: 1, name: "disk", place: "posix:volume db-pgbackrest-repo, path /var/lib/pgbackrest" },
        ];
        assert.match(
            lines({ repositories: local }).join("\n"),
            /^# ON THE HOST ITSELF is repository 1, disk:/m,
        );
        assert.match(
            lines({ environment: { AWS_ROLE_ARN: "arn" } }).join("\n"),
            /^# Variables .*: AWS_ROLE_ARN,[^]*^#environment AWS_ROLE_ARN=arn$/m,
        );
    });

    it("is read again", () => {
        const text = escrowFile({ ...KEPT, environment: { AWS_ROLE_ARN: "arn" } }, NOW);
        assert.deepEqual(readCopy(text), {
            stanza: "main",
            paths: ["/db/prod"],
            environment: ["AWS_ROLE_ARN=arn"],
        });
        for (const other of ["", "[global]\nrepo1-path=/x\n", "[main]\npg1-path=/x\n"])
            assert.equal(readCopy(other), undefined);
    });

    it("opens a repository only where its backups are seen", () => {
        const copy = { stanza: "main", paths: [], environment: [] };
        const info = (code: number, message: string, stops: readonly number[]) =>
            JSON.stringify([
                {
                    repo: [{ key: 1, status: { code, message } }],
                    backup: stops.map((stop) => ({ timestamp: { stop }, database: { "repo-key": 1 } })),
                },
            ]);
        const opens = judge("f", copy, info(0, "ok", [1_764_000_000, 1_764_086_400]));
        assert.equal(opens?.status, 0);
        assert.match(
            rendered(opens, false),
            /repository 1: 2 backups .* the newest of 2025-11-25 16:00:00 UTC/,
        );
        const closed = judge("f", copy, info(99, "[CryptoError] unable to flush", []));
        assert.equal(closed?.status, 1);
        assert.match(rendered(closed, false), /NOT OPENED: \[CryptoError\] unable to flush/);
        assert.equal(judge("f", copy, "ERROR: [032]: no"), undefined);
    });
});
