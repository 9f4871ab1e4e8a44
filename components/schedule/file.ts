import { checkCron, checkTimezone } from "./cron";
import { nextRun } from "./runs";

/** The kinds of backups, the most valuable first. */
export const BACKUPS = ["full", "diff", "incr"] as const;
/** What the backup service runs on the repository, the most valuable first. */
export const RUNS = [...BACKUPS, "verify"] as const;
/** All that runs by a schedule. */
export const SCHEDULED = [...RUNS, "drill"] as const;
export type Scheduled = (typeof SCHEDULED)[number];

/** When runs are due: five cron fields for each kind that is scheduled, in one zone. */
export interface Timetable {
    readonly schedules: ReadonlyMap<Scheduled, string>;
    readonly timezone: string;
    /** Seconds between two commits that only tell a drill how new what it has recovered is; nothing where there are none. */
    readonly heartbeat?: number | undefined;
}

/**
 * Reads the published file `schedules`: one a line, its kind, a blank and five cron fields; `timezone` with a zone; `heartbeat` with seconds.
 * @returns what is wrong with it, for whoever wrote it, or the timetable
 */
export function readSchedules(text: string): Timetable | string {
    const lines = text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => /^(\S+)\s*(.*)$/.exec(line) ?? ["", "", ""]);
    const values = new Map<string, string>();
    for (const [, name = "", value = ""] of lines) {
        if (values.has(name)) return `schedules: ${name} is there twice`;
        const problem = checkLine(name, value);
        if (problem !== undefined) return problem;
        values.set(name, value);
    }
    if (!values.has("full")) return "schedules: there is no schedule for full backups";
    const heartbeat = values.get("heartbeat");
    return {
        schedules: new Map(
            SCHEDULED.flatMap((kind) => {
                const fields = values.get(kind);
                return fields === undefined ? [] : [[kind, fields] as const];
            }),
        ),
        timezone: values.get("timezone") ?? "UTC",
        ...(heartbeat === undefined ? {} : { heartbeat: Number(heartbeat) }),
    };
}

/**
 * When runs of one repository are due: by its own schedules where it has some, with the drills of all.
 * @param own in the form of that file
 * @returns what is wrong with them, or the timetable
 */
export function timetableOf(own: string | undefined, usual: Timetable): Timetable | string {
    const read = own === undefined ? usual : readSchedules(own);
    if (typeof read === "string" || own === undefined) return read;
    const drill = usual.schedules.get("drill");
    return {
        ...read,
        schedules: new Map([...read.schedules, ...(drill === undefined ? [] : [["drill", drill] as const])]),
        heartbeat: usual.heartbeat,
    };
}

function checkLine(name: string, value: string): string | undefined {
    const said = (what: string, problem: string | undefined): string | undefined =>
        problem === undefined ? undefined : `${what} '${value}' ${problem}`;
    if (name === "timezone") return said(name, checkTimezone(value));
    if (name === "heartbeat")
        return said(name, /^[1-9]\d{0,5}$/.test(value) ? undefined : "is no whole number of seconds");
    return SCHEDULED.some((kind) => kind === name)
        ? said(`schedule of ${name}:`, checkCron(value))
        : `schedules: '${name}' is no kind of run: ${SCHEDULED.join(", ")}, timezone and heartbeat are`;
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
