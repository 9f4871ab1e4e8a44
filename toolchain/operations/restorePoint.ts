import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Report } from "../../components/protection/info";
import { oneLine } from "../../components/protection/text";
import type { Point } from "../../components/restore/facts";
import { annotationOf, pointProblem } from "../../components/restore/points";
import { lsnText, readTarget } from "../../components/restore/target";
import { AtWork } from "./atWork";
import { withLock } from "./backup";
import { parsed } from "./findStack";
import { type Answer, notDone, type Given, type Operation } from "./operation";
import { second } from "./reach";
import { type Held, isReadable, lineOf, pointsOf, type Repository, unreadable } from "./repositories";
import { databaseWal } from "./wal";

/** Seconds that its WAL has to arrive in the repository. */
const PATIENCE = 60;

export const restorePoint: Operation = {
    name: "restore-point",
    summary: "Gives this moment a name, to which the database can be restored.",
    args: [["<name>", "letters, digits, points, hyphens and underscores"]],
    examples: ["restore-point before-release-12", "restore-point before-import --stack prod --json"],
    statuses: [
        "it is made and remembered, and its WAL is there, in each repository",
        "it is made, but in a repository it is not remembered, or its WAL has not arrived yet",
        "none was made: no stack, no backup, a name that is taken or cannot be one",
    ],
    run: async (given) => {
        const [name = ""] = given.args;
        const problem = pointProblem(name);
        if (problem !== undefined) return notDone(`${name} ${problem}`);
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const service = await stack.service();
        if (typeof service === "string") return notDone(service);
        const { repositories } = service;
        if (repositories.length === 0) return notDone("there is no repository");
        const held = await Promise.all(repositories.map((repository) => stack.held(repository)));
        const readable = held.filter(isReadable);
        if (readable.length === 0) return notDone(...unreadable(held, repositories));
        const known = pointsOf(readable, stack.stanza).find((point) => point.name === name);
        if (known !== undefined)
            return notDone(
                `there is a restore point ${name} of ${second(known.time)} UTC: take another name`,
            );
        if (readable.every(({ report }) => fullOf(report) === undefined))
            return notDone("there is no full backup to begin a restore with");
        const made = await make(stack, name);
        if (typeof made === "string") return notDone(made);
        const noted: Noted[] = [];
        for (const one of held) noted.push(...(await note(stack, given, made, one)));
        await arrive(stack, made.segment, noted, repositories);
        return pointAnswer(made, noted, repositories);
    },
};

/** What builds on a full backup goes with it, so it is the last with which the point can be reached. */
function fullOf({ backups }: Report): string | undefined {
    return backups.findLast(({ type, damaged }) => type === "full" && !damaged)?.label;
}

export interface Made {
    readonly point: Point;
    /** The segment that has it. */
    readonly segment: string;
}

/** The second statement ends the segment, so that it is archived at once. */
const MAKE = `select json_build_object('lsn', lsn, 'segment', pg_walfile_name(lsn), 'time', extract(epoch from clock_timestamp()))
from pg_create_restore_point(:'name') lsn;
select from pg_switch_wal();`;

const Answered = v.object({ lsn: v.string(), segment: v.string(), time: v.number() });

async function make(stack: AtWork, name: string): Promise<Made | string> {
    const asked = await stack.psql(MAKE, { name });
    const answer = v.safeParse(Answered, parsed(asked.stdout));
    if (!asked.ok || !answer.success) return oneLine(asked.all, 500);
    const { lsn, segment, time } = answer.output;
    const target = readTarget(lsn, 0);
    if (typeof target === "string" || target.kind !== "lsn") return `PostgreSQL says that it is at ${lsn}`;
    const timeline = Number.parseInt(segment.slice(0, 8), 16);
    return { point: { name, time, lsn: target.lsn, timeline }, segment };
}

/** What has become of the point in a repository. */
export interface Noted {
    readonly repository: Repository;
    /** The backup that it is noted with. */
    readonly label: string;
    /** Why it is not; or nothing. */
    readonly problem: string;
    /** Is its WAL there? */
    isArchived: boolean;
}

/** Nothing of a repository without a full backup: from there it will never be reached. */
async function note(stack: AtWork, given: Given, { point }: Made, held: Held): Promise<Noted[]> {
    const { repository, report } = held;
    if (typeof report === "string")
        return [{ repository, label: "", problem: `it cannot be read: ${report}`, isArchived: false }];
    const label = fullOf(report);
    if (label === undefined) return [];
    const quiet = ["--log-level-console=off", "--log-level-stderr=error"];
    const args = [...quiet, `--set=${label}`, `--annotation=${annotationOf(point)}`, "annotate"];
    const noted = await withLock({ stack, user: given.user, repository }, args, "the note of it");
    return [{ repository, label, problem: noted.ok ? "" : oneLine(noted.all, 500), isArchived: false }];
}

/** Waits until its WAL is in all of them. PostgreSQL knows when it is in all; where one lacks it, the others are asked themselves. */
async function arrive(
    stack: AtWork,
    segment: string,
    noted: Noted[],
    all: readonly Repository[],
): Promise<void> {
    const waiting = () => noted.filter(({ isArchived, label }) => !isArchived && label !== "");
    const late = Date.now() + PATIENCE * 1000;
    while (waiting().length > 0 && Date.now() < late) {
        const wal = await databaseWal(stack);
        if (typeof wal === "object" && wal.last >= segment) {
            for (const one of noted) one.isArchived = true;
            return;
        }
        const asked = all.length === 1 ? [] : waiting();
        const held = await Promise.all(asked.map(({ repository }) => stack.held(repository)));
        for (const [index, { report }] of held.entries()) {
            const one = asked[index];
            if (one !== undefined && typeof report === "object")
                one.isArchived = (report.archive?.newest ?? "") >= segment;
        }
        if (waiting().length > 0) await sleep(1000);
    }
}

export function pointAnswer(
    { point, segment }: Made,
    noted: readonly Noted[],
    all: readonly Repository[],
): Answer {
    const { name, time, lsn, timeline } = point;
    const isWell = noted.every(({ problem, isArchived }) => problem === "" && isArchived);
    const lines = noted.flatMap(({ repository, problem, isArchived }) =>
        [
            ...(problem === ""
                ? []
                : [
                      `NOT remembered: ${problem}. A restore finds it by its name, but cannot tell before what it leads to`,
                  ]),
            ...(isArchived
                ? []
                : [
                      `WAL segment ${segment}, which has it, is not archived yet: npm run ops -- status tells of WAL`,
                  ]),
        ].map((line) => lineOf(repository, all, line)),
    );
    const [first] = noted;
    return {
        status: isWell ? 0 : 1,
        lines: [
            `restore point ${name}: ${second(time)} UTC, at ${lsnText(lsn)} of timeline ${timeline}`,
            ...lines,
        ],
        data: {
            ...{ ...point, lsn: lsnText(lsn), segment },
            ...(all.length === 1
                ? { backup: first?.label }
                : {
                      repositories: noted.map(({ repository, label, problem, isArchived }) => ({
                          ...{ name: repository.name, backup: label },
                          ...{ remembered: problem === "", archived: isArchived },
                      })),
                  }),
            remembered: noted.every(({ problem }) => problem === ""),
            archived: noted.every(({ isArchived }) => isArchived),
        },
    };
}
