import type { NamedOption } from "./options";

const KIB = 1024;
const SIZE_UNITS: Readonly<Record<string, number>> = {
    "": 1,
    b: 1,
    k: KIB,
    m: KIB ** 2,
    g: KIB ** 3,
    t: KIB ** 4,
    p: KIB ** 5,
};
const TIME_UNITS: Readonly<Record<string, number>> = {
    "": 1000,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
};

/** Bytes of `20MiB`; pgBackRest takes no fractions and does not care about case. */
export function parseSize(text: string): number | undefined {
    const match = /^(\d+)(?:([kmgtp])(?:i?b)?|(b))?$/i.exec(text);
    return match === null
        ? undefined
        : times(match[1], SIZE_UNITS[(match[2] ?? match[3] ?? "").toLowerCase()]);
}

/** Milliseconds of `30m`; a number alone is seconds. */
export function parseTime(text: string): number | undefined {
    const match = /^(\d+)(ms|[smhdw])?$/i.exec(text);
    return match === null ? undefined : times(match[1], TIME_UNITS[(match[2] ?? "").toLowerCase()]);
}

function times(digits: string | undefined, unit: number | undefined): number | undefined {
    return unit === undefined ? undefined : Number(digits) * unit;
}

function parseInteger(text: string): number | undefined {
    return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

const READERS: Readonly<Record<string, (text: string) => number | undefined>> = {
    integer: parseInteger,
    size: parseSize,
    time: parseTime,
};

const MEANT: Readonly<Record<string, string>> = {
    integer: "a whole number",
    size: "a size without fraction such as 512KiB, 20MiB or 1GiB",
    time: "a time without fraction such as 500ms, 30s, 5m or 1h",
};

/** What is wrong with the value of an option; nothing when pgBackRest takes it. Never quotes what may be secret. */
export function checkValue(option: NamedOption, value: string): string | undefined {
    const blank = checkText(value);
    if (blank !== undefined) return blank;
    const { type, values } = option.rule;
    if (type === "boolean")
        return value === "y" || value === "n" ? undefined : `${shown(option, value)}: y or n`;
    if (type === "path") return checkPath(option, value);
    if (type === "hash")
        return value.indexOf("=") > 0
            ? undefined
            : "has no = in its value: this option takes KEY=VALUE, once for each key";
    const read = READERS[type];
    return read === undefined ? checkChoice(option, values, value) : checkNumber(option, read, value);
}

/** A value is the rest of its line without blanks at its ends, so some texts cannot be written at all. */
export function checkText(value: string): string | undefined {
    if (value === "") return "is empty: give a value or remove it";
    if (/[\r\n]/.test(value)) return "has a line break in its value: a value is one line";
    // pgBackRest trims these; others would be a surprise in a file that people read.
    if (value.trim() !== value)
        return "has blanks at an end of its value: pgBackRest would cut them; remove them";
    if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)) return "has a control character in its value: remove it";
    return undefined;
}

function checkPath(option: NamedOption, value: string): string | undefined {
    if (!value.startsWith("/")) return `${shown(option, value)}: an absolute path, starting with /`;
    return value.includes("//") ? `${shown(option, value)}: a path without //` : undefined;
}

function checkChoice(
    option: NamedOption,
    values: readonly string[] | undefined,
    value: string,
): string | undefined {
    if (values === undefined || values.includes(value)) return undefined;
    const right = values.find((allowed) => allowed === value.toLowerCase());
    const hint = right === undefined ? "" : `; case counts: write ${right}`;
    return `${shown(option, value)}: one of ${values.join(", ")}${hint}`;
}

function checkNumber(
    option: NamedOption,
    read: (text: string) => number | undefined,
    text: string,
): string | undefined {
    const { range, values, type } = option.rule;
    const number = read(text);
    if (number === undefined) return `${shown(option, text)}: ${MEANT[type] ?? type}`;
    if (values !== undefined)
        return values.some((allowed) => read(allowed) === number)
            ? undefined
            : `${shown(option, text)}: one of ${values.join(", ")}`;
    const [least, greatest] = range ?? [];
    if (least === undefined || greatest === undefined) return undefined;
    const inside = number >= (read(least) ?? 0) && number <= (read(greatest) ?? 0);
    return inside ? undefined : `${shown(option, text)}: ${least} to ${greatest}`;
}

/** `cannot be X`, or without X where it could be a secret: free text may hold one, so only the plain kinds are quoted. */
function shown(option: NamedOption, value: string): string {
    return option.rule.secure === true
        ? "has a value that is not allowed"
        : `cannot be ${JSON.stringify(value)}`;
}
