import catalog from "./settings.json";

/** What PostgreSQL knows about one of its settings. */
export interface SettingRule {
    /** When a change counts: `postmaster` needs a restart, `internal` cannot be set, all others follow a reload. */
    readonly context: string;
    readonly type: string;
    readonly unit?: string;
    readonly min?: number;
    readonly max?: number;
    readonly values?: readonly string[];
}

/** All settings of the server in the image (`pg_settings`), in small letters: to PostgreSQL `TimeZone` and `timezone` are one name. */
export const SETTINGS: ReadonlyMap<string, SettingRule> = new Map(
    Object.entries<SettingRule>(catalog).map(([name, rule]) => [name.toLowerCase(), rule]),
);

const KIB = 1024;
/** Bytes, or milliseconds, of each unit; PostgreSQL cares about case here. */
const MEMORY: Readonly<Record<string, number>> = {
    B: 1,
    kB: KIB,
    "8kB": 8 * KIB,
    MB: KIB ** 2,
    GB: KIB ** 3,
    TB: KIB ** 4,
};
const TIME: Readonly<Record<string, number>> = {
    us: 0.001,
    ms: 1,
    s: 1000,
    min: 60_000,
    h: 3_600_000,
    d: 86_400_000,
};

/** The number of a value in the setting's own unit: `128MB` of a setting in 8kB pages is 16384. */
export function inOwnUnit(rule: SettingRule, value: string): number | undefined {
    const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-zA-Z]*)$/.exec(value.trim());
    if (match === null) return undefined;
    const number = Number(match[1]);
    const unit = match[2] ?? "";
    if (unit === "") return number;
    const units = rule.unit === undefined ? {} : rule.unit in MEMORY ? MEMORY : TIME;
    const from = unit === "8kB" ? undefined : units[unit];
    const to = rule.unit === undefined ? undefined : units[rule.unit];
    return from === undefined || to === undefined ? undefined : (number * from) / to;
}

/** Bytes of a memory setting. */
export function memoryBytes(name: string, value: string): number | undefined {
    const rule = SETTINGS.get(name);
    const number = rule === undefined ? undefined : inOwnUnit(rule, value);
    const unit = MEMORY[rule?.unit ?? ""];
    return number === undefined || unit === undefined ? undefined : number * unit;
}

const BOOLEANS = ["on", "off", "true", "false", "yes", "no", "1", "0"];

/** What is wrong with the value of a setting; nothing when the server takes it. */
export function checkSettingValue(rule: SettingRule, value: string): string | undefined {
    if (/[\p{Cc}]/u.test(value)) return "has a line break or another control character: remove it";
    switch (rule.type) {
        case "bool":
            return BOOLEANS.includes(value.toLowerCase()) ? undefined : "on or off";
        case "enum":
            return rule.values?.includes(value.toLowerCase()) === true || isBooleanAlias(rule, value)
                ? undefined
                : `one of ${rule.values?.join(", ") ?? "none"}`;
        case "integer":
        case "real":
            return checkRange(rule, value);
        default:
            return undefined;
    }
}

/** Enumerations with `on` and `off` take the other names of true and false too. */
function isBooleanAlias(rule: SettingRule, value: string): boolean {
    return rule.values?.includes("on") === true && BOOLEANS.includes(value.toLowerCase());
}

/** The server's rint(): a half goes to the even neighbour, so that `io_combine_limit = 4kB` is no block, and too few. */
function toEven(number: number): number {
    const rounded = Math.round(number);
    return Math.abs(number % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function checkRange(rule: SettingRule, value: string): string | undefined {
    const number = inOwnUnit(rule, value);
    const units =
        rule.unit === undefined
            ? []
            : Object.keys(rule.unit in MEMORY ? MEMORY : TIME).filter((u) => u !== "8kB");
    const suffix = units.length === 0 ? "" : `, or with one of the units ${units.join(", ")}`;
    const range = `${rule.min ?? ""} to ${rule.max ?? ""}${rule.unit === undefined ? "" : ` (in ${rule.unit})`}`;
    const kind = rule.type === "integer" ? "a whole number" : "a number";
    if (number === undefined) return `${kind}, ${range}${suffix}`;
    if (rule.type === "integer" && !Number.isInteger(number) && !/[a-zA-Z.]/.test(value))
        return `${kind}, ${range}`;
    const rounded = rule.type === "integer" ? toEven(number) : number;
    return rounded < (rule.min ?? -Infinity) || rounded > (rule.max ?? Infinity)
        ? `${kind}, ${range}${suffix}`
        : undefined;
}
