import * as v from "valibot";

/**
 * The file `repositories` of a published revision, JSON: which repositories its conf.d/repo.conf has. Without the program setup writes
 * it. No secret.
 */
export const publishedRepositories = v.array(
    v.object({
        /** The user's name of it. */
        name: v.string(),
        /** pgBackRest's options of it are called `repo<number>-...`. */
        number: v.number(),
        /** Type and place, as in `posix:volume x`. Another text is another repository. */
        place: v.string(),
    }),
);

export type PublishedRepositories = v.InferOutput<typeof publishedRepositories>;

export function renderPublished(repositories: PublishedRepositories): string {
    return `${JSON.stringify(repositories)}\n`;
}

/** The same as earlier releases published it, a line of text: what they remember of a place is made from that. */
export function formerText(repositories: PublishedRepositories): string {
    const places = repositories.map(({ place }) =>
        place.replace(/^azure:container (\S+) of account /, "azure:container $1 of "),
    );
    return `${places.join(" ") || "none"}\n`;
}
