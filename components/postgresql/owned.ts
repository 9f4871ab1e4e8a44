import { PLACES } from "../docker/places";

/** Names, in the revision, of the files that TLS needs. */
export const TLS_FILES = { certificate: "server.crt", key: "server.key" } as const;

/** Connections that an application cannot take: a backup, the question whether all is well, and one by hand. */
const RESERVED = 3;

/** As many as there are besides the superuser's, but for one. PostgreSQL does not start with more. */
export function reservedConnections(settings: Readonly<Record<string, string>>): number {
    const number = (name: string, value: number) => Number(settings[name] ?? value);
    const others = number("max_connections", 100) - number("superuser_reserved_connections", 3) - 1;
    return Math.max(0, Math.min(RESERVED, others));
}

/** Where the stack does not set another one. */
export const ARCHIVE_TIMEOUT = "60s";

/** Settings with a value of ours; those in `owned` below cannot be changed, the others are defaults. */
export function programSettings(memory: number, tls: boolean): readonly (readonly [string, string])[] {
    return [
        // Archiving is on from the first start, so that repositories come and go without a restart. The command is constant
        // for the same reason: it looks up the published configuration each time.
        ["archive_mode", "on"],
        ["wal_level", "replica"],
        ["archive_command", 'archive-push-pgbackrest "%p"'],
        ["archive_timeout", ARCHIVE_TIMEOUT],
        // A slot that nobody reads must not fill the disk: as much as WAL for the repository may take (archive-push-queue-max).
        ["max_slot_wal_keep_size", "16GB"],
        ["listen_addresses", "*"],
        ["unix_socket_directories", PLACES.sockets],
        // To the container's log.
        ["logging_collector", "off"],
        ["log_destination", "stderr"],
        ["log_line_prefix", "%m [%p] %q%u@%d "],
        ["log_timezone", "UTC"],
        ["log_checkpoints", "on"],
        ["log_lock_waits", "on"],
        ["log_autovacuum_min_duration", "10min"],
        ["timezone", "UTC"],
        ["password_encryption", "scram-sha-256"],
        // A file of the server's own would win over ours, unseen by any preview.
        ["allow_alter_system", "off"],
        // Shares of the container's memory that suit most loads.
        ["shared_buffers", `${Math.floor(memory / 4)}MB`],
        ["effective_cache_size", `${Math.floor((memory * 3) / 4)}MB`],
        ["maintenance_work_mem", `${Math.max(16, Math.floor(memory / 16))}MB`],
        ["ssl", tls ? "on" : "off"],
        ...(tls
            ? [
                  ["ssl_cert_file", `@REVISION@/files/${TLS_FILES.certificate}`] as const,
                  ["ssl_key_file", `@REVISION@/files/${TLS_FILES.key}`] as const,
                  ["ssl_min_protocol_version", "TLSv1.2"] as const,
              ]
            : []),
    ];
}

const ARCHIVING =
    "archiving is what protects the database: pgbackrest:repositories says where to, and type none switches it off";
const PLACE = "the containers are built around it";
const LOGS = "the server logs to its container: see them with docker logs";
const CERTIFICATE = "set pgbackrest:tlsCertificate and pgbackrest:tlsKey instead";

const OWNED: Readonly<Record<string, string>> = {
    archive_mode: ARCHIVING,
    archive_command: ARCHIVING,
    archive_library: ARCHIVING,
    data_directory: PLACE,
    config_file: PLACE,
    hba_file: PLACE,
    ident_file: PLACE,
    external_pid_file: PLACE,
    unix_socket_directories: PLACE,
    unix_socket_group: PLACE,
    unix_socket_permissions: PLACE,
    listen_addresses: "set pgbackrest:address instead, where the port is published",
    port: "set pgbackrest:port instead, the port on the host",
    logging_collector: LOGS,
    log_destination: LOGS,
    log_directory: LOGS,
    log_filename: LOGS,
    password_encryption: "the role's password is a SCRAM verifier",
    ssl: CERTIFICATE,
    ssl_cert_file: CERTIFICATE,
    ssl_key_file: CERTIFICATE,
};

/** Values that would make the database or its backups worthless. */
const HARMFUL: Readonly<Record<string, readonly [RegExp, string]>> = {
    fsync: [/^(?:off|false|no|0)$/, "without it a crash of the host can destroy the whole database"],
    full_page_writes: [
        /^(?:off|false|no|0)$/,
        "without it a crash can leave torn pages, and a backup taken meanwhile is damaged too",
    ],
    wal_level: [/^minimal$/, "WAL of that level cannot be archived: replica or logical"],
    max_wal_senders: [/^-/, "0 or more"],
};

/** Why a setting, or this value of it, is not the user's to choose. */
export function refusal(name: string, value: string): string | undefined {
    const owned = OWNED[name];
    if (owned !== undefined) return `is set by the program: ${owned}`;
    const harmful = HARMFUL[name];
    return harmful?.[0].test(value) === true
        ? `cannot be ${JSON.stringify(value)}: ${harmful[1]}`
        : undefined;
}
