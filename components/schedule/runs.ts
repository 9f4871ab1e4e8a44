import { Cron } from "croner";
import { cronFields } from "./cron";

/** A schedule with its last answer, which is the answer for every moment up to that run, too. */
interface Known {
    readonly cron: Cron;
    /** What a clock on the wall shows; nothing where an hour that comes twice makes no difference. */
    readonly wall: Intl.DateTimeFormat | undefined;
    from: number;
    next: number;
}

/** Reading a pattern and finding a run cost more than looking it up, and a service asks for the same few as long as it lives. */
const known = new Map<string, Known>();

const HOURS = 24;
/** Seconds that clocks are put back by, wherever they are. */
const PUT_BACK = [1800, 3600, 7200];

/** Has a clock on the wall shown that time before? Croner takes only a single hour for a time of the day that comes once. */
function isRepeated(wall: Intl.DateTimeFormat, time: number): boolean {
    const shown = wall.format(time * 1000);
    return PUT_BACK.some((seconds) => wall.format((time - seconds) * 1000) === shown);
}

function knownOf(fields: string, timezone: string): Known {
    const key = `${fields} ${timezone}`;
    const found = known.get(key) ?? {
        cron: new Cron(fields, {
            // What knows zones takes 8 MB of memory.
            ...(timezone === "UTC" ? { utcOffset: 0 } : { timezone }),
            mode: "5-part",
            paused: true,
        }),
        wall:
            timezone === "UTC" || cronFields(fields)[1]?.length === HOURS
                ? undefined
                : new Intl.DateTimeFormat("en", {
                      timeZone: timezone,
                      dateStyle: "short",
                      timeStyle: "short",
                  }),
        from: Infinity,
        next: -Infinity,
    };
    known.set(key, found);
    return found;
}

/**
 * The first run of five cron fields after a moment, both in seconds since the epoch; nothing where there is none. Where clocks change each
 * run is there once: one in the hour that is left out runs when that hour would have begun, one in the hour that comes twice runs in the
 * first of the two. (What runs in every hour goes on by the time that has passed.)
 * @param fields that `checkCron` finds good
 * @param timezone that `checkTimezone` finds good
 */
export function nextRun(fields: string, timezone: string, after: number): number | undefined {
    // Croner counts whole seconds, and so does pgBackRest.
    const from = Math.floor(after);
    const schedule = knownOf(fields, timezone);
    if (from < schedule.from || from >= schedule.next) {
        let next = from;
        do {
            const found = schedule.cron.nextRun(new Date(next * 1000));
            if (found === null) return undefined;
            next = found.getTime() / 1000;
        } while (schedule.wall !== undefined && isRepeated(schedule.wall, next));
        schedule.from = from;
        schedule.next = next;
    }
    return schedule.next;
}

/** The first `count` runs of any of these schedules after a moment. */
export function nextRuns(
    schedules: readonly string[],
    timezone: string,
    after: number,
    count: number,
): number[] {
    const times: number[] = [];
    const next = schedules.map((fields) => nextRun(fields, timezone, after));
    while (times.length < count) {
        const first = Math.min(...next.map((time) => time ?? Infinity));
        if (first === Infinity) break;
        times.push(first);
        for (const [index, fields] of schedules.entries())
            if (next[index] === first) next[index] = nextRun(fields, timezone, first);
    }
    return times;
}
