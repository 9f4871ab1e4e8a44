import { suggestion } from "../problems";
import { COMMANDS, findOption, isMultiple, type NamedOption } from "./options";
import { ownedByProgram } from "./owned";
import { checkValue } from "./value";

/** One option in one section, wherever it was written. */
export interface SectionOption {
    readonly section: string;
    readonly option: NamedOption;
    readonly value: string;
    /** For messages: `FILE:LINE` or the configuration key. */
    readonly where: string;
}

/** What is wrong with an option in its section, whoever wrote it; the same rules for the template and for `options`. */
export function checkOption(section: string, written: string, value: string): NamedOption | string {
    const option = findOption(written);
    if (typeof option === "string") return `${written} ${option}`;
    const label = written === option.name ? written : `${written} (the old name of ${option.name})`;
    const problem = checkPlace(section, option) ?? ownedByProgram(option, value) ?? checkValue(option, value);
    return problem === undefined ? option : `${label} ${problem}`;
}

function checkPlace(section: string, option: NamedOption): string | undefined {
    const { rule } = option;
    if (rule.section === "command-line")
        return "can only be given on a command line; the program does that: remove it";
    const [owner, command] = sectionParts(section);
    if (owner === "global" && rule.section === "stanza")
        return "belongs to a stanza, pgBackRest ignores it here: move it to the stanza's section";
    if (command !== undefined && rule.commands !== undefined && !rule.commands.includes(command))
        return `is not read by ${command}: commands that read it are ${rule.commands.join(", ")}`;
    return undefined;
}

/** `global:backup` -> `global`, `backup`. */
export function sectionParts(section: string): readonly [string, string | undefined] {
    const colon = section.indexOf(":");
    return colon < 0 ? [section, undefined] : [section.slice(0, colon), section.slice(colon + 1)];
}

/** pgBackRest reads `[global]`, `[STANZA]` and these with `:COMMAND`, and silently ignores all others. */
export function checkSection(section: string, stanza: string | undefined): string | undefined {
    const [owner, command] = sectionParts(section);
    if (command !== undefined && !COMMANDS.includes(command))
        return `[${section}] names no command of pgBackRest${suggestion(command, COMMANDS)}`;
    if (owner === "global") return undefined;
    const right = stanza === undefined ? ["global"] : ["global", stanza];
    const guess = suggestion(owner, right);
    if (stanza === undefined ? guess === "" : owner === stanza) return undefined;
    const known = right.map((name) => `[${name}]`).join(" and ");
    return `[${section}] is read by nobody: sections are ${known}, also with :COMMAND${guess}`;
}

/** One problem for each option that pgBackRest would find twice in a section, under whatever name. */
export function checkDuplicates(options: readonly SectionOption[]): string[] {
    const first = new Map<string, SectionOption>();
    const problems: string[] = [];
    for (const entry of options) {
        const { rule, name } = entry.option;
        const part = rule.type === "hash" ? entry.value.slice(0, entry.value.indexOf("=")) : entry.value;
        const identity = JSON.stringify([entry.section, name, isMultiple(rule) ? part : ""]);
        const earlier = first.get(identity);
        if (earlier === undefined) first.set(identity, entry);
        else problems.push(`${entry.where}: ${name} is set already at ${earlier.where}: keep one of them`);
    }
    return problems;
}
