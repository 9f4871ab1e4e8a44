/** One key of the stack's configuration, as Pulumi.yaml declares it. */
export interface ConfigKey {
    /** Without the `pgbackrest:` in front. */
    readonly name: string;
    readonly type: "string" | "integer" | "boolean" | "array" | "object";
    readonly description: string;
    /** Pulumi wants one for every key that need not be set; an empty text and port 0 mean "not set". */
    readonly default: string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;
}

/** Defaults of `schedules`; each entry can be set alone. */
export const DEFAULT_SCHEDULES = {
    full: "30 1 * * 0",
    diff: "30 1 * * 1-6",
    incr: "",
    verify: "0 5 * * 6",
    timezone: "UTC",
} as const;

/** CPUs of what the settings leave open, where the host has as many. */
export const DEFAULT_CPUS = 2;

/** Default of `retentionFloor`; each entry can be set alone. */
export const DEFAULT_FLOOR = { full: 2, days: 7 } as const;

const key = (
    name: string,
    type: ConfigKey["type"],
    fallback: ConfigKey["default"],
    description: string,
): ConfigKey => ({ name, type, description, default: fallback });

/** Every setting there is. Pulumi.yaml and the README's table say the same; a test compares them. */
export const configKeys: readonly ConfigKey[] = [
    key(
        "name",
        "string",
        "salespider",
        "Prefix of the names of all Docker objects. Another name is another, empty database.",
    ),
    key(
        "stanza",
        "string",
        "main",
        "pgBackRest's name of this database; a section of the base template has it too. Another name starts a new backup history.",
    ),
    key(
        "dockerHost",
        "string",
        "",
        "Docker engine to run on: ssh://user@host, tcp://host:2376 or unix:///path. Empty: the one that the docker command uses.",
    ),
    key(
        "image",
        "string",
        "",
        "Image to use instead of building image/: its name on the Docker host, or in a registry that the host pulls from. Empty: built.",
    ),
    key(
        "release",
        "string",
        "newest",
        "pgBackRest in the image that is built: newest (Debian testing's, 2.60 at least) or stable (Debian stable's 2.55.1; the change says what is lost). Another one restarts PostgreSQL.",
    ),
    key(
        "dataVolume",
        "string",
        "",
        "Existing data volume of another set-up to take over, with its PostgreSQL 17: see Move in. Empty: NAME-postgres-data, made by the program.",
    ),
    key(
        "repositories",
        "array",
        [],
        "Where backups go: a list of {name, type, ...} with type posix (a Docker volume, the existing one named by volume, or the directory hostPath on the host), s3, azure, gcs or none. Empty: nothing is backed up.",
    ),
    key(
        "aws",
        "object",
        {},
        "How Amazon is reached to make buckets and keys: region, profile, assumeRole, allowedAccountIds, endpoints and more of the AWS provider's settings.",
    ),
    key(
        "options",
        "object",
        {},
        "pgBackRest options by section, added to config/pgbackrest/pgbackrest.conf or put in place of its lines.",
    ),
    key("port", "integer", 0, "Port on the host. 0: not published. A change restarts PostgreSQL."),
    key(
        "address",
        "string",
        "127.0.0.1",
        "Address on the host where the port is published. Beyond loopback it needs tlsCertificate and tlsKey.",
    ),
    key(
        "tlsCertificate",
        "string",
        "",
        "Certificate of the server, with its chain, PEM text. Switches TLS on, together with tlsKey.",
    ),
    key("tlsKey", "string", "", "Private key of the certificate, PEM text; a secret."),
    key(
        "memory",
        "integer",
        1024,
        "Memory limit of PostgreSQL in MiB (at least 256); its buffers follow from it.",
    ),
    key(
        "cpus",
        "integer",
        0,
        "CPUs that PostgreSQL may use; a change restarts it. 0: two, or one where the Docker host had no more at the first `up`.",
    ),
    key(
        "shm",
        "integer",
        256,
        "Shared memory (/dev/shm) of PostgreSQL in MiB, for parallel queries; a change restarts it.",
    ),
    key(
        "settings",
        "object",
        {},
        "PostgreSQL settings by name, as in postgresql.conf. Those that need a restart restart it once.",
    ),
    key("database", "string", "app", "Name of the application's database, made at the first start."),
    key("role", "string", "app", "Application's role: owns the database, is no superuser."),
    key("password", "string", "", "Password of the role; a secret. Empty: one is generated."),
    key(
        "passwordGeneration",
        "integer",
        1,
        "Another number generates another password for the role, in force without a restart: see Rotate a credential.",
    ),
    key(
        "initSql",
        "string",
        "",
        "SQL file in the project, run once as superuser in the new database, all or nothing.",
    ),
    key("backupMemory", "integer", 512, "Memory limit of the backup service in MiB (at least 128)."),
    key("backupCpus", "integer", 0, "CPUs that the backup service may use. 0: as for cpus."),
    key(
        "schedules",
        "object",
        DEFAULT_SCHEDULES,
        "When backups run: five cron fields each for full, diff, incr and verify, and a timezone. off or empty: never (not for full).",
    ),
    key(
        "waitFor",
        "string",
        "backup",
        "What a green `pulumi up` waits for: backup (a full one is in the repository) or archiving (for large databases).",
    ),
    key("waitTimeout", "integer", 60, "How long `pulumi up` waits for that, in minutes."),
    key(
        "retentionFloor",
        "object",
        DEFAULT_FLOOR,
        "What a stack with protect must keep at least: full backups, and days that point-in-time recovery reaches back for certain.",
    ),
    key(
        "accept",
        "array",
        [],
        "What a stack with protect may do on purpose: unencrypted (a repository in a bucket), undescribed (a change that cannot be told).",
    ),
    key(
        "takeOver",
        "string",
        "",
        "Mark of what this stack had made before its state was lost, to take it over: see A lost state.",
    ),
    key(
        "otherStacks",
        "array",
        [],
        "Other stacks of this project: a repository with the place, path and stanza of one of theirs is refused.",
    ),
    key(
        "protect",
        "boolean",
        false,
        "Refuse to delete what holds data (volumes, buckets with all that belongs to them, passphrases), and what would leave the database without its backups.",
    ),
];

/** The README's table of settings. */
export function settingsTable(): string {
    const rows = configKeys.map((entry) => [
        `\`pgbackrest:${entry.name}\``,
        entry.type,
        entry.default === ""
            ? ""
            : `\`${typeof entry.default === "object" ? JSON.stringify(entry.default) : String(entry.default)}\``,
        entry.description,
    ]);
    const line = (cells: readonly string[]): string =>
        `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [
        line(["Key", "Type", "Default", "Meaning"]),
        "| --- | --- | --- | --- |",
        ...rows.map(line),
        "",
    ].join("\n");
}
