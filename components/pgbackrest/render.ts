import { refuse } from "../problems";
import { checkSection, type SectionOption, sectionParts } from "./line";
import { REQUIRED } from "./owned";
import { forRepositories, type OptionsOfOne, type RepositoryOption } from "./perRepository";
import { type Template, type TemplateLine, templateOptions } from "./template";
import { checkTogether } from "./together";

export { renderRepo } from "./repository";

export interface ConfigurationParts {
    /** The base template. */
    readonly template: Template;
    /** What the stack adds or puts in place of its lines: the setting `options`. */
    readonly added: readonly SectionOption[];
    readonly stanza: string;
    /** Name of the Pulumi stack, for the comments. */
    readonly stack: string;
    /** Those in force: `effectiveOptions`. An option of a repository that is not there would make pgBackRest believe in it. */
    readonly effective: readonly RepositoryOption[];
}

/** The complete pgbackrest.conf: each option once, and for each line where it comes from. */
export function renderConf(parts: ConfigurationParts): string {
    const { template, added, effective, stanza, stack } = parts;
    const sections = checkSections(template, stanza);
    refuse([
        ...sections,
        // A misspelt section would seem to lack everything.
        ...(sections.length > 0 ? [] : checkRequired(effective, template, stanza)),
        ...checkTogether(effective),
    ]);
    const lines = [
        `# pgBackRest configuration of stack ${stack}. Edit its sources, not this file:`,
        `#   ${template.file}: every line without a note above it`,
        "#   pgbackrest:options in the stack's configuration: the lines with a note",
        "",
        ...merge(template, added, effective, stack),
    ];
    return `${lines.join("\n").trimEnd()}\n`;
}

/**
 * The options in force: the template's, but for those that the stack puts in their place, and the stack's; for each repository its own in
 * place of what is said of all.
 */
export function effectiveOptions(
    template: Template,
    added: readonly SectionOption[],
    repositories: readonly OptionsOfOne[],
): RepositoryOption[] {
    const replaced = new Set(added.map(identity));
    const common = templateOptions(template).filter((entry) => !replaced.has(identity(entry)));
    return forRepositories([...common, ...added], repositories);
}

function identity(entry: SectionOption): string {
    return `${entry.section}\n${entry.option.name}`;
}

function merge(
    template: Template,
    added: readonly SectionOption[],
    effective: readonly RepositoryOption[],
    stack: string,
): string[] {
    const rest = new Set(effective);
    const take = (wanted: (entry: RepositoryOption) => boolean): RepositoryOption[] => {
        const taken = [...rest].filter(wanted);
        for (const entry of taken) rest.delete(entry);
        return taken;
    };
    const replaced = new Set(added.map(identity));
    const common = new Set(effective.filter(({ repository }) => repository === undefined).map(identity));
    const output: string[] = [];
    const lastLine = lastLines(template);
    const section = (name: string | undefined): string[] => [
        ...noted(
            take((entry) => entry.section === name && isOfAll(entry) && isNew(entry, template)),
            stack,
            "added",
        ),
        ...notedOfOne(
            take((entry) => entry.section === name && !isOfAll(entry)),
            stack,
        ),
    ];
    for (const line of template.lines) {
        const { option } = line;
        if (option === undefined) output.push(line.text);
        else if (!common.has(identity(option)))
            output.push(`# line ${line.number} of ${template.file} is for repositories below`);
        else {
            const entries = take((entry) => isOfAll(entry) && identity(entry) === identity(option));
            const place = `in place of line ${line.number} of ${template.file}`;
            if (!replaced.has(identity(option))) output.push(line.text);
            else if (entries.length > 0) output.push(...noted(entries, stack, place));
            else output.push(`# removed by stack ${stack}, line ${line.number}`);
        }
        if (lastLine.get(line.section ?? "") === line) output.push(...section(line.section));
    }
    for (const name of new Set([...rest].map((entry) => entry.section)))
        output.push("", `[${name}]`, ...section(name));
    return output;
}

function isOfAll({ repository }: RepositoryOption): boolean {
    return repository === undefined;
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

/** What is of one repository: where it comes from, and whose it is. */
function notedOfOne(entries: readonly RepositoryOption[], stack: string): string[] {
    return entries.flatMap(({ option, value, where, repository = "" }) => [
        `# repository ${repository}, from ${where}${where.startsWith("pgbackrest:") ? ` of stack ${stack}` : ""}`,
        `${option.name}=${value}`,
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
