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

/** What a repository has of its own, where that is not as usual. */
interface Own {
    /** In the form of that file, without drills. */
    readonly schedules?: string | undefined;
    /** Five cron fields of its drills, or off. */
    readonly drill?: string | undefined;
}

/**
 * When runs of one repository are due: by its own schedules where it has some, and else by those of all.
 * @returns what is wrong with them, or the timetable
 */
export function timetableOf(own: Own, usual: Timetable): Timetable | string {
    const read = own.schedules === undefined ? usual : readSchedules(own.schedules);
    if (typeof read === "string") return read;
    const drill = own.drill ?? usual.schedules.get("drill") ?? NO_DRILLS;
    const problem = drill === NO_DRILLS ? undefined : checkLine("drill", drill);
    if (problem !== undefined) return problem;
    const runs = [...read.schedules].filter(([kind]) => kind !== "drill");
    return {
        ...read,
        schedules: new Map(drill === NO_DRILLS ? runs : [...runs, ["drill", drill]]),
        heartbeat: usual.heartbeat,
    };
}

/** In place of the five fields, where a repository is never drilled. */
export const NO_DRILLS = "off";

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
