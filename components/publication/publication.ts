import { parseTemplate } from "../pgbackrest/template";
import type { SectionOption } from "../pgbackrest/line";
import { effectiveOptions, renderConf } from "../pgbackrest/render";
import { warnings } from "./warnings";
import { hashToken, MONITORING, type Serving } from "../monitoring/serving";
import { renderHba, renderIdent } from "../postgresql/accessRules";
import { NOTIFY } from "../notify/wish";
import { TLS_FILES } from "../postgresql/owned";
import { renderPostgresql } from "../postgresql/postgresqlSettings";
import { refuse } from "../problems";
import { checkUses, repositoryUses } from "../repository/uses";
import { caFile } from "../repository/file";
import { ownOptions } from "../repository/entry";
import { storesOf } from "../repository/kinds";
import type { RepositoryUse } from "../repository/retention";
import { renderSchedules } from "../schedule/schedules";
import type { Settings } from "../settings/schema";

/** What fills a new database. */
export const INIT_SQL = "init.sql";

/** By it PostgreSQL says which of the published configurations it has read. */
const REVISION_NAME = "# Which configuration this is.\npgbackrest.revision = '@REVISION@'\n";

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
    /** What the options in force mean for each repository. */
    readonly uses: readonly RepositoryUse[];
}

/** Everything that is published but the repositories and the secrets. Throws a `UserError` for what would not work. */
export function renderFiles(
    settings: Settings,
    base: { readonly file: string; readonly text: string },
    stack: string,
): RenderedFiles {
    const template = parseTemplate(base.text, base.file);
    const { memory, stanza, options: added } = settings;
    const tls = settings.tls !== undefined;
    const postgresql = renderPostgresql({ memory, settings: settings.postgresql, tls });
    const stores = storesOf(settings.repositories);
    const repositories = stores.map(({ name, entry }) => ({
        ...{ name, number: entry.number, own: ownOptions(entry) },
    }));
    const effective = effectiveOptions(template, added, repositories);
    const conf = renderConf({ template, added, effective, stanza, stack });
    const uses = repositoryUses(settings, effective);
    const retention = checkUses(settings.repositories, uses);
    refuse(retention.problems);
    return {
        files: {
            "pgbackrest.conf": conf,
            "postgresql.conf": `${postgresql.file}${REVISION_NAME}`,
            "pg_hba.conf": renderHba(tls),
            "pg_ident.conf": renderIdent(),
            schedules: schedulesFile(settings),
            ...caFiles(settings),
            ...servingFile(settings),
            ...notifyCertificates(settings),
            ...(settings.initSql === undefined ? {} : { [INIT_SQL]: settings.initSql.text }),
        },
        restartSettings: postgresql.restart,
        reloadSettings: postgresql.reload,
        options: effective,
        warnings: [...warnings(settings, effective, template.file), ...retention.warnings],
        uses,
    };
}

function caFiles({ repositories }: Settings): Record<string, string> {
    return Object.fromEntries(
        storesOf(repositories).flatMap((store) =>
            "ca" in store && store.ca !== undefined ? [[`files/${caFile(store.name)}`, store.ca]] : [],
        ),
    );
}

function notifyCertificates({ notify }: Settings): Record<string, string> {
    return Object.fromEntries(
        Object.entries(notify?.certificates ?? {}).map(([file, text]) => [`files/${file}`, text]),
    );
}

/** Without the token, whose hash is enough for the one who compares. */
function servingFile({ monitoring, database }: Settings): Record<string, string> {
    if (monitoring === undefined) return {};
    const { tls, token, postgresql } = monitoring;
    const serving: Serving = {
        tls,
        ...(token === undefined ? {} : { token: hashToken(token) }),
        ...(postgresql ? { database } : {}),
    };
    return { [MONITORING]: `${JSON.stringify(serving)}\n` };
}

/** The stack's schedules, that of drills, and the seconds between their commits. */
function schedulesFile({ schedules, drill }: Settings): string {
    const usual = drill === undefined || drill.schedule === "" ? "" : `drill ${drill.schedule}\n`;
    const heartbeat = drill === undefined ? "" : `heartbeat ${drill.heartbeat}\n`;
    return `${renderSchedules(schedules)}${usual}${heartbeat}`;
}

/** A file that is published with the configuration and may be secret. */
export interface PublishedFile<Text> {
    readonly name: string;
    readonly content: Text;
}

/** The secret files of PostgreSQL itself, and whom the backup service tells. */
export function secretFiles({ tls, notify }: Pick<Settings, "tls" | "notify">): PublishedFile<string>[] {
    return [
        ...(tls === undefined
            ? []
            : [
                  { name: TLS_FILES.certificate, content: tls.certificate },
                  { name: TLS_FILES.key, content: tls.key },
              ]),
        ...(notify === undefined ? [] : [{ name: NOTIFY, content: JSON.stringify(notify.published) }]),
    ];
}

/** Files as the setup container wants them in its environment. */
export function fileEnvironment(files: readonly PublishedFile<string>[]): Record<string, string> {
    return Object.fromEntries(
        files.flatMap(({ name, content }, index) => [
            [`FILE_${index + 1}_NAME`, name],
            [`FILE_${index + 1}_CONTENT`, content],
        ]),
    );
}
