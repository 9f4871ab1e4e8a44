import type { Claim, Common, RepositoryContext } from "./kind";
import { complete, ofKind, type Repository, type RepositoryInput, storesOf } from "./kinds";

/** How many a stack may have: more than anybody needs, and each costs an archiver and its part of every round of the backup service. */
export const MOST_REPOSITORIES = 8;

/** Fills in what follows from the rest of the settings, and checks what the single fields do not show. */
export function completeRepositories(
    list: readonly RepositoryInput[],
    context: RepositoryContext,
): { readonly repositories: readonly Repository[]; readonly problems: readonly string[] } {
    const problems: string[] = [];
    const repositories = list.map((input, index) =>
        complete(input, context, { key: keyOf(index), number: index + 1 }, problems),
    );
    return { repositories, problems: [...problems, ...checkRepositories(repositories)] };
}

/** The setting that an entry of the list is. */
export function keyOf(index: number): string {
    return `pgbackrest:repositories[${index}]`;
}

/** Problems that no single repository has. */
function checkRepositories(list: readonly Repository[]): string[] {
    const problems: string[] = [];
    if (list.length > MOST_REPOSITORIES)
        problems.push(
            `pgbackrest:repositories: has ${list.length} entries: at most ${MOST_REPOSITORIES} are possible`,
        );
    const kinds = list.map((repository) => storesOf([repository]).map(ofKind));
    const claims = kinds.map((each) => each.flatMap((kind) => kind.claims));
    const common = kinds.map((each) => each.flatMap((kind) => kind.common));
    for (const [index, repository] of list.entries())
        for (const [earlier, other] of list.slice(0, index).entries()) {
            if (other.name === repository.name)
                problems.push(
                    `${keyOf(index)}.name: ${repository.name} is the name of ${keyOf(earlier)} too: each needs its own`,
                );
            const clash = claims[index]?.find((claim) =>
                claims[earlier]?.some((their) => overlap(claim, their)),
            );
            if (clash !== undefined)
                problems.push(
                    `${keyOf(index)}${clash.field === "" ? "" : `.${clash.field}`}: ${clash.value} is ${clash.what} ${keyOf(earlier)} too: ${clash.why}`,
                );
            problems.push(...unlike(common[index] ?? [], common[earlier] ?? [], index, earlier));
        }
    if (list.length > 1 && storesOf(list).length < list.length)
        problems.push("pgbackrest:repositories: type none stands alone: remove it or the others");
    return problems;
}

/** What two repositories want to be different and the containers have once. */
function unlike(
    mine: readonly Common[],
    theirs: readonly Common[],
    index: number,
    earlier: number,
): string[] {
    return mine.flatMap(({ field, value, within }) => {
        const other = theirs.find((their) => their.within === within && their.value !== value);
        return other === undefined
            ? []
            : [
                  `${keyOf(index)}.${field}: ${value} is not that of ${keyOf(earlier)}, ${other.value}: ${within} is one for all repositories; give both the same, or let one of them prove itself in another way`,
              ];
    });
}

/** Would two repositories write to the same? */
function overlap(one: Claim, other: Claim): boolean {
    if (one.within !== other.within) return false;
    const [inner, outer] = [`${one.value}/`, `${other.value}/`];
    return one.below ? inner.startsWith(outer) || outer.startsWith(inner) : inner === outer;
}
