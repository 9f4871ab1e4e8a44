import { parseTemplate } from "./pgbackrest/template";
import { checkOptions } from "./pgbackrest/additions";
import type { SectionOption } from "./pgbackrest/line";
import { effectiveOptions, renderConf } from "./pgbackrest/render";
import { warnings } from "./pgbackrest/warnings";
import { renderHba, renderIdent } from "./postgresql/accessRules";
import { TLS_FILES } from "./postgresql/owned";
import { renderPostgresql } from "./postgresql/postgresqlSettings";
import type { Settings } from "./settings/schema";

export interface RenderedFiles {
    /** The files that setup publishes, by name; none holds a secret. */
    readonly files: Readonly<Record<string, string>>;
    /** PostgreSQL settings for its command line. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** PostgreSQL settings in its file. */
    readonly reloadSettings: Readonly<Record<string, string>>;
    /** pgBackRest's options in force, the repositories' own apart. */
    readonly options: readonly SectionOption[];
    /** What is allowed but probably not wanted. */
    readonly warnings: readonly string[];
}

/** Everything that is published but the repositories and the secrets. Throws a `UserError` for what would not work. */
export function renderFiles(
    settings: Settings,
    base: { readonly file: string; readonly text: string },
    stack: string,
): RenderedFiles {
    const template = parseTemplate(base.text, base.file);
    const tls = settings.tls !== undefined;
    const postgresql = renderPostgresql(settings, tls);
    return {
        files: {
            "pgbackrest.conf": renderConf({
                template,
                options: settings.options,
                stanza: settings.stanza,
                stack,
                repositories: settings.repositories.filter((repository) => repository.type !== "none").length,
            }),
            "postgresql.conf": postgresql.file,
            "pg_hba.conf": renderHba(tls),
            "pg_ident.conf": renderIdent(),
            schedules: renderSchedules(settings.schedules),
            ...(settings.initSql === undefined ? {} : { "init.sql": settings.initSql.text }),
        },
        restartSettings: postgresql.restart,
        reloadSettings: postgresql.reload,
        options: effectiveOptions(template, checkOptions(settings.options, settings.stanza).added),
        warnings: warnings(settings, template),
    };
}

/** One schedule a line, for the backup service: its name, a blank, five cron fields; and the time zone. */
function renderSchedules(schedules: Settings["schedules"]): string {
    return Object.entries(schedules)
        .filter(([, schedule]) => schedule !== undefined)
        .map(([name, schedule]) => `${name} ${schedule}\n`)
        .join("");
}

/** The secret files as the setup container wants them in its environment. */
export function secretFiles(settings: Settings): Record<string, string> {
    if (settings.tls === undefined) return {};
    return {
        FILE_1_NAME: TLS_FILES.certificate,
        FILE_1_CONTENT: settings.tls.certificate,
        FILE_2_NAME: TLS_FILES.key,
        FILE_2_CONTENT: settings.tls.key,
    };
}
