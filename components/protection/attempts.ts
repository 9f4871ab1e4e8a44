/** Seconds before a first try that failed is made again; each further wait is twice as long. */
const FIRST_WAIT = 10;
/** The longest wait between two tries. Without the stanza and archiving there is no protection at all. */
const LONGEST_WAIT = { prepare: 60, run: 1800 } as const;

/** What is tried again when it fails: a kind of run, `expire`, or `prepare`, which is the stanza and the check that WAL arrives. */
export type Attempted = string;

/** How long to wait before what failed is tried again. Times are seconds since the epoch. */
export class Attempts {
    readonly #waits = new Map<
        Attempted,
        { readonly wait: number; readonly until: number; readonly hasFailed: boolean }
    >();

    /** It failed: gives the seconds until it is tried again. */
    failed(what: Attempted, now: number): number {
        const longest = what === "prepare" ? LONGEST_WAIT.prepare : LONGEST_WAIT.run;
        const wait = Math.min(longest, (this.#waits.get(what)?.wait ?? FIRST_WAIT / 2) * 2);
        this.#waits.set(what, { wait, until: now + wait, hasFailed: true });
        return wait;
    }

    /** Something else is in its way: that is no failure. */
    postpone(what: Attempted, now: number): void {
        this.#waits.set(what, {
            wait: this.#waits.get(what)?.wait ?? FIRST_WAIT / 2,
            until: now + FIRST_WAIT,
            hasFailed: this.#waits.get(what)?.hasFailed ?? false,
        });
    }

    succeeded(what: Attempted): void {
        this.#waits.delete(what);
    }

    /** What has failed and was not well since. */
    get failing(): readonly Attempted[] {
        return [...this.#waits.keys()].filter((what) => this.#waits.get(what)?.hasFailed === true);
    }

    may(what: Attempted, now: number): boolean {
        return now >= (this.#waits.get(what)?.until ?? 0);
    }

    /** Everything may be tried at once. */
    forget(): void {
        this.#waits.clear();
    }
}
