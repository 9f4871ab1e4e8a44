import { distance } from "fastest-levenshtein";

/** Mistakes in what the user wrote: all of them at once, one a line, each with what to do. They need no stack trace. */
export class UserError extends Error {
    readonly problems: readonly string[];

    constructor(problems: readonly string[]) {
        super(problems.join("\n"));
        this.name = "UserError";
        this.problems = problems;
        this.stack = this.message;
    }
}

/** Throws when there is anything to complain about. */
export function refuse(problems: readonly string[]): void {
    if (problems.length > 0) throw new UserError(problems);
}

/** Something that people are to know of what they do. */
export interface Told {
    readonly level: "info" | "warn";
    /** One message, of one line or more. */
    readonly text: string;
}

/** The candidate that was probably meant; nothing when none is close enough to be more than a guess. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
    const wanted = word.toLowerCase();
    let best: string | undefined;
    // A third of the letters may be wrong; two at least, since two letters in the wrong order count as two.
    let bound = wanted.length < 4 ? 2 : Math.min(4, Math.max(2, Math.floor(wanted.length / 3))) + 1;
    for (const candidate of candidates) {
        const far = distance(wanted, candidate.toLowerCase());
        if (far < bound) [best, bound] = [candidate, far];
    }
    return best;
}

/** `; did you mean X?` or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
    const found = nearest(word, candidates);
    return found === undefined ? "" : `; did you mean ${found}?`;
}
