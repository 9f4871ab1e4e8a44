import * as v from "valibot";
import { RELEASES } from "../docker/release";
import { choice, field, flag, integer, map, text } from "../fields";
import { repositories } from "../repository/kinds";
import { aws } from "../repository/s3/aws";
import { volumeName } from "../repository/volume";
import { checkIdentifier } from "./database";
import { ACCEPTABLE } from "./guard";
import { open, part, setting } from "./setting";

const GREATEST_MEMORY = 16_777_216;

const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]);
const plain = field("a text", (input) => (typeof input === "string" ? input : undefined));
const identifier = (kind: "database" | "role"): v.GenericSchema<unknown, string> =>
    v.pipe(
        plain,
        v.rawCheck(({ dataset, addIssue }) => {
            const problem = dataset.typed ? checkIdentifier(kind, dataset.value) : undefined;
            if (problem !== undefined) addIssue({ message: problem });
        }),
        v.title("lower case letters, digits and _, not starting with a digit, at most 59"),
    );
const schedule = field("five cron fields, or off", (input) =>
    input === false ? "" : typeof input === "string" ? input.trim().replaceAll(/[ \t]+/g, " ") : undefined,
);

/**
 * Every setting there is, each once: its type and range, its default, what it means, what a change does, and how the description of a
 * stack has it. The type `Settings`, Pulumi.yaml, the table in the docs, the lists in messages and what a preview tells follow.
 */
