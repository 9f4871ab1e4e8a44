import { keyOf } from "./complete";
import { complainer, ofKind, type Repository, storesOf } from "./kinds";
import { lifetimeOf, type RepositoryUse } from "./retention";
import type { SectionOption } from "../pgbackrest/line";
import type { Schedules } from "../schedule/schedules";
import { schedulesOf } from "./entry";

/**
 * What the options in force mean for each repository.
 * @param options from the template, the stack and the repositories' own entries
 */
export function repositoryUses(
    {
        repositories,
        schedules,
    }: { readonly repositories: readonly Repository[]; readonly schedules: Schedules },
    options: readonly SectionOption[],
): RepositoryUse[] {
    return storesOf(repositories).map(({ entry }) => ({
        lifetime: lifetimeOf(options, entry.number, schedulesOf(schedules, entry)),
        tagging: options.some(({ option }) => option.name === `repo${entry.number}-storage-tag`),
    }));
}

/** What cannot be, and what can but is probably not wanted, of repositories whose backups live so long. */
export function checkUses(
    repositories: readonly Repository[],
    uses: readonly RepositoryUse[],
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
    const problems: string[] = [];
    const warnings: string[] = [];
    for (const [index, store] of storesOf(repositories).entries())
        ofKind(store).checkLifetime(
            uses[index]?.lifetime,
            complainer(problems, keyOf(index)),
            complainer(warnings, keyOf(index)),
        );
    return { problems, warnings };
}
