import { Cron } from "croner";
import { cronFields } from "./cron";
import { localClock, type LocalClock } from "./localClock";

/** A schedule with its last answer, which is the answer for every moment up to that run, too. */
interface Known {
    readonly next: (from: number) => number | undefined;
    from: number;
    until: number;
}

/** Reading a pattern and finding a run cost more than looking it up, and a service asks for the same few as long as it lives. */
const known = new Map<string, Known>();

const HOURS = 24;

/** Runs by a clock that never changes, or by the time that has passed. */
function following(
    fields: string,
    zone: { readonly timezone: string } | { readonly utcOffset: 0 },
): Known["next"] {
    const cron = new Cron(fields, { ...zone, mode: "5-part", paused: true });
    return (from) => {
        const found = cron.nextRun(new Date(from * 1000));
        return found === null ? undefined : found.getTime() / 1000;
    };
}

/** Runs by a clock on the wall: each time of the day that the clock never shows, and each that it shows twice, is there once. */
function byWall(onWall: Known["next"], clock: LocalClock): Known["next"] {
    return (from) => {
        for (let wall = onWall(clock.shownAt(from)); wall !== undefined; wall = onWall(wall)) {
            const time = clock.firstShows(wall);
            if (time > from) return time;
        }
        return undefined;
    };
}

function knownOf(fields: string, timezone: string): Known {
    const key = `${fields} ${timezone}`;
    const found = known.get(key) ?? { next: nextOf(fields, timezone), from: Infinity, until: -Infinity };
    known.set(key, found);
    return found;
}

function nextOf(fields: string, timezone: string): Known["next"] {
    // What knows zones takes 8 MB of memory.
    if (timezone === "UTC") return following(fields, { utcOffset: 0 });
    return cronFields(fields)[1]?.length === HOURS
        ? following(fields, { timezone })
        : byWall(following(fields, { utcOffset: 0 }), localClock(timezone));
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
    if (from < schedule.from || from >= schedule.until) {
        const next = schedule.next(from);
        if (next === undefined) return undefined;
        schedule.from = from;
        schedule.until = next;
    }
    return schedule.until;
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
