import { checkDuplicates, checkOption, checkSection, type SectionOption } from "./line";
import { findOption, isMultiple } from "./options";

export type OptionValue = string | number | boolean;

/** The setting `options`: by section, by option; a list where the option may repeat. `true` and `false` are pgBackRest's y and n. */
export type OptionSections = Readonly<
    Record<string, Readonly<Record<string, OptionValue | readonly OptionValue[]>>>
>;

/**
 * Reads the setting `options` by the rules of the template, naming configuration keys instead of lines. With problems, the options are not
 * for use.
 */
export function checkOptions(
    sections: OptionSections,
    stanza: string,
): { readonly added: readonly SectionOption[]; readonly problems: readonly string[] } {
    const added: SectionOption[] = [];
    const problems: string[] = [];
    for (const [section, options] of Object.entries(sections)) {
        const problem = checkSection(section, stanza);
        if (problem !== undefined) problems.push(`pgbackrest:options: ${problem}`);
        for (const [written, value] of Object.entries(options)) {
            const where = `pgbackrest:options.${section}.${written}`;
            for (const text of texts(value)) {
                const option = checkOption(section, written, text);
                if (typeof option === "string") problems.push(`${where}: ${option}`);
                else added.push({ section, option, value: text, where });
            }
            const repeated = Array.isArray(value) && value.length !== 1 ? findOption(written) : undefined;
            if (
                repeated !== undefined &&
                typeof repeated !== "string" &&
                (!isMultiple(repeated.rule) || texts(value).length === 0)
            )
                problems.push(`${where}: takes one value, not a list of ${texts(value).length}`);
        }
    }
    return { added, problems: [...problems, ...checkDuplicates(added)] };
}

function texts(value: OptionValue | readonly OptionValue[]): string[] {
    const values: readonly OptionValue[] = typeof value === "object" ? value : [value];
    return values.map((item) => (item === true ? "y" : item === false ? "n" : String(item)));
}
