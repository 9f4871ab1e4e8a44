import { dueDrill, drillsOf } from "../../components/drill/due";
import { endsList } from "../../components/protection/ends";
import { AT_ONCE, dueAt, dueTimes } from "../../components/protection/due";
import type { Backup } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import { AtWork, type Drills, type Service } from "./atWork";
import { notifyLines } from "./notify";
import { lineOf, type Repository, unreadable } from "./repositories";
import { heldIn, look, type Seen, toldOf, WHAT } from "./seen";
import { Looks, type Output, watch } from "./statusWatch";
import type { DatabaseWal } from "./wal";
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
    const { service, database, running } = seen;
    const { now } = service;
    const told = toldOf(service);
    if (told.status === CANNOT_TELL) return cannotTell(WHAT, told.sentence);
    const { sentence } = told;
    const repositories = service.repositories.map((repository) => repositoryOf(repository, seen));
    const isOne = repositories.length === 1;
    const problems = repositories.flatMap(({ problem }) => problem);
    const next = nextRuns(service);
    const { ends = [] } = service.state ?? {};
    const newest: Table = {
        head: [...(isOne ? [] : ["repository"]), ...BACKUP_HEAD],
        rows: repositories.flatMap(({ rows }) => rows),
    };
    return {
        status: told.status,
        lines: [
            sentence,
            ...(running === undefined ? [] : [runningText(running, service)]),
            ...repositories.flatMap(({ lines }, index) => {
                const [reach = "", ...held] = lines;
                return isOne && held.length > 0 && index === 0 ? [reach, newest, ...held] : lines;
            }),
            walText(database, now),
            ...drillLines(service.drills, now),
            ...notifyLines(service.notifications, now),
            ...(ends.length === 0 ? [] : [`ends: ${endsList(ends, now).join(", ")}`]),
            ...(next.length === 0 ? [] : [`next: ${next.map(nextText).join(", ")}`]),
            // The longest comes last: what a terminal has no room for is at its end.
            ...(isOne || newest.rows.length === 0 ? [] : [newest]),
        ],
        data: {
            protected: told.status === 0,
            sentence,
            since: told.since,
            restorable: repositories.map(({ restorable }) => restorable),
            repositories: repositories.map(({ data }) => data),
            database: typeof database === "string" ? { problem: database } : database,
            next,
            ends,
            silence: service.notifications.silence ?? null,
            drills: {
                ...newestOnly(service.drills),
                each: service.drills.each?.map((one) => ({ name: one.name, ...newestOnly(one) })),
            },
            ...(running === undefined ? {} : { running }),
            ...(problems.length === 0 ? {} : { problem: problems.join("; ") }),
        },
    };
}

function newestOnly({ isOn, ended, running }: Drills) {
    return { isOn, running, newest: ended.at(-1) };
}

function runningText(running: NonNullable<Seen["running"]>, { repositories }: Service): string {
    const { repository } = running;
    const where = repositories.length === 1 || repository === "" ? "" : ` in repository ${repository}`;
    return `a backup runs${where}: ${amountText(running)}`;
}

/** Newest first. */
export function newestOf(backups: readonly Backup[]): readonly Backup[] {
    const kinds = ["full", "diff", "incr"].map((kind) => backups.findLast(({ type }) => type === kind));
    return kinds.filter((backup) => backup !== undefined).sort((a, b) => b.stop - a.stop);
}

function repositoryOf(repository: Repository, seen: Seen) {
    const { service, wal } = seen;
    const { name, number } = repository;
    const held = heldIn(seen, repository);
    const problem = unreadable([held], service.repositories);
    const backups = typeof held.report === "string" ? [] : held.report.backups;
    const ofIt = wal.get(number);
    const reach = reachOf(backups, service.state?.repositories[name], ofIt?.newest);
    const newest = newestOf(backups);
    const isOne = service.repositories.length === 1;
    const { from, to, except } = reach ?? { from: null, to: null, except: "" };
    const [can, holds] = [reachText(reach, service.now), heldText(backups, ofIt?.bytes, service.now)];
    return {
        problem,
        lines:
            problem.length > 0
                ? problem
                : isOne
                  ? [can, `repository ${name}: ${holds}`]
                  : [lineOf(repository, service.repositories, `${can}; ${holds}`)],
        rows: newest.map((backup) => [...(isOne ? [] : [name]), ...backupRow(backup, service.now)]),
        restorable: { repository: name, from, to, except },
        data: {
            ...{ name, number, newest: newest.map(backupData), backups: backups.length },
            ...{ backupBytes: heldBytes(backups), wal: ofIt ?? null },
            ...(typeof held.report === "string" ? { problem: held.report } : {}),
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
    const known = repositories.flatMap(({ name, timetable: own }) => {
        const memory = state?.repositories[name];
        return memory === undefined || own === undefined ? [] : [{ name, memory, own }];
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

export function nextText({ kind, at, repository }: NextRun): string {
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