export const table = {
    name: setting(
        text(
            "lower case letters, digits and . _ -, starting with a letter or digit, at most 40",
            /^[a-z0-9][a-z0-9_.-]{0,39}$/,
        ),
        "salespider",
        {
            description:
                "Prefix of the names of all Docker objects; another one begins with an empty database.",
            change: "database",
            described: "at name",
        },
    ),
    stanza: setting(
        text(
            "letters, digits and _ -, starting with a letter, at most 40, and not global or all",
            /^(?!(?:global|all)$)[A-Za-z][A-Za-z0-9_-]{0,39}$/,
        ),
        "main",
        {
            description:
                "pgBackRest's name of this database; a section of the base template has it too. Another name starts a new backup history.",
            change: "publish",
            described: "at stanza",
        },
    ),
    dockerHost: open(
        text(
            "ssh://user@host, tcp://host:port or unix:///path",
            /^(?:ssh:\/\/[^\s/]+|tcp:\/\/[^\s/]+:\d+|unix:\/\/\/\S+|npipe:\/\/\S+)\/?$/,
        ),
        "",
        {
            description:
                "Docker engine to run on: ssh://user@host, tcp://host:2376 or unix:///path. Empty: the one that the docker command uses.",
            change: "refused",
            described: "at dockerHost",
        },
    ),
    image: open(
        text(
            "the name of an image, such as registry.example.com/pgbackrest:1",
            /^[a-z0-9][A-Za-z0-9_./:-]*(?:@sha256:[0-9a-f]{64})?$/,
        ),
        "",
        {
            description:
                "Image to use instead of building image/: its name on the Docker host, or in a registry that the host pulls from. Empty: built.",
            change: "both",
            described: "at image",
        },
    ),
    release: setting(choice(RELEASES), "newest", {
        description:
            "pgBackRest in the image that is built: newest (Debian testing's, 2.60 at least) or stable (Debian stable's 2.55.1; the change says what is lost).",
        change: "both",
        described: "at image",
    }),
    dataVolume: open(volumeName, "", {
        description:
            "Existing data volume of another set-up to take over, with its PostgreSQL 17: see Move in. Empty: NAME-postgres-data, made by the program.",
        change: "database",
        described: "at dataVolume",
    }),
    repositories: setting(repositories, [], {
        description:
            "Where backups go: a list of {name, type, ...} with type posix (a Docker volume, the existing one named by volume, or the directory hostPath on the host), s3, azure, gcs or none. Empty: nothing is backed up.",
        change: "mounts",
        described: "at repositories",
    }),
    aws: setting(
        aws,
        {},
        {
            description:
                "How Amazon is reached to make buckets and keys: region, profile, assumeRole, allowedAccountIds, endpoints and more of the AWS provider's settings.",
            change: "command",
            described: "not, what is made with it tells",
        },
    ),
    options: setting(
        map(map(v.union([scalar, v.array(scalar)]))),
        {},
        {
            description:
                "pgBackRest options by section, added to config/pgbackrest/pgbackrest.conf or put in place of its lines.",
            change: "publish",
            described: "at options",
        },
    ),
    port: open(integer(1, 65535, "0: not published"), 0, {
        description: "Port on the host. 0: not published.",
        change: "restart",
        described: "at postgres.port",
    }),
    address: setting(plain, "127.0.0.1", {
        description:
            "Address on the host where the port is published. Beyond loopback it needs tlsCertificate and tlsKey.",
        change: "restart",
        described: "at postgres.port",
    }),
    tlsCertificate: open(plain, "", {
        description:
            "Certificate of the server, with its chain, PEM text. Switches TLS on, together with tlsKey.",
        change: "publish",
        described: "at tls",
    }),
    tlsKey: open(plain, "", {
        description: "Private key of the certificate, PEM text; a secret.",
        change: "publish",
        described: "at tls",
        secret: true,
    }),
    memory: setting(integer(256, GREATEST_MEMORY, "MiB"), 1024, {
        description: "Memory limit of PostgreSQL in MiB (at least 256); its buffers follow from it.",
        change: "restart",
        described: "at postgres.memory",
    }),
    cpus: open(integer(1, 1024, "CPUs"), 0, {
        description:
            "CPUs that PostgreSQL may use. 0: two, or one where the Docker host had no more at the first `up`.",
        change: "restart",
        described: "at postgres.cpus",
    }),
    shm: setting(integer(64, GREATEST_MEMORY, "MiB"), 256, {
        description: "Shared memory (/dev/shm) of PostgreSQL in MiB, for parallel queries.",
        change: "restart",
        described: "at postgres.shm",
    }),
    settings: setting(
        map(scalar),
        {},
        {
            description: "PostgreSQL settings by name, as in postgresql.conf.",
            change: "server",
            described: "at postgres",
        },
    ),
    database: setting(identifier("database"), "app", {
        description: "Name of the application's database, made at the first start.",
        change: "publish",
        described: "at application.database",
    }),
    role: setting(identifier("role"), "app", {
        description: "Application's role: owns the database, is no superuser.",
        change: "publish",
        described: "at application.role",
    }),
    password: open(plain, "", {
        description: "Password of the role; a secret. Empty: one is generated.",
        change: "publish",
        described: "at application.password",
        secret: true,
    }),
    passwordGeneration: setting(integer(1, 1_000_000, "a number that counts up"), 1, {
        description: "Another number generates another password for the role: see Rotate a credential.",
        change: "publish",
        described: "at application.password",
    }),
    initSql: open(
        text(
            "path of a .sql file in the project, such as sql/init.sql",
            /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+\.sql$/,
        ),
        "",
        {
            description:
                "SQL file in the project, run once as superuser in the new database, all or nothing.",
            change: "publish",
            described: "at initSql",
        },
    ),
    backupMemory: setting(integer(128, GREATEST_MEMORY, "MiB"), 512, {
        description: "Memory limit of the backup service in MiB (at least 128).",
        change: "inPlace",
        described: "at backup.memory",
    }),
    backupCpus: open(integer(1, 1024, "CPUs"), 0, {
        description: "CPUs that the backup service may use. 0: as for cpus.",
        change: "backup",
        described: "at backup.cpus",
    }),
    schedules: setting(
        v.strictObject({
            full: part(schedule, "30 1 * * 0", "Full backups."),
            diff: part(
                schedule,
                "30 1 * * 1-6",
                "Differential backups: what has changed since the last full one.",
            ),
            incr: part(schedule, "", "Incremental backups: what has changed since the last one of any type."),
            verify: part(
                schedule,
                "0 5 * * 6",
                "Reads the whole repository and compares it with its checksums.",
            ),
            timezone: part(plain, "UTC", "Time zone of all four, such as Europe/Paris."),
        }),
        {},
        {
            description:
                "When backups run: five cron fields each for full, diff, incr and verify, and a timezone. off or empty: never (not for full).",
            change: "publish",
            described: "at schedules",
        },
    ),
    waitFor: setting(choice(["backup", "archiving"]), "backup", {
        description:
            "What a green `pulumi up` waits for: backup (a full one is in the repository) or archiving (for large databases).",
        change: "publish",
        described: "at waiting.waitFor",
    }),
    waitTimeout: setting(integer(1, 10_080, "minutes"), 60, {
        description: "How long `pulumi up` waits for that, in minutes.",
        change: "publish",
        described: "at waiting.waitTimeout",
    }),
    retentionFloor: setting(
        v.strictObject({
            full: part(integer(1, 9_999_999, "full backups"), 2, "Full backups."),
            days: part(
                integer(0, 36_500, "days"),
                7,
                "Days that point-in-time recovery reaches back for certain.",
            ),
        }),
        {},
        {
            description:
                "What a stack with protect must keep at least: full backups, and days that point-in-time recovery reaches back for certain.",
            change: "command",
            described: "not, it is a rule for commands",
        },
    ),
    accept: setting(v.array(choice(ACCEPTABLE)), [], {
        description:
            "What a stack with protect may do on purpose: unencrypted (a repository in a bucket), undescribed (a change that cannot be told).",
        change: "command",
        described: "not, it is a rule for commands",
    }),
    takeOver: open(text("the mark that the refusal names, such as m1a2b3c4d", /^m[0-9a-f]{8}$/), "", {
        description:
            "Mark of what this stack had made before its state was lost, to take it over: see A lost state.",
        change: "command",
        described: "not, it is a rule for commands",
    }),
    otherStacks: setting(v.array(text("the name of a stack", /^[A-Za-z0-9_.-]{1,100}$/)), [], {
        description:
            "Other stacks of this project: a repository with the place, path and stanza of one of theirs is refused.",
        change: "command",
        described: "not, it is a rule for commands",
    }),
    protect: setting(flag, false, {
        description:
            "Refuse to delete what holds data (volumes, buckets with all that belongs to them, passphrases), and what would leave the database without its backups.",
        change: "command",
        described: "at protect",
    }),
};

export const schema = v.strictObject(table);

/** The settings of a stack as they are written, each of the right type. */
export type Written = v.InferOutput<typeof schema>;
