import { refuse, suggestion } from "../problems";
import { checkSettingValue, memoryBytes, SETTINGS } from "./catalog";
import { refusal, programSettings } from "./owned";

export { renderHba, renderIdent } from "./accessRules";
export { TLS_FILES } from "./owned";

export type SettingValue = string | number | boolean;

/** The part of the stack's settings that PostgreSQL's own settings follow from. */
export interface PostgresqlParts {
    /** Memory limit of the container in MiB. */
    readonly memory: number;
    /** What the user sets, by PostgreSQL's names. */
    readonly settings: Readonly<Record<string, SettingValue>>;
}

export interface RenderedPostgresql {
    /** Settings that only a restart changes: they belong on the server's command line. */
    readonly restart: Record<string, string>;
    /** postgresql.conf with all others. */
    readonly file: string;
}

/** Both halves of PostgreSQL's configuration; throws a `UserError` for settings that the server would refuse or the user must not set. */
export function renderPostgresql(parts: PostgresqlParts, tls: boolean): RenderedPostgresql {
    refuse(checkPostgresqlSettings(parts));
    const own = programSettings(parts.memory, tls);
    const user = new Map(
        Object.entries(parts.settings).map(([name, value]) => [name.toLowerCase(), asText(value)]),
    );
    const defaults = own.filter(([name]) => !user.has(name));
    const needsRestart = (name: string): boolean => SETTINGS.get(name)?.context === "postmaster";
    const restart = [...defaults, ...user].filter(([name]) => needsRestart(name)).sort(byName);
    const reloadable = (entries: Iterable<readonly [string, string]>): string[] =>
        [...entries]
            .filter(([name]) => !needsRestart(name))
            .map(([name, value]) => `${name} = ${quoted(value)}`);
    const fromUser = reloadable([...user].sort(byName));
    const file = [
        "# Made by Pulumi: change pgbackrest:settings, not this file. Settings that need a restart are on the command line.",
        ...reloadable(defaults),
        ...(fromUser.length === 0 ? [] : ["", "# from pgbackrest:settings", ...fromUser]),
    ];
    return { restart: Object.fromEntries(restart), file: `${file.join("\n")}\n` };
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
    return a < b ? -1 : 1;
}

function asText(value: SettingValue): string {
    return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}

/** A value in postgresql.conf: in single quotes, where a quote is doubled and a backslash escapes. */
function quoted(value: string): string {
    return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}

/** Problems of the setting `settings`, each naming its key. */
export function checkPostgresqlSettings(parts: PostgresqlParts): string[] {
    const seen = new Map<string, string>();
    return Object.entries(parts.settings).flatMap(([written, value]) => {
        const problem = checkSetting(written, asText(value), parts.memory);
        // PostgreSQL does not care about case in names.
        const twin = seen.get(written.toLowerCase());
        seen.set(written.toLowerCase(), written);
        return [
            ...(problem === undefined ? [] : [`pgbackrest:settings.${written}: ${problem}`]),
            ...(twin === undefined
                ? []
                : [`pgbackrest:settings.${written}: is set already as ${twin}: keep one of them`]),
        ];
    });
}

function checkSetting(written: string, value: string, memory: number): string | undefined {
    const name = written.toLowerCase();
    if (name.includes(".")) return checkExtensionSetting(name, value);
    const rule = SETTINGS.get(name);
    if (rule === undefined) return `no such setting in PostgreSQL 17${suggestion(name, SETTINGS.keys())}`;
    const owned = refusal(name, value.toLowerCase());
    if (owned !== undefined) return owned;
    if (rule.context === "internal") return "cannot be set: PostgreSQL only shows it";
    const problem = checkSettingValue(rule, value);
    if (problem !== undefined) return `cannot be ${JSON.stringify(value)}: ${problem}`;
    if (name === "shared_buffers" && (memoryBytes(name, value) ?? 0) >= memory * 1024 ** 2)
        return `${value} does not fit into the container's memory of ${memory} MiB: make it smaller (a quarter is usual) or pgbackrest:memory greater`;
    return undefined;
}

/** Settings of extensions are known to the server only once the extension is loaded. */
function checkExtensionSetting(name: string, value: string): string | undefined {
    if (!/^[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)+$/.test(name)) return "is no name of a setting";
    return /\p{Cc}/u.test(value) ? "has a line break or another control character: remove it" : undefined;
}
