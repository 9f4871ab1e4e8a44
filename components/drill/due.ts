import type { RepositoryMemory } from "../protection/state";
import { nextScheduled, type Timetable } from "../schedule/file";
import type { DrillRecord, RunningDrill } from "./record";

/** Seconds until one that could not verify is made again; twice as long after each further one, and at most a day. */
const AGAIN_AFTER = 3600;
const AGAIN_AT_LATEST = 86_400;

/** What of a drill decides what follows from it. */
export type Drilled = Pick<
    DrillRecord,
    "began" | "ended" | "result" | "why" | "repository" | "recoveryTime" | "recoveryPoint"
>;

/** What is known of drills: those that have ended, oldest first, and one that runs. */
export interface Drills {
    readonly ended: readonly Drilled[];
    readonly running: RunningDrill | undefined;
}

/**
 * Those of one of the repositories, by the name that it has or had. One that names none, of an earlier release, counts for the first.
 * @param names of all, in their order
 */
export function drillsOf(
    { ended, running }: Drills,
    name: string,
    names: readonly string[],
    { formerNames }: Pick<RepositoryMemory, "formerNames">,
): Drills {
    const own = [name, ...formerNames.filter((former) => !names.includes(former))];
    const isOf = ({ repository }: Pick<Drilled, "repository">): boolean =>
        repository === undefined ? name === names[0] : own.includes(repository);
    return {
        ended: ended.filter(isOf),
        running: running !== undefined && isOf(running) ? running : undefined,
    };
}

/** Those that say something of a repository: since WAL goes there, and not of a time to come, by a clock that was set back. */
export function countingDrills({ ended }: Drills, since: number, now: number): readonly Drilled[] {
    return ended.filter(({ began }) => began >= since && began <= now);
}

/**
 * When the next drill is due; nothing where none is ever, or before there is a full backup. The first is due at once, and a missed one, for it
 * counts from the last, whoever has begun that. What it has found is a result; that it found nothing out is none.
 */
export function dueDrill(
    timetable: Timetable,
    { since, newest }: Pick<RepositoryMemory, "since" | "newest">,
    drills: Drills,
    now: number,
): number | undefined {
    if (!timetable.schedules.has("drill") || newest.full === null) return undefined;
    const counting = countingDrills(drills, since, now);
    // The same however many backups are taken before it ends.
    return counting.length === 0 ? Math.max(1, since) : nextDrill(timetable, counting);
}

/** When the next is due after those. */
export function nextDrill(timetable: Timetable, counting: readonly Drilled[]): number {
    const last = counting.at(-1);
    const scheduled = last === undefined ? undefined : nextScheduled(timetable, "drill", last.began);
    return Math.min(scheduled ?? Infinity, madeAgain(counting));
}

/** When one follows because the last could not verify. */
function madeAgain(counting: readonly Drilled[]): number {
    const last = counting.at(-1);
    if (last?.result !== "unverified") return Infinity;
    const inARow = counting.length - 1 - counting.findLastIndex(({ result }) => result !== "unverified");
    return last.ended + Math.min(AGAIN_AT_LATEST, AGAIN_AFTER * 2 ** (inARow - 1));
}
