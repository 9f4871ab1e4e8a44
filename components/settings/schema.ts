import * as v from "valibot";
import { checkOptions } from "../pgbackrest/additions";
import type { SectionOption } from "../pgbackrest/line";
import { readServerSettings, type ServerSettings } from "../postgresql/postgresqlSettings";
import { refuse } from "../problems";
import { completeRepositories } from "../repository/complete";
import type { Repository } from "../repository/kinds";
import { completeSchedules, type Schedules } from "../schedule/schedules";
import { checkAll, checkEncrypted } from "./checks";
import { explain, redacted } from "./explain";
import { checkDrill, type Drill, readDrill } from "./drill";
import { checkMonitoring, type Monitoring, readMonitoring } from "./monitoring";
import { type Notifications, readNotifications } from "./notify";
import { checkRestore, type Restore, readRestore } from "./restore";
import { checkRestoreTime } from "./restoreTime";
import { isSet, SECRETS, spelledOut } from "./keys";
import { schema, type Written } from "./table";
import type { Tls } from "./tls";

export { configKeys, type ConfigKey } from "./keys";
export type { Drill } from "./drill";
export type { Monitoring } from "./monitoring";
export type { Notifications } from "./notify";
export type { Restore } from "./restore";
export { schema } from "./table";
export type { AwsSettings } from "../repository/s3/aws";
export type { Repository } from "../repository/kinds";

/** CPUs of what the settings leave open, where the host has as many. */
export const DEFAULT_CPUS = 2;

/** What a stack writes, and has another form when it is valid. */
interface Completed {
    /** The existing ones, and those that are made. */
    readonly repositories: readonly Repository[];
    /** pgBackRest's, that the stack adds to the base template or puts in place of its lines. */
    readonly options: readonly SectionOption[];
    readonly cpus: number;
    readonly backupCpus: number;
    /** The file and what is in it. */
    readonly initSql: { readonly path: string; readonly text: string } | undefined;
    readonly schedules: Schedules;
    readonly restore: Restore;
    /** How it is proven that backups restore; nothing where that is off. */
    readonly drill: Drill | undefined;
    /** How the figures of the backup service are served; nothing where they are not. */
    readonly monitoring: Monitoring | undefined;
    /** Who is told what; nothing where nobody is. */
    readonly notify: Notifications | undefined;
}

/**
 * All settings of a stack, valid: those of the table as they are there, but for these. Secrets among them: `password`, `tls.key`, and what
 * repositories have of them.
 */
export interface Settings
    extends Readonly<Omit<Written, keyof Completed | "settings" | "tlsCertificate" | "tlsKey">>, Completed {
    /** PostgreSQL's own: the setting `settings`. */
    readonly postgresql: ServerSettings;
    readonly tls: Tls | undefined;
    /** Those of the two that the stack leaves to the program. */
    readonly open: readonly ("cpus" | "backupCpus")[];
}

export interface SettingsContext {
    /** Keys that the stack keeps encrypted: their values are never shown. */
    readonly secretKeys: ReadonlySet<string>;
    /** Reads a file of the project; throws when it cannot. */
    readonly readFile: (path: string) => string;
    /** Name of the stack, for the commands in messages. */
    readonly stack: string;
    /** When certificates and signatures must be valid; now when it is not given. */
    readonly now?: Date;
}

/** The settings of a stack from its plain configuration values; throws a `UserError` with every mistake in them. */
export function parseSettings(raw: Readonly<Record<string, unknown>>, context: SettingsContext): Settings {
    const secretKeys = new Set([...context.secretKeys, ...SECRETS]);
    const result = v.safeParse(schema, withoutUnset(raw));
    const unprotected = checkEncrypted(raw, context);
    const complain = (problems: readonly string[]): void => {
        refuse(redacted([...problems, ...unprotected], raw, secretKeys));
    };
    if (!result.success) {
        complain(result.issues.map((issue) => explain(issue, secretKeys)));
        throw new Error("valibot refused the settings without a reason");
    }
    const found = result.output;
    const sql = readSql(found.initSql, context);
    const completed = completeRepositories(found.repositories, {
        name: found.name,
        stack: context.stack,
        readFile: context.readFile,
        now: context.now ?? new Date(),
        awsRegion: found.aws.region,
    });
    const { tlsCertificate, tlsKey, settings: written, ...same } = found;
    const options = checkOptions(found.options, found.stanza);
    const postgresql = readServerSettings(written, found.memory);
    const notify = readNotifications(found, context);
    complain([
        ...completed.problems,
        ...options.problems,
        ...postgresql.problems,
        ...checkAll(found),
        ...checkRestore(found, context.now ?? new Date()),
        ...checkRestoreTime(found.restore, completed.repositories, context.now ?? new Date()),
        ...checkDrill(found, postgresql.settings),
        ...checkMonitoring(found),
        ...notify.problems,
        ...(typeof sql === "string" ? [sql] : []),
    ]);
    return {
        ...same,
        options: options.added,
        postgresql: postgresql.settings,
        repositories: completed.repositories,
        tls:
            tlsCertificate === undefined || tlsKey === undefined
                ? undefined
                : { certificate: tlsCertificate, key: tlsKey },
        cpus: found.cpus ?? DEFAULT_CPUS,
        backupCpus: found.backupCpus ?? DEFAULT_CPUS,
        open: (["cpus", "backupCpus"] as const).filter((key) => found[key] === undefined),
        initSql: typeof sql === "string" ? undefined : sql,
        schedules: completeSchedules(found.schedules),
        restore: readRestore(found.restore),
        drill: readDrill(found, postgresql.settings),
        monitoring: readMonitoring(found),
        notify: notify.notifications,
    };
}

function readSql(path: string | undefined, context: SettingsContext): Settings["initSql"] | string {
    if (path === undefined) return undefined;
    try {
        return { path, text: context.readFile(path) };
    } catch {
        return `pgbackrest:initSql: ${path} cannot be read: give the path of a file, from the directory of Pulumi.yaml`;
    }
}

function withoutUnset(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(raw)
            .filter(([key, value]) => isSet(key, value))
            .map(([key, value]) => [key, spelledOut(key, value)]),
    );
}
