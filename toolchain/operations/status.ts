import { dueDrill } from "../../components/drill/due";
import { AT_ONCE, dueAt, dueTimes } from "../../components/protection/due";
import type { Backup, Report } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import type { Repository } from "../../components/protection/state";
import { AtWork, type Service } from "./atWork";
import { type DatabaseWal, databaseWal, type RepositoryWal, repositoryWal } from "./wal";
import { drillLines } from "./drillText";
import { type Answer, cannotTell, type Operation, type Table } from "./operation";
import { amountText, BACKUP_HEAD, backupData, backupRow, reachOf, reachText } from "./reach";

const WHAT = "whether the database is protected";
/** Seconds after which the service should have said something: as in healthcheck-pgbackrest.sh. */
const STALE = 60;

export const status: Operation = {
    name: "status",
    summary: "Is the database protected, to which moments can it be restored, what runs when?",
    examples: ["status", "status --stack prod", "status --json | jq .restorable"],
    statuses: [
        "the database is protected",
        "it is not, and why not",
        "it cannot be told: no stack, no container, or a service that says nothing",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const service = await stack.service();
        if (typeof service === "string")
            return cannotTell(
                WHAT,
                service,
                `  docker start ${stack.backup}  starts it where it was stopped`,
            );
        const [info, database] = await Promise.all([stack.info(), databaseWal(stack)]);
        const report = typeof info === "string" ? info : info.report;
        const wal = await repositoryWal(stack, service.repositories, report);
        return statusOf({ service, report, database, wal });
    },
};

export interface Seen {
    readonly service: Service;
    /** Or why it cannot be read. */
    readonly report: Report | string;
    /** What PostgreSQL says of its archiver; or why it does not. */
    readonly database: DatabaseWal | string;
    /** By the number of the repository, where it could be listed. */
    readonly wal: ReadonlyMap<number, RepositoryWal>;
}

export function statusOf(seen: Seen): Answer {
    const { service, report, database } = seen;
    const { state, now, published } = service;
    if (state === undefined) return cannotTell(WHAT, "the backup service has not begun yet");
    const { verdict, activity, written } = state;
    const age = now - written;
    if (age > STALE)
        return cannotTell(
            WHAT,
            `the backup service has said nothing for ${age} s; it said before: ${verdict.sentence}`,
        );
    const isInForce = state.revision === published;
    const sentence = isInForce ? verdict.sentence : `this configuration is not in force yet: ${activity}`;
    const isProtected = isInForce && verdict.protected;
    const repositories = service.repositories.map((repository) => repositoryOf(repository, seen));
    const next = nextRuns(service);
    return {
        status: isProtected ? 0 : 1,
        lines: [
            sentence,
            ...(typeof report === "object" && report.progress !== undefined
                ? [`a backup runs: ${amountText(report.progress)}`]
                : []),
            ...(typeof report === "string" ? [report] : repositories.flatMap(({ lines }) => lines)),
            walText(database, now),
            ...drillLines(service.drills, now),
            ...(next.length === 0
                ? []
                : [`next: ${next.map((run) => `${run.kind} ${dueAt(run.at, " UTC")}`).join(", ")}`]),
        ],
        data: {
            protected: isProtected,
            sentence,
            since: verdict.since,
            restorable: repositories.map(({ restorable }) => restorable),
            repositories: repositories.map(({ data }) => data),
            database: typeof database === "string" ? { problem: database } : database,
            next,
            drills: { ...service.drills, ended: undefined, newest: service.drills.ended.at(-1) },
            ...(typeof report === "string" ? { problem: report } : { running: report.progress }),
        },
    };
}

/** Newest first. */
function newestOf(backups: readonly Backup[]): readonly Backup[] {
    const kinds = ["full", "diff", "incr"].map((kind) => backups.findLast(({ type }) => type === kind));
    return kinds.filter((backup) => backup !== undefined).sort((a, b) => b.stop - a.stop);
}

function repositoryOf({ name, number }: Repository, { service, report, wal }: Seen) {
    const all = typeof report === "string" ? [] : report.backups;
    const backups = all.filter(({ repository }) => repository === number);
    const memory = service.state?.repositories[name];
    const ofIt = wal.get(number);
    const reach = reachOf(backups, memory, ofIt?.newest);
    const newest = newestOf(backups);
    const held = backups.reduce((sum, { added }) => sum + added, 0);
    const table: Table = { head: BACKUP_HEAD, rows: newest.map((backup) => backupRow(backup, service.now)) };
    const segments = ofIt === undefined ? "WAL not listed" : `${bytes(ofIt.bytes)} of WAL`;
    const count = `${backups.length} ${backups.length === 1 ? "backup" : "backups"}`;
    const { from, to, except } = reach ?? { from: null, to: null, except: "" };
    return {
        lines: [
            reachText(reach, service.now),
            table,
            `repository ${name}: ${bytes(held)} in ${count}, ${segments}`,
        ],
        restorable: { repository: name, from, to, except },
        data: {
            name,
            number,
            newest: newest.map(backupData),
            backups: backups.length,
            backupBytes: held,
            wal: ofIt ?? null,
        },
    };
}

function nextRuns({ timetable, state, repositories, drills, now }: Service): { kind: string; at: number }[] {
    const memory = state?.repositories[repositories[0]?.name ?? ""];
    if (timetable === undefined || memory === undefined) return [];
    const due = dueDrill(timetable, memory, drills, now);
    const drill =
        due === undefined || drills.running !== undefined
            ? []
            : [["drill", due > now ? due : AT_ONCE] as const];
    return [...dueTimes(timetable, memory), ...drill]
        .map(([kind, at]) => ({ kind, at }))
        .sort((a, b) => a.at - b.at);
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
