import type { Drilled } from "../drill/due";
import type { RepositoryMemory, Verdict } from "../protection/state";
import { duration, minute } from "../protection/text";

/** What a digest is made from. */
export interface Facts {
    readonly now: number;
    readonly verdict: Pick<Verdict, "sentence">;
    readonly repositories: Readonly<Record<string, Pick<RepositoryMemory, "newest">>>;
    readonly drills: readonly Drilled[];
}

/**
 * The sentence, and the facts of some days below it.
 * @param since when the digest before was made
 * @param troubles how many were told since
 */
export function digestText(
    { now, verdict, repositories, drills }: Facts,
    since: number,
    troubles: number,
): string {
    const recent = drills.filter(({ ended }) => ended > since && ended <= now);
    const badly = recent.filter(({ result }) => result !== "passed");
    const times = recent.flatMap(({ recoveryTime }) => (recoveryTime === undefined ? [] : [recoveryTime]));
    return [
        verdict.sentence,
        "",
        `Since ${minute(since)} UTC: ${troubles === 0 ? "no trouble was told" : `trouble was told ${troubles === 1 ? "once" : `${troubles} times`}`}.`,
        ...Object.entries(repositories).map(
            ([name, { newest }]) => `Backups in ${name}: ${newestText(newest)}.`,
        ),
        recent.length === 0
            ? "No drill has ended."
            : `Drills: ${recent.length}, ${badly.length === 0 ? "all passed" : `${badly.length} of them not passed (${badly.map(({ why }) => why).join("; ")})`}${times.length === 0 ? "" : `; a restore took ${duration(Math.max(...times))} at most`}.`,
    ].join("\n");
}

function newestText(newest: RepositoryMemory["newest"]): string {
    const known = (["full", "diff", "incr"] as const).flatMap((kind) => {
        const at = newest[kind];
        return at === null ? [] : [`newest ${kind} ${minute(at)} UTC`];
    });
    return known.length === 0 ? "none" : known.join(", ");
}
