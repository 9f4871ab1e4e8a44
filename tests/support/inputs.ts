import { scramVerifier } from "../../components/postgresql/scram";

/** What PostgreSQL keeps of the password `secret`. */
export const VERIFIER = scramVerifier("app", "secret");

/** The plain input files of setup, small but of the form that the program renders. */
export const FILES = {
    "pgbackrest.conf": `[global]
log-level-console=info
log-level-file=off
log-level-stderr=off
log-path=/tmp/pgbackrest/log
lock-path=/tmp/pgbackrest
spool-path=/var/spool/pgbackrest
archive-async=y
archive-push-queue-max=4GiB
process-max=2
compress-type=lz4
compress-level=3
start-fast=y
repo1-retention-full=8
repo1-retention-diff=14

[main]
pg1-path=/var/lib/postgresql/data
pg1-socket-path=/var/run/postgresql
pg1-database=postgres
pg1-user=pgbackrest
`,
    "postgresql.conf": `listen_addresses = '*'
unix_socket_directories = '/var/run/postgresql'
password_encryption = 'scram-sha-256'
archive_mode = on
archive_command = 'archive-push-pgbackrest "%p"'
archive_timeout = 60s
`,
    "pg_hba.conf": `local all postgres peer
local postgres pgbackrest peer map=pgbackrest
local all all scram-sha-256
host all postgres,pgbackrest all reject
host all all all scram-sha-256
`,
    "pg_ident.conf": "pgbackrest postgres pgbackrest\n",
    schedules: "full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC\n",
};

export type Files = Readonly<Record<string, string>>;

export const POSIX = { PGBACKREST_REPO1_TYPE: "posix", PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest" };

/** The base files with a text replaced in one of them; fails when the text is not there. */
export function edited(file: keyof typeof FILES, from: string, to: string): Files {
    if (!FILES[file].includes(from)) throw new Error(`${file} does not hold ${from}`);
    return { ...FILES, [file]: FILES[file].replace(from, () => to) };
}

/** The base files with lines at the end of one of them. */
export function extended(file: keyof typeof FILES, lines: string): Files {
    return { ...FILES, [file]: `${FILES[file]}${lines}\n` };
}

/** A repository that nobody will find. */
export const S3 = {
    PGBACKREST_REPO1_TYPE: "s3",
    PGBACKREST_REPO1_PATH: "/x",
    PGBACKREST_REPO1_S3_BUCKET: "bucket",
    PGBACKREST_REPO1_S3_ENDPOINT: "no-such-host.invalid",
    PGBACKREST_REPO1_S3_REGION: "us-east-1",
    PGBACKREST_REPO1_S3_KEY: "the-key-id",
    PGBACKREST_REPO1_S3_KEY_SECRET: "the-key-secret",
};
