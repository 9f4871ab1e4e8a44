import * as ini from "ini";
import { refuse } from "../problems";
import { checkDuplicates, checkOption, checkSection, type SectionOption } from "./line";

/** One line of the template as it stands in the file. */
export interface TemplateLine {
    readonly number: number;
    readonly text: string;
    /** Section the line is in; nothing before the first one. */
    readonly section: string | undefined;
    readonly kind: "blank" | "comment" | "section" | "option";
    /** The option that the line sets. */
    readonly option?: SectionOption;
}

/** The base template, read and found good. */
export interface Template {
    /** Its path for messages. */
    readonly file: string;
    readonly lines: readonly TemplateLine[];
}

/** All options of a template. */
export function templateOptions(template: Template): SectionOption[] {
    return template.lines.flatMap((line) => (line.option === undefined ? [] : [line.option]));
}

/** Reads pgBackRest's file format; throws a `UserError` with everything that pgBackRest would refuse, ignore or misread. */
export function parseTemplate(text: string, file: string): Template {
    const problems: string[] = [];
    if (text.startsWith("\uFEFF"))
        problems.push(
            `${file}:1: starts with a byte-order mark, which pgBackRest refuses: save the file as UTF-8 without it`,
        );
    const lines: TemplateLine[] = [];
    let section: string | undefined;
    const source = text.replace(/^\uFEFF/, "").split("\n");
    for (const [index, raw] of source.entries()) {
        const where = `${file}:${index + 1}`;
        const line = readLine(raw.trimEnd(), index + 1, section, where, problems);
        if (line.kind === "section") section = line.section;
        lines.push(line);
    }
    const template = { file, lines };
    refuse([...problems, ...checkDuplicates(templateOptions(template))]);
    return template;
}

function readLine(
    text: string,
    number: number,
    section: string | undefined,
    where: string,
    problems: string[],
): TemplateLine {
    const trimmed = text.trim();
    const line = { number, text, section };
    if (trimmed === "") return { ...line, kind: "blank" };
    if (trimmed.startsWith("#")) return { ...line, kind: "comment" };
    if (trimmed.startsWith("[")) {
        const name = sectionName(trimmed);
        const problem = name === undefined ? sectionMistake(trimmed) : checkSection(name, undefined);
        if (problem !== undefined) problems.push(`${where}: ${problem}`);
        return { ...line, kind: "section", section: name ?? section ?? "global" };
    }
    const problem = readOption(trimmed, section, where);
    if (typeof problem !== "string") return { ...line, kind: "option", option: problem };
    problems.push(`${where}: ${problem}`);
    return { ...line, kind: "option" };
}

/** Name of the section, when npm's ini and pgBackRest agree on it. */
function sectionName(trimmed: string): string | undefined {
    const inside = /^\[([^[\]]+)\]$/.exec(trimmed)?.[1] ?? "";
    return inside !== "" && inside === inside.trim() ? inside : undefined;
}

function sectionMistake(trimmed: string): string {
    if (/\][^\]]*[#;]/.test(trimmed))
        return "has a comment behind the section: write the comment on a line of its own";
    if (!trimmed.endsWith("]")) return "is a section without ] at its end";
    return "is not a section: write [global] or [STANZA], without blanks or other brackets inside";
}

/** Reads an option line; a string says what is wrong. It never quotes a line: there may be a secret in it. */
function readOption(trimmed: string, section: string | undefined, where: string): SectionOption | string {
    if (trimmed.startsWith(";")) return "starts with ;, which does not begin a comment for pgBackRest: use #";
    const equal = trimmed.indexOf("=");
    if (equal < 0)
        return "is not an option (there is no =), nor a [section], nor a comment (which starts with #)";
    const key = trimmed.slice(0, equal).trim();
    const value = trimmed.slice(equal + 1).trim();
    if (key === "") return "has no option name before the =";
    if (section === undefined)
        return `sets ${safeName(key)} before any section: put it below [global] or the stanza's section`;
    if (safeName(key) !== key)
        return "has no name of an option before the =: names are small letters, digits and -";
    const difference = readDifferently(trimmed, key, value);
    if (difference !== undefined) return `${key} ${difference}`;
    const option = checkOption(section, key, value);
    return typeof option === "string" ? option : { section, option, value, where };
}

/** The name, unless it could be a part of a secret that was broken into lines. */
function safeName(key: string): string {
    return /^[a-z][a-z0-9-]{0,63}$/.test(key) ? key : "something";
}

/**
 * pgBackRest takes all that follows the first `=`; people and most other readers of such files know quotes, escapes and comments at
 * the end of a line. What `ini`, which knows them all, reads otherwise was probably not meant the way pgBackRest takes it.
 */
function readDifferently(line: string, key: string, value: string): string | undefined {
    if (value === "") return undefined;
    const read: Record<string, unknown> = ini.parse(line);
    if (Object.keys(read).length === 1 && String(read[key]) === value) return undefined;
    if (/^(["']).*\1$/.test(value))
        return "has quotes around its value, which pgBackRest makes a part of it: remove them";
    if (/[#;]/.test(value))
        return "has # or ; in its value, and pgBackRest knows no comment behind a value: write the comment on a line of its own";
    return "is read by pgBackRest as it stands, with quotes, backslashes and brackets: remove them";
}
