import { cronFields } from "./cron";

const MINUTES_A_DAY = 1440;
const YEARS = 40;
/** More intervals than this are as good as a multiple of it. */
const ENOUGH = 1000;

/** A time between two bounds, in days. */
export interface Span {
    readonly least: number;
    readonly greatest: number;
}

/** The shortest and the longest time that so many intervals between runs of these schedules (five cron fields each) can take. */
export function spanOf(schedules: readonly string[], intervals: number): Span {
    if (intervals <= 0) return { least: 0, greatest: 0 };
    const window = Math.min(intervals, ENOUGH);
    const times = runs(schedules, 2 * window + 400);
    if (times.length === 0) return { least: Infinity, greatest: Infinity };
    if (times.length <= window) {
        const mean = (YEARS * 365.25 * intervals) / times.length;
        return { least: mean, greatest: mean };
    }
    let least = Infinity;
    let greatest = 0;
    for (const [index, start] of times.entries()) {
        const end = times[index + window];
        if (end === undefined) break;
        least = Math.min(least, end - start);
        greatest = Math.max(greatest, end - start);
    }
    const scale = intervals / window / MINUTES_A_DAY;
    return { least: least * scale, greatest: greatest * scale };
}

/** The first runs of these schedules in some years, in minutes, at least `wanted` where there are so many. */
function runs(schedules: readonly string[], wanted: number): number[] {
    const fields = schedules.map((schedule) => cronFields(schedule));
    const times: number[] = [];
    for (let day = 0; day < YEARS * 365 && times.length < wanted; day++) {
        const date = new Date(Date.UTC(2001, 0, 1 + day));
        const weekday = date.getUTCDay();
        const today = new Set<number>();
        for (const [minutes = [], hours = [], days = [], months = [], weekdays = []] of fields) {
            if (!months.includes(date.getUTCMonth() + 1) || !days.includes(date.getUTCDate())) continue;
            if (!weekdays.includes(weekday) && !(weekday === 0 && weekdays.includes(7))) continue;
            for (const hour of hours)
                for (const minute of minutes) today.add(day * MINUTES_A_DAY + hour * 60 + minute);
        }
        times.push(...[...today].sort((a, b) => a - b));
    }
    return times;
}

/** `49 to 56 days`; less than two days in hours. */
export function spanText(span: Span): string {
    if (span.least === Infinity) return "back to the first backup, for ever";
    const hours = span.greatest < 2;
    const scale = hours ? 24 : 1;
    const [least, greatest] = [Math.floor(span.least * scale), Math.ceil(span.greatest * scale)];
    const unit = hours ? "hour" : "day";
    const number = least === greatest ? String(least) : `${least} to ${greatest}`;
    return `${number} ${unit}${number === "1" ? "" : "s"}`;
}

/** `1 full backup`, `3 full backups`. */
export function counted(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
