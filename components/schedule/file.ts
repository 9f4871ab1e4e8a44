import { checkCron, checkTimezone } from "./cron";
import { nextRun } from "./runs";

/** What runs by a schedule, the most valuable first. */
export const SCHEDULED = ["full", "diff", "incr", "verify"] as const;
export type Scheduled = (typeof SCHEDULED)[number];

/** When runs are due: five cron fields for each kind that is scheduled, in one zone. */
export interface Timetable {
    readonly schedules: ReadonlyMap<Scheduled, string>;
    readonly timezone: string;
}

/**
 * Reads the published file `schedules`: one a line, its kind, a blank and five cron fields; and `timezone` with a zone.
 * @returns what is wrong with it, for whoever wrote it, or the timetable
 */
export function readSchedules(text: string): Timetable | string {
    const lines = text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => /^(\S+)\s*(.*)$/.exec(line) ?? ["", "", ""]);
    const schedules = new Map<Scheduled, string>();
    let timezone = "UTC";
    const seen = new Set<string>();
    for (const [, name = "", value = ""] of lines) {
        if (seen.has(name)) return `schedules: ${name} is there twice`;
        seen.add(name);
        const kind = SCHEDULED.find((known) => known === name);
        const problem =
            kind !== undefined
                ? checkCron(value)
                : name === "timezone"
                  ? checkTimezone(value)
                  : "is no kind of run: full, diff, incr, verify and timezone are";
        if (problem !== undefined)
            return name === "timezone"
                ? `timezone '${value}' ${problem}`
                : kind === undefined
                  ? `schedules: '${name}' ${problem}`
                  : `schedule of ${name}: '${value}' ${problem}`;
        if (kind === undefined) timezone = value;
        else schedules.set(kind, value);
    }
    if (!schedules.has("full")) return "schedules: there is no schedule for full backups";
    return { schedules, timezone };
}

/** The first time after a moment at which that kind is scheduled; nothing when it never is. Seconds since the epoch. */
export function nextScheduled(
    { schedules, timezone }: Timetable,
    kind: Scheduled,
    after: number,
): number | undefined {
    const fields = schedules.get(kind);
    return fields === undefined ? undefined : nextRun(fields, timezone, after);
}
