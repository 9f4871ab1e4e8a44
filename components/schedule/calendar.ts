import { cronFields } from "./cron";
import { nextRuns } from "./runs";

const MINUTES_A_DAY = 1440;
const YEARS = 40;
/** More intervals than this are as good as a multiple of it. */
const ENOUGH = 1000;
/** Days. In more than that, one hour is nothing, and finding each run in a zone takes long. */
const LONG = 30;
/** The most minutes that a change of clocks makes a time shorter or longer. */
const HOUR_SHIFT = 120;
/** Every zone changes its clocks at the same times of the year again; these two have a leap day between them. */
const CHANGES_FROM = Date.UTC(2027, 0, 1);
const CHANGES_DAYS = 2 * 365;

/** A time between two bounds, in days. */
export interface Span {
    readonly least: number;
    readonly greatest: number;
}

/**
 * The shortest and the longest time that so many intervals between runs of these schedules (five cron fields each) can take, also where the
 * clocks of their zone change. From a day on, days are days of the calendar: one of 23 hours counts as one.
 */
export function spanOf(schedules: readonly string[], intervals: number, timezone: string): Span {
    if (intervals <= 0) return { least: 0, greatest: 0 };
    const window = Math.min(intervals, ENOUGH);
    const times = runs(schedules, 2 * window + 400);
    if (times.length === 0) return { least: Infinity, greatest: Infinity };
    if (times.length <= window) {
        const mean = (YEARS * 365.25 * intervals) / times.length;
        return { least: mean, greatest: mean };
    }
    const usual = bounds(times, window);
    const { least, greatest } =
        usual.greatest < MINUTES_A_DAY * LONG ? acrossChanges(schedules, window, timezone, usual) : usual;
    const scale = intervals / window / MINUTES_A_DAY;
    return { least: least * scale, greatest: greatest * scale };
}

/** The same bounds with what a change of clocks makes shorter or longer by more than its hour, or in less than a day. */
function acrossChanges(schedules: readonly string[], window: number, timezone: string, usual: Span): Span {
    let { least, greatest } = usual;
    const isMore = (bound: number, other: number) =>
        bound < MINUTES_A_DAY || Math.abs(other - bound) > HOUR_SHIFT;
    for (const change of clockChanges(timezone)) {
        const from = change - (usual.greatest + MINUTES_A_DAY) * 60;
        const times = nextRuns(schedules, timezone, from, 2 * window + 60).map((time) => time / 60);
        const across = bounds(times, window);
        if (across.least < least && isMore(usual.least, across.least)) least = across.least;
        if (across.greatest > greatest && isMore(usual.greatest, across.greatest)) greatest = across.greatest;
    }
    return { least, greatest };
}

/** The shortest and the longest of each `window` of these times. */
function bounds(times: readonly number[], window: number): Span {
    let least = Infinity;
    let greatest = 0;
    for (const [index, start] of times.entries()) {
        const end = times[index + window];
        if (end === undefined) break;
        least = Math.min(least, end - start);
        greatest = Math.max(greatest, end - start);
    }
    return { least, greatest };
}

/** Moments of about two years at which the clocks of a zone change, to the day, in seconds since the epoch. */
function clockChanges(timezone: string): number[] {
    // What reads zones takes longer to load than all the rest of a preview's checks.
    if (timezone === "UTC") return [];
    const format = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" });
    const offset = (day: number) =>
        format.formatToParts(CHANGES_FROM + day * 86_400_000).find(({ type }) => type === "timeZoneName")
            ?.value;
    const changes: number[] = [];
    let before = offset(0);
    for (let day = 1; day < CHANGES_DAYS; day++) {
        const now = offset(day);
        if (now !== before) changes.push(CHANGES_FROM / 1000 + (day - 1) * 86_400);
        before = now;
    }
    return changes;
}

/**
 * The first runs of these schedules in some years, in minutes, at least `wanted` where there are so many: what `nextRuns` says of UTC, but in a
 * tenth of the time, of which each preview needs it many times.
 */
function runs(schedules: readonly string[], wanted: number): number[] {
    const fields = schedules.map((schedule) => {
        const [minutes = [], hours = [], days = [], months = [], weekdays = []] = cronFields(schedule);
        const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
        return { times, days, months, weekdays: weekdays.map((weekday) => weekday % 7) };
    });
    const ofWeekday = Array.from({ length: 7 }, (_, weekday) =>
        fields.filter(({ weekdays }) => weekdays.includes(weekday)),
    );
    const found: number[] = [];
    // It begins on a Monday.
    for (let day = 0; day < YEARS * 365 && found.length < wanted; day++) {
        const candidates = ofWeekday[(day + 1) % 7] ?? [];
        if (candidates.length === 0) continue;
        const date = new Date(Date.UTC(2001, 0, 1 + day));
        const [dayOfMonth, month] = [date.getUTCDate(), date.getUTCMonth() + 1];
        const today = candidates.filter(
            ({ days, months }) => days.includes(dayOfMonth) && months.includes(month),
        );
        const times = new Set(today.flatMap((one) => one.times));
        for (const time of [...times].sort((a, b) => a - b)) found.push(day * MINUTES_A_DAY + time);
    }
    return found;
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
