import { complainer } from "./complete";
import { ofKind, type Repository, storesOf } from "./kinds";
import type { RepositoryUse } from "./retention";

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
            complainer(problems, index),
            complainer(warnings, index),
        );
    return { problems, warnings };
}
