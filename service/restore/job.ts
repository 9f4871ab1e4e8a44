import { PLACES } from "../../components/docker/places";
import { readTarget, type Target } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { Revisions } from "../revisions";
import type { Revision } from "../world";
import type { Volume } from "./volume";

/** What cannot be done, for people. */
export class Refused extends Error {
    /** @param instead what can be */
    constructor(
        message: string,
        readonly instead: readonly string[] = [],
    ) {
        super(message);
    }
}

export interface Job {
    readonly revision: Revision;
    readonly wish: Wish;
    readonly volume: Volume;
    /** Arguments of the server that will run on the volume. */
    readonly serverArguments: readonly string[];
    readonly say: (text: string) => void;
    /** What `up` shows to people. */
    readonly note: (text: string) => void;
    /** The container that shows it while it is paused. */
    readonly look: string;
}

export function now(): number {
    return Math.floor(Date.now() / 1000);
}

/** Where a wish leads to; refused where it says nothing that can be read. */
export function targetOf({ at }: Wish): Target {
    const target = readTarget(at, now());
    if (typeof target === "string") throw new Refused(`at: ${at} ${target}`);
    return target;
}

/** The published configuration, which has a repository. */
export function published(): Revision {
    const revision = new Revisions(PLACES.published).published();
    if (revision === undefined)
        throw new Refused("no configuration is published: run the setup container first");
    if (typeof revision === "string") throw new Refused(revision);
    if (revision.repositories.length === 0) throw new Refused("there is no repository to restore from");
    return revision;
}

/** @returns how many seconds have gone since, to a tenth, whatever the clock does */
export function stopwatch(): () => number {
    const begun = performance.now();
    return () => Math.round((performance.now() - begun) / 100) / 10;
}

/** Told to end, by Docker or by people. */
export function stopped(): AbortSignal {
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.once(signal, () => {
            stop.abort();
        });
    return stop.signal;
}
