import { suggestion } from "../problems";
import table from "./options.json";

/** The version whose options are the ones in the table. The image may have another: what that does not know the setup container refuses. */
export const VERSION = table.version;

/** pgBackRest's commands: `[global:COMMAND]` is a section too. */
export const COMMANDS: readonly string[] = table.commands;

/** What pgBackRest knows about one of its options. */
export interface OptionRule {
    /** `boolean`, `integer`, `size`, `time`, `path`, `string`, `string-id` (one of `values`), `list` or `hash` (may repeat). */
    readonly type: string;
    /** `command-line`: in no file; `stanza`: not in `[global]`; `global`: anywhere. */
    readonly section: string;
    /** `pg` or `repo`: the name carries a number, as in `repo1-path`. */
    readonly group?: string;
    readonly default?: string;
    readonly values?: readonly string[];
    /** Least and greatest value, inclusive. */
    readonly range?: readonly string[];
    /** Holds a secret: never print its value. */
    readonly secure?: boolean;
    readonly internal?: boolean;
    /** Old names; `?` stands for the number. */
    readonly deprecated?: readonly string[];
    /** Without this pgBackRest ignores the option. */
    readonly depend?: { readonly option: string; readonly values?: readonly string[] };
    /** Commands that read it; absent: all. */
    readonly commands?: readonly string[];
}

/** All options by their name without a number (`repo-path`). */
export const OPTIONS: ReadonlyMap<string, OptionRule> = new Map(Object.entries<OptionRule>(table.options));

const OLD_NAMES = new Map(
    [...OPTIONS].flatMap(([name, rule]) =>
        (rule.deprecated ?? []).map((old): [string, string] => [old, name]),
    ),
);

/** An option as named in a file. */
export interface NamedOption {
    /** Name without a number: key of `OPTIONS`. */
    readonly base: string;
    /** Today's full name: `repo1-path`. The same for every old way to write it. */
    readonly name: string;
    readonly index: number | undefined;
    readonly rule: OptionRule;
}

/** May the option be given several times in one section? */
export function isMultiple(rule: OptionRule): boolean {
    return rule.type === "list" || rule.type === "hash";
}

/** Finds the option that pgBackRest would find under this name, or says what is wrong with the name. */
export function findOption(written: string): NamedOption | string {
    const negated = /^(?:no|reset)-(.+)$/.exec(written)?.[1];
    if (negated !== undefined && typeof findOption(negated) !== "string")
        return `only a command line can negate an option; write ${negated}=n`;
    const { stem, number, rest } = split(written);
    const indexed = number !== undefined;
    const index = number ?? 1;
    const plain = `${stem}${rest}`;
    const old = OLD_NAMES.get(indexed ? `${stem}?${rest}` : plain);
    if (old !== undefined) return named(old, index);
    const rule = OPTIONS.get(plain);
    if (rule === undefined) return unknown(written, index);
    if (indexed && rule.group === undefined) return `has no number: write ${plain}`;
    if (!indexed && rule.group !== undefined) return `needs a number: write ${fullName(plain, rule, 1)}`;
    if (indexed && (index < 1 || index > 256)) return "has a number out of range: 1 to 256";
    return named(plain, indexed ? index : undefined);
}

/** `repo1-path` -> `repo`, 1, `-path`: pgBackRest looks for digits before the first dash only. */
function split(written: string): { stem: string; number: number | undefined; rest: string } {
    const match = /^([^-]*?)(\d+)(-.*)$/.exec(written);
    const dash = written.indexOf("-");
    if (match?.[1] === undefined || match[3] === undefined)
        return dash < 0
            ? { stem: written, number: undefined, rest: "" }
            : { stem: written.slice(0, dash), number: undefined, rest: written.slice(dash) };
    return { stem: match[1], number: Number(match[2]), rest: match[3] };
}

function named(base: string, index: number | undefined): NamedOption | string {
    const rule = OPTIONS.get(base);
    if (rule === undefined) return "is not in the table of options";
    const number = rule.group === undefined ? undefined : (index ?? 1);
    return { base, name: fullName(base, rule, number ?? 1), index: number, rule };
}

function fullName(base: string, rule: OptionRule, index: number): string {
    return rule.group === undefined ? base : `${rule.group}${index}${base.slice(rule.group.length)}`;
}

function unknown(written: string, index: number): string {
    const candidates = [...OPTIONS]
        .filter(([, rule]) => rule.section !== "command-line" && rule.internal !== true)
        .map(([base, rule]) => fullName(base, rule, index));
    return `is no option of pgBackRest ${VERSION}${suggestion(written, candidates)}`;
}
