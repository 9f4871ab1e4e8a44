import { suggestion } from "../problems";
import { checkSettingValue, memoryBytes, SETTINGS } from "./catalog";
import { checkServerZone } from "./serverZone";
import { programSettings, refusal, reservedConnections } from "./owned";

export type SettingValue = string | number | boolean;

/** What PostgreSQL's configuration follows from. */
export interface PostgresqlParts {
    /** Memory limit of the container in MiB. */
    readonly memory: number;
    /** What the user sets, as `readServerSettings` gives it. */
    readonly settings: ServerSettings;
    /** Is there a certificate? */
    readonly tls: boolean;
}

/** Settings of the server by its own names, in small letters, as it reads them. */
export type ServerSettings = Readonly<Record<string, string>>;

export interface RenderedPostgresql {
    /** Settings that only a restart changes: they belong on the server's command line. */
    readonly restart: Record<string, string>;
    /** All others. */
    readonly reload: Record<string, string>;
    /** postgresql.conf with them. */
    readonly file: string;
}

/** Both halves of PostgreSQL's configuration. */
export function renderPostgresql({ memory, settings, tls }: PostgresqlParts): RenderedPostgresql {
    const own = [
        ...programSettings(memory, tls),
        ["reserved_connections", String(reservedConnections(settings))] as const,
    ];
    const user = new Map(Object.entries(settings));
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
    const reload = [...defaults, ...user].filter(([name]) => !needsRestart(name)).sort(byName);
    return {
        restart: Object.fromEntries(restart),
        reload: Object.fromEntries(reload),
        file: `${file.join("\n")}\n`,
    };
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

/**
 * Reads the setting `settings`. With problems, each naming its key, the settings are not for use.
 * @param memory limit of the container in MiB
 */
export function readServerSettings(
    written: Readonly<Record<string, SettingValue>>,
    memory: number,
): { readonly settings: ServerSettings; readonly problems: readonly string[] } {
    const settings: Record<string, string> = {};
    const problems: string[] = [];
    const seen = new Map<string, string>();
    for (const [key, value] of Object.entries(written)) {
        // PostgreSQL does not care about case in names.
        const name = key.toLowerCase();
        const problem = checkSetting(name, asText(value), memory);
        if (problem !== undefined) problems.push(`pgbackrest:settings.${key}: ${problem}`);
        const twin = seen.get(name);
        if (twin !== undefined)
            problems.push(`pgbackrest:settings.${key}: is set already as ${twin}: keep one of them`);
        seen.set(name, key);
        settings[name] = asText(value);
    }
    return { settings, problems };
}

function checkSetting(name: string, value: string, memory: number): string | undefined {
    if (name.includes(".")) return checkExtensionSetting(name, value);
    const rule = SETTINGS.get(name);
    if (rule === undefined) return `no such setting in PostgreSQL 17${suggestion(name, SETTINGS.keys())}`;
    const owned = refusal(name, value.toLowerCase());
    if (owned !== undefined) return owned;
    if (rule.context === "internal") return "cannot be set: PostgreSQL only shows it";
    const isZone = name === "timezone" || name === "log_timezone";
    const problem = isZone ? checkServerZone(value) : checkSettingValue(rule, value);
    if (problem !== undefined) return `cannot be ${JSON.stringify(value)}: ${problem}`;
    if (name === "shared_buffers" && (memoryBytes(name, value) ?? 0) >= memory * 1024 ** 2)
        return `${value} does not fit into the container's memory of ${memory} MiB: make it smaller (a quarter is usual) or pgbackrest:memory greater`;
    return undefined;
}

/** Settings of extensions are known to the server only once the extension is loaded. */
function checkExtensionSetting(name: string, value: string): string | undefined {
    if (!/^[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)+$/.test(name)) return "is not the name of a setting";
    return /\p{Cc}/u.test(value) ? "has a line break or another control character: remove it" : undefined;
}
