import type { AnyRepository, Claim } from "./kind";

/** Where a repository is, as its kind and the description of a stack say it. */
export interface Place {
    readonly type: string;
    /** On the Docker host: the path is only where the containers see it. */
    readonly local: boolean;
    readonly place: string;
    readonly path: string;
}

/** The whole of it, for people: two repositories of a type with the same text are the same repository. */
export function placeAndPath({ local, place, path }: Omit<Place, "type">): string {
    return local ? place : `${place}, path ${path}`;
}

/** The same in a sentence: two repositories with the same text are the same repository. */
export function placeText(repository: Place): string {
    return repository.local ? repository.place : `${repository.type} ${placeAndPath(repository)}`;
}

/**
 * Nobody else may have the path in this place, nor one inside or around it. Nothing that a place is named by knows capital letters.
 * @param own what each repository needs of its own there, in words
 */
export function claimPath({ type, path }: AnyRepository, place: string, own: string): Claim[] {
    return [
        {
            ...{ field: "path", value: path, within: `${type} ${place.toLowerCase()}`, below: true },
            ...{ what: "inside or around the path of", why: `each needs ${own} of its own` },
        },
    ];
}
