const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let current: { readonly controller: AbortController; byUser: boolean } | undefined;

/** Set while work runs that must be ended in order when it is interrupted. */
export function interruption(): AbortSignal | undefined {
    return current?.controller.signal;
}

/** Ends the programs that work has started: one of several things to do has failed. */
export function endPrograms(): void {
    current?.controller.abort();
}

/**
 * Runs long work so that an interrupt ends the programs it has started (run.ts) and it fails like any other work: what is
 * half done is removed on the way out.
 */
export async function interruptible<T>(work: () => Promise<T>): Promise<T> {
    if (current !== undefined) return work();
    const mine = { controller: new AbortController(), byUser: false };
    current = mine;
    const interrupt = (): void => {
        mine.byUser = true;
        endPrograms();
    };
    for (const signal of signals) process.on(signal, interrupt);
    try {
        return await work();
    } catch (error) {
        throw mine.byUser ? new Interrupted() : error;
    } finally {
        for (const signal of signals) process.off(signal, interrupt);
        current = undefined;
    }
}

export class Interrupted extends Error {
    constructor() {
        super("Interrupted. Run the command again: it goes on with what is missing.");
    }
}
