import type { Claim, Complain, RepositoryContext } from "./kind";
import { complete, ofKind, type Repository, type RepositoryInput, storesOf } from "./kinds";

/** Fills in what follows from the rest of the settings, and checks what the single fields do not show. */
export function completeRepositories(
    list: readonly RepositoryInput[],
    context: RepositoryContext,
): { readonly repositories: readonly Repository[]; readonly problems: readonly string[] } {
    const problems: string[] = [];
    const repositories = list.map((input, index) => complete(input, context, complainer(problems, index)));
    return { repositories, problems: [...problems, ...checkRepositories(repositories)] };
}

/** Puts the key of the setting before each problem. */
export function complainer(problems: string[], index: number): Complain {
    return (field, problem) => {
        problems.push(`${key(index)}${field === "" ? "" : `.${field}`}: ${problem}`);
    };
}

function key(index: number): string {
    return `pgbackrest:repositories[${index}]`;
}

/** Problems that no single repository has. */
function checkRepositories(list: readonly Repository[]): string[] {
    const problems: string[] = [];
    if (list.length > 4)
        problems.push(`pgbackrest:repositories: has ${list.length} entries: pgBackRest takes at most 4`);
    else if (list.length > 1)
        problems.push(
            `pgbackrest:repositories: has ${list.length} entries: more than one is not supported yet`,
        );
    const claims = list.map((repository) => storesOf([repository]).flatMap((store) => ofKind(store).claims));
    for (const [index, repository] of list.entries())
        for (const [earlier, other] of list.slice(0, index).entries()) {
            if (other.name === repository.name)
                problems.push(
                    `${key(index)}.name: ${repository.name} is the name of ${key(earlier)} too: each needs its own`,
                );
            const clash = claims[index]?.find((claim) =>
                claims[earlier]?.some((their) => overlap(claim, their)),
            );
            if (clash !== undefined)
                problems.push(
                    `${key(index)}.${clash.field}: ${clash.value} is ${clash.what} ${key(earlier)} too: ${clash.why}`,
                );
        }
    if (list.length > 1 && storesOf(list).length < list.length)
        problems.push("pgbackrest:repositories: type none stands alone: remove it or the others");
    return problems;
}

/** Would two repositories write to the same? */
function overlap(one: Claim, other: Claim): boolean {
    if (one.within !== other.within) return false;
    const [inner, outer] = [`${one.value}/`, `${other.value}/`];
    return one.below ? inner.startsWith(outer) || outer.startsWith(inner) : inner === outer;
}
