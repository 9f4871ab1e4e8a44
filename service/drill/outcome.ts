/** What is in the repository does not restore as it should. */
export class Failed extends Error {}

/** That could not be found out. */
export class Unverified extends Error {}

/** What has to do with this machine, and says nothing of the repository. */
const HERE = /No space left on device|Cannot allocate memory|out of memory|could not fork/i;

/** A failure, or nothing that is known, by what is said. */
export function failureOf(text: string): Failed | Unverified {
    return HERE.test(text) ? new Unverified(text) : new Failed(text);
}
