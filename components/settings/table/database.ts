import * as v from "valibot";
import { anyText, flag, integer, map, scalar, text } from "../../fields";
import { checkIdentifier } from "../database";
import { GREATEST_MEMORY, optional, part, setting } from "../setting";

const identifier = (kind: "database" | "role"): v.GenericSchema<unknown, string> =>
    v.pipe(
        anyText,
        v.rawCheck(({ dataset, addIssue }) => {
            const problem = dataset.typed ? checkIdentifier(kind, dataset.value) : undefined;
            if (problem !== undefined) addIssue({ message: problem });
        }),
        v.title("lower case letters, digits and _, not starting with a digit, at most 59"),
    );

/** PostgreSQL: how it is reached, what it may use, and what the application gets. */
export const database = {
    port: optional(integer(1, 65535, "0: not published"), 0, {
        description: "Port on the host. 0: not published.",
        change: "restart",
        described: "at postgres.port",
    }),
    address: setting(anyText, "127.0.0.1", {
        description:
            "Address on the host where the port is published. Beyond loopback it needs tlsCertificate and tlsKey.",
        change: "restart",
        described: "at postgres.port",
    }),
    tlsCertificate: optional(anyText, "", {
        description:
            "Certificate of the server, with its chain, PEM text. Switches TLS on, together with tlsKey.",
        change: "publish",
        described: "at tls",
    }),
    tlsKey: optional(anyText, "", {
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
    cpus: optional(integer(1, 1024, "CPUs"), 0, {
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
    password: optional(anyText, "", {
        description: "Password of the role; a secret. Empty: one is generated.",
        change: "publish",
        described: "at application.password",
        secret: true,
    }),
    passwordGeneration: setting(integer(1, 1_000_000, ""), 1, {
        description: "Another number generates another password for the role: see Rotate a credential.",
        change: "publish",
        described: "at application.password",
    }),
    restore: setting(
        v.strictObject({
            name: part(
                text(
                    "lower case letters, digits and -, starting and ending with a letter or digit, at most 30, and not proof, port-proof or metrics-proof",
                    /^(?!(?:port-|metrics-)?proof$)(?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?)?$/,
                ),
                "",
                "Your word for this restore: its data are in the volume NAME-postgres-data-RESTORE.",
            ),
            at: part(
                anyText,
                "latest",
                "Where it ends: latest, immediate (the end of a backup), a time with its zone, a position in the WAL, or the name of a restore point.",
            ),
            inclusive: part(flag, true, "Whether what was committed at the target itself is part of it."),
            pause: part(flag, false, "Stop there, beside the running database, for people to look."),
            repository: part(anyText, "", "Name of a repository. Empty: the first that can serve."),
            repositoryTime: part(
                anyText,
                "",
                "The repository as it was at this time, with its zone, where it keeps versions: docs/after-an-attack.md. Empty: as it is.",
            ),
            timeline: part(
                integer(0, 2 ** 31 - 1, "0: that of the database that runs"),
                0,
                "Timeline to go along. 0: that of the database that runs.",
            ),
            backup: part(anyText, "", "Label of a backup. Empty: the newest that can serve."),
            acceptDamage: part(flag, false, "Take a backup, too, that has found damaged pages."),
            volume: part(
                anyText,
                "",
                "Instead of all this: a data volume that the stack has already, to go back to.",
            ),
        }),
        {},
        {
            description:
                "What the database is restored to: a map of name, at and more (docs/restore.md). The data until now stay in their volume. Empty: nothing is restored.",
            change: "both",
            described: "at data",
        },
    ),
    initSql: optional(
        text(
            "path of a .sql file in the project, such as sql/init.sql",
            /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+\.sql$/,
        ),
        "",
        {
            description:
                "SQL file in the project, run once as superuser in the new database, all or nothing. Its text is a secret; Pulumi then hides the other published files in `preview --diff`, too.",
            change: "publish",
            described: "at initSql",
        },
    ),
};
