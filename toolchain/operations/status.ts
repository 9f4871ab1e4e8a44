import { dueDrill, drillsOf } from "../../components/drill/due";
import { AT_ONCE, dueAt, dueTimes } from "../../components/protection/due";
import type { Backup } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import type { PublishedRepository } from "../../components/protection/state";
import { AtWork, type Drills, type Service } from "./atWork";
import { notifyLines } from "./notify";
import { look, type Seen, toldOf, WHAT } from "./seen";
import { Looks, type Output, watch } from "./statusWatch";
import type { DatabaseWal } from "./wal";
import { timetableOf } from "../../components/schedule/file";
import { drillLines } from "./drillText";
import { type Answer, CANNOT_TELL, cannotTell, type Operation, type Table } from "./operation";
import {
    amountText,
    BACKUP_HEAD,
    backupData,
    backupRow,
    heldBytes,
    heldText,
    reachOf,
    reachText,
} from "./reach";

export const status: Operation = {
    name: "status",
    summary: "Is the database protected, to which moments can it be restored, what runs when?",
    options: [["--watch", "again every other second, until ^C"]],
    examples: ["status", "status --stack prod", "status --watch", "status --json | jq .restorable"],
    statuses: [
        "the database is protected",
        "it is not, and why not",
        "it cannot be told: no stack, no container, or a service that says nothing",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        if (given.options["watch"] === true) return watchStatus(stack, given.options["json"] === true);
        const seen = await look(stack);
        return "status" in seen ? seen : statusOf(seen);
    },
};

/** Ends well with ^C, for nothing else ends it, and where nobody reads any further. */
async function watchStatus(stack: AtWork, asJson: boolean): Promise<Answer> {
    const { stdout } = process;
    const end = new AbortController();
    const stop = (): void => {
        end.abort();
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, stop);
    stdout.on("error", stop);
    const looks = new Looks(stack, statusOf);
    const output: Output = {
        get size() {
            return stdout.isTTY ? { columns: stdout.columns || 80, rows: stdout.rows || 24 } : undefined;
        },
        hasColours: stdout.isTTY && process.env["NO_COLOR"] === undefined,
        write: (text) => stdout.write(text),
    };
    try {
        return await watch(() => looks.next(), output, asJson, end.signal);
    } finally {
        for (const signal of signals) process.off(signal, stop);
        stdout.off("error", stop);
    }
}

export function statusOf(seen: Seen): Answer {
    const { service, report, database } = seen;
    const { now } = service;
    const told = toldOf(service);
    if (told.status === CANNOT_TELL) return cannotTell(WHAT, told.sentence);
    const { sentence } = told;
    const repositories = service.repositories.map((repository) => repositoryOf(repository, seen));
    const next = nextRuns(service);
    return {
        status: told.status,
        lines: [
            sentence,
            ...(typeof report === "object" && report.progress !== undefined
                ? [`a backup runs: ${amountText(report.progress)}`]
                : []),
            ...(typeof report === "string" ? [report] : repositories.flatMap(({ lines }) => lines)),
            walText(database, now),
            ...drillLines(service.drills, now),
            ...notifyLines(service.notifications, now),
            ...(next.length === 0 ? [] : [`next: ${next.map(nextText).join(", ")}`]),
        ],
        data: {
            protected: told.status === 0,
            sentence,
            since: told.since,
            restorable: repositories.map(({ restorable }) => restorable),
            repositories: repositories.map(({ data }) => data),
            database: typeof database === "string" ? { problem: database } : database,
            next,
            silence: service.notifications.silence ?? null,
            drills: {
                ...newestOnly(service.drills),
                each: service.drills.each?.map((one) => ({ name: one.name, ...newestOnly(one) })),
            },
            ...(typeof report === "string" ? { problem: report } : { running: report.progress }),
        },
    };
}

function newestOnly({ isOn, ended, running }: Drills) {
    return { isOn, running, newest: ended.at(-1) };
}

/** Newest first. */
export function newestOf(backups: readonly Backup[]): readonly Backup[] {
    const kinds = ["full", "diff", "incr"].map((kind) => backups.findLast(({ type }) => type === kind));
    return kinds.filter((backup) => backup !== undefined).sort((a, b) => b.stop - a.stop);
}

function repositoryOf({ name, number }: PublishedRepository, { service, report, wal }: Seen) {
    const all = typeof report === "string" ? [] : report.backups;
    const backups = all.filter(({ repository }) => repository === number);
    const memory = service.state?.repositories[name];
    const ofIt = wal.get(number);
    const reach = reachOf(backups, memory, ofIt?.newest);
    const newest = newestOf(backups);
    const table: Table = { head: BACKUP_HEAD, rows: newest.map((backup) => backupRow(backup, service.now)) };
    const { from, to, except } = reach ?? { from: null, to: null, except: "" };
    return {
        lines: [
            reachText(reach, service.now),
            table,
            `repository ${name}: ${heldText(backups, ofIt?.bytes)}`,
        ],
        restorable: { repository: name, from, to, except },
        data: {
            name,
            number,
            newest: newest.map(backupData),
            backups: backups.length,
            backupBytes: heldBytes(backups),
            wal: ofIt ?? null,
        },
    };
}

export interface NextRun {
    readonly kind: string;
    readonly at: number;
    /** Where there are several, for which. */
    readonly repository?: string;
}

export function nextRuns({ timetable, state, repositories, drills, now }: Service): NextRun[] {
    if (timetable === undefined) return [];
    const names = repositories.map(({ name }) => name);
    const known = repositories.flatMap((repository) => {
        const { name } = repository;
        const memory = state?.repositories[name];
        const own = timetableOf(repository, timetable);
        return memory === undefined || typeof own === "string" ? [] : [{ name, memory, own }];
    });
    const runs = known.flatMap(({ name, memory, own }) => {
        const ofIt = drillsOf(drills, name, names, memory);
        const due = ofIt.running === undefined ? dueDrill(own, memory, ofIt, now) : undefined;
        const drill = due === undefined ? [] : [["drill", due > now ? due : AT_ONCE] as const];
        return [...dueTimes(own, memory), ...drill].map(([kind, at]) => ({
            ...{ kind, at },
            ...(repositories.length > 1 ? { repository: name } : {}),
        }));
    });
    return runs.sort((a, b) => a.at - b.at);
}

function nextText({ kind, at, repository }: NextRun): string {
    const where = repository === undefined ? "" : ` ${kind === "drill" ? "of" : "to"} ${repository}`;
    return `${kind}${where} ${dueAt(at, " UTC")}`;
}

function walText(database: DatabaseWal | string, now: number): string {
    if (typeof database === "string") return `WAL: PostgreSQL cannot be asked: ${database}`;
    const { waiting, waitingBytes, last, lastTime } = database;
    const lag =
        waiting === 0 ? "nothing waits" : `${waiting} segments (${bytes(waitingBytes)}) wait to be archived`;
    const newest =
        last === "" ? "none was archived yet" : `${last} was archived ${duration(now - lastTime)} ago`;
    return `WAL: ${lag}, ${newest}`;
}
