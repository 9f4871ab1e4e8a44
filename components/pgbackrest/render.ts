import { refuse } from "../problems";
import { checkSection, type SectionOption, sectionParts } from "./line";
import { REQUIRED } from "./owned";
import { type Template, type TemplateLine, templateOptions } from "./template";
import { checkTogether } from "./together";

export { renderRepo } from "./repository";

export interface ConfigurationParts {
    /** The base template. */
    readonly template: Template;
    /** What the stack adds or puts in place of its lines: the setting `options`. */
    readonly added: readonly SectionOption[];
    /** Those in force: `effectiveOptions` of the two. */
    readonly effective: readonly SectionOption[];
    readonly stanza: string;
    /** Name of the Pulumi stack, for the comments. */
    readonly stack: string;
    /** How many repositories there are: an option of another one would make pgBackRest believe in it. */
    readonly repositories?: number;
}

/** The complete pgbackrest.conf: each option once, and for each line where it comes from. */
export function renderConf(parts: ConfigurationParts): string {
    const { template, added, effective, stanza, stack } = parts;
    const sections = checkSections(template, stanza);
    refuse([
        ...sections,
        // A misspelt section would seem to lack everything.
        ...(sections.length > 0 ? [] : checkRequired(effective, template, stanza)),
        ...checkTogether(effective, parts.repositories),
    ]);
    const lines = [
        `# pgBackRest configuration of stack ${stack}. Edit its sources, not this file:`,
        `#   ${template.file}: every line without a note above it`,
        "#   pgbackrest:options in the stack's configuration: the lines with a note",
        "",
        ...merge(template, added, stack),
    ];
    return `${lines.join("\n").trimEnd()}\n`;
}

/** The options in force: the template's, but for those that the stack puts in their place, and the stack's. */
export function effectiveOptions(template: Template, added: readonly SectionOption[]): SectionOption[] {
    const replaced = new Set(added.map(identity));
    return [...templateOptions(template).filter((entry) => !replaced.has(identity(entry))), ...added];
}

function identity(entry: SectionOption): string {
    return `${entry.section}\n${entry.option.name}`;
}

function merge(template: Template, added: readonly SectionOption[], stack: string): string[] {
    const rest = new Set(added);
    const take = (wanted: (entry: SectionOption) => boolean): SectionOption[] => {
        const taken = [...rest].filter(wanted);
        for (const entry of taken) rest.delete(entry);
        return taken;
    };
    const replaced = new Set(added.map(identity));
    const output: string[] = [];
    const lastLine = lastLines(template);
    for (const line of template.lines) {
        const { option } = line;
        if (option === undefined || !replaced.has(identity(option))) output.push(line.text);
        else {
            const place = `in place of line ${line.number} of ${template.file}`;
            const entries = take((entry) => identity(entry) === identity(option));
            output.push(
                ...(entries.length === 0
                    ? [`# removed by stack ${stack}, line ${line.number}`]
                    : noted(entries, stack, place)),
            );
        }
        if (lastLine.get(line.section ?? "") === line)
            output.push(
                ...noted(
                    take((entry) => entry.section === line.section && isNew(entry, template)),
                    stack,
                    "added",
                ),
            );
    }
    for (const section of new Set([...rest].map((entry) => entry.section)))
        output.push(
            "",
            `[${section}]`,
            ...noted(
                take((entry) => entry.section === section),
                stack,
                "added",
            ),
        );
    return output;
}

function isNew(entry: SectionOption, template: Template): boolean {
    return !templateOptions(template).some((old) => identity(old) === identity(entry));
}

/** Where a section's new options go: behind its last line that says something. */
function lastLines(template: Template): Map<string, TemplateLine> {
    const last = new Map<string, TemplateLine>();
    for (const line of template.lines)
        if (line.kind === "section" || line.kind === "option") last.set(line.section ?? "", line);
    return last;
}

function noted(entries: readonly SectionOption[], stack: string, how: string): string[] {
    return entries.flatMap((entry, index) => [
        ...(index > 0 && entries[index - 1]?.where === entry.where
            ? []
            : [`# from ${entry.where} of stack ${stack}, ${how}`]),
        `${entry.option.name}=${entry.value}`,
    ]);
}

function checkSections(template: Template, stanza: string): string[] {
    return template.lines.flatMap((line) => {
        const problem =
            line.kind === "section" && line.section !== undefined
                ? checkSection(line.section, stanza)
                : undefined;
        return problem === undefined ? [] : [`${template.file}:${line.number}: ${problem}`];
    });
}

function checkRequired(effective: readonly SectionOption[], template: Template, stanza: string): string[] {
    const set = new Set(
        effective
            .filter((entry) => sectionParts(entry.section)[0] === stanza)
            .map((entry) => entry.option.name),
    );
    return REQUIRED.filter(([name]) => !set.has(name)).map(
        ([name, value]) =>
            `${template.file}: section [${stanza}] lacks ${name}: add the line ${name}=${value}`,
    );
}
