import type { Repository, Store } from "./kinds";

/** A repository that a stack had before, by its number in pgBackRest's options. */
export interface Numbered {
    readonly name: string;
    readonly number: number;
}

/**
 * The repositories with their numbers: a known name keeps its own, whatever its place in the list, and a new one gets the least that is free.
 * So another order, or one that goes, changes nothing for the others.
 */
export function withNumbers(list: readonly Repository[], known: readonly Numbered[]): Repository[] {
    const names = new Set(list.map(({ name }) => name));
    const taken = new Map(
        known.filter(({ name }) => names.has(name)).map(({ name, number }) => [name, number]),
    );
    const used = new Set(taken.values());
    let next = 1;
    const free = (): number => {
        while (used.has(next)) next += 1;
        used.add(next);
        return next;
    };
    return list.map((repository) =>
        repository.type === "none" ? repository : numbered(repository, taken.get(repository.name) ?? free()),
    );
}

function numbered(store: Store, number: number): Store {
    return { ...store, entry: { ...store.entry, number } };
}
