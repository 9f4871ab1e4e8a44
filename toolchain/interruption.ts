const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let current: AbortController | undefined;

/** Set while work runs that must be ended in order when the user interrupts it. */
export function interruption(): AbortSignal | undefined {
    return current?.signal;
}

/**
 * Runs long work so that an interrupt ends the programs it has started (run.ts) and it fails like any other work: what is
 * half done is removed on the way out.
 */
export async function interruptible<T>(work: () => Promise<T>): Promise<T> {
    if (current !== undefined) return work();
    const controller = new AbortController();
    current = controller;
    const abort = (): void => {
        controller.abort();
    };
    for (const signal of signals) process.on(signal, abort);
    try {
        return await work();
    } catch (error) {
        if (controller.signal.aborted) throw new Interrupted();
        throw error;
    } finally {
        for (const signal of signals) process.off(signal, abort);
        current = undefined;
    }
}

export class Interrupted extends Error {
    constructor() {
        super("Interrupted. Run the command again: it goes on with what is missing.");
    }
}
