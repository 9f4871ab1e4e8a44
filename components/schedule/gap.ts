import { cronFields } from "./cron";

const DAY = 24 * 60;

/** The shortest time between two runs of five cron fields, in days: how much a number of backups is worth for certain. */
export function shortestGapDays(cron: string): number {
    const [minutes = [], hours = [], daysOfMonth = [], months = [], daysOfWeek = []] = cronFields(cron);
    const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
    const first = times[0] ?? 0;
    const last = times.at(-1) ?? 0;
    let shortest = times
        .slice(1)
        .reduce((least, time, index) => Math.min(least, time - (times[index] ?? 0)), 365 * DAY);
    let previous: number | undefined;
    // Long enough for every way in which months and weekdays meet, with a leap year in it.
    for (let day = 0; day < 4 * 366; day++) {
        const date = new Date(Date.UTC(2023, 0, 1 + day));
        const weekday = date.getUTCDay();
        const runs =
            months.includes(date.getUTCMonth() + 1) &&
            daysOfMonth.includes(date.getUTCDate()) &&
            (daysOfWeek.includes(weekday) || (weekday === 0 && daysOfWeek.includes(7)));
        if (!runs) continue;
        if (previous !== undefined) shortest = Math.min(shortest, day * DAY + first - previous);
        previous = day * DAY + last;
    }
    return shortest / DAY;
}
