import { checkCron, checkTimezone } from "./cron";

/** When backups run: five cron fields each; what is not there never runs. */
export interface Schedules {
    readonly full: string;
    readonly diff: string | undefined;
    readonly incr: string | undefined;
    readonly verify: string | undefined;
    readonly timezone: string;
}

/** As a stack writes them: `off` or an empty text is never. */
export interface WrittenSchedules {
    readonly full: string;
    readonly diff: string;
    readonly incr: string;
    readonly verify: string;
    readonly timezone: string;
}

export function completeSchedules({ full, diff, incr, verify, timezone }: WrittenSchedules): Schedules {
    return {
        ...{ full, timezone },
        ...{ diff: unlessOff(diff), incr: unlessOff(incr), verify: unlessOff(verify) },
    };
}

function unlessOff(schedule: string): string | undefined {
    return schedule === "" || schedule === "off" ? undefined : schedule;
}

/** @param key where they stand, for messages */
export function checkSchedules(key: string, schedules: Partial<WrittenSchedules>): string[] {
    const { timezone, ...entries } = schedules;
    const zone = timezone === undefined ? undefined : checkTimezone(timezone);
    return [
        ...Object.entries(entries).flatMap(([kind, fields]) => {
            if (unlessOff(fields) === undefined)
                return kind === "full"
                    ? [`${key}.full: cannot be off: all other backups and their expiry build on full ones`]
                    : [];
            const problem = checkCron(fields);
            return problem === undefined ? [] : [`${key}.${kind}: ${JSON.stringify(fields)} ${problem}`];
        }),
        ...(zone === undefined ? [] : [`${key}.timezone: ${JSON.stringify(timezone)} ${zone}`]),
    ];
}

/** One a line, for the backup service: its name, a blank, and five cron fields or the time zone. */
export function renderSchedules(schedules: Schedules): string {
    return Object.entries(schedules)
        .filter(([, schedule]) => schedule !== undefined)
        .map(([name, schedule]) => `${name} ${schedule}\n`)
        .join("");
}
