import type { RepositoryMemory } from "../protection/state";
import { duration, minute } from "../protection/text";
import { nextScheduled, type Timetable } from "../schedule/file";
import { countingDrills, type Drilled, type Drills, nextDrill } from "./due";

/** How late one that passes may be, in seconds: as long as one may take. */
const LATEST = 86_400;

/** The same where so many repositories have drills, one after the other. */
export function latest(timetables: readonly Timetable[]): number {
    return LATEST * Math.max(1, timetables.filter(({ schedules }) => schedules.has("drill")).length);
}

/** What drills tell of a repository, in words. */
export interface Proof {
    /** Why it is not proven that its backups restore; or nothing. */
    readonly lacking: string;
    /** How it is. */
    readonly given: string;
}

/**
 * Nothing where drills are off.
 * @param drills of that repository
 * @param late how late one may be, in seconds
 */
export function proofOf(
    timetable: Timetable,
    memory: Pick<RepositoryMemory, "since">,
    drills: Drills,
    now: number,
    late = LATEST,
): Proof | undefined {
    if (!timetable.schedules.has("drill")) return undefined;
    const counting = countingDrills(drills, memory.since, now);
    const newest = counting.at(-1);
    const running = drills.running === undefined ? "" : `; one runs: ${drills.running.text}`;
    const lacking = (text: string): Proof => ({ lacking: text, given: "" });
    if (newest === undefined)
        return lacking(`no drill has proven yet that the backups restore: ${firstText(drills)}`);
    const began = `the drill of ${minute(newest.began)} UTC`;
    if (newest.result === "failed") return lacking(`${began} has failed: ${newest.why}${running}`);
    if (newest.result === "unverified") {
        const next =
            running === "" ? `; the next is due at ${minute(nextDrill(timetable, counting))} UTC` : running;
        return lacking(`${began} could not verify that the backups restore: ${newest.why}${next}`);
    }
    const next = nextScheduled(timetable, "drill", newest.began);
    if (next !== undefined && next + late < now)
        return lacking(`the drill of ${minute(next)} UTC is missing${running}`);
    return { lacking: "", given: givenText(newest, now) };
}

function firstText({ running }: Drills): string {
    return running === undefined
        ? "the first one begins as soon as no backup, expire or verify is due"
        : `the first one runs: ${running.text}`;
}

/** `proven by a drill 3 h ago: 4 min, 40 s of data` */
function givenText({ ended, recoveryTime, recoveryPoint }: Drilled, now: number): string {
    const cost = [
        ...(recoveryTime === undefined ? [] : [duration(recoveryTime)]),
        ...(recoveryPoint === undefined ? [] : [`${duration(recoveryPoint)} of data`]),
    ].join(", ");
    return `proven by a drill ${duration(now - ended)} ago${cost === "" ? "" : `: ${cost}`}`;
}
