import type { SectionOption } from "./line";
import { findOption } from "./options";

/** A repository, as far as options have to be known. */
export interface OptionsOfOne {
    readonly number: number;
    readonly name: string;
    /** Those of its own entry, named for its number. */
    readonly own: readonly SectionOption[];
}

/** Of which repository an option of the rendered file is; nothing for one of all. */
export interface RepositoryOption extends SectionOption {
    readonly repository?: string;
}

/**
 * The options in force for these repositories. The `repo1-` lines of the template and the stack are the default of each, whatever its
 * number; what its own entry has is in place of them. Without any repository they wait for the first one.
 */
export function forRepositories(
    options: readonly SectionOption[],
    repositories: readonly OptionsOfOne[],
): RepositoryOption[] {
    if (repositories.length === 0) return [...options];
    const inherited = options.flatMap((entry): RepositoryOption[] =>
        entry.option.rule.group === "repo"
            ? repositories.flatMap((repository) => inherit(entry, repository))
            : [entry],
    );
    return [
        ...inherited,
        ...repositories.flatMap(({ own, name }) => own.map((entry) => ({ ...entry, repository: name }))),
    ];
}

function inherit(entry: SectionOption, { number, name, own }: OptionsOfOne): RepositoryOption[] {
    if (own.some(({ option }) => option.base === entry.option.base)) return [];
    if (entry.option.index === number) return [entry];
    const option = findOption(entry.option.base.replace(/^repo-/, `repo${number}-`));
    return typeof option === "string" ? [] : [{ ...entry, option, repository: name }];
}
