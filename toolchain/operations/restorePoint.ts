import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { oneLine } from "../../components/protection/text";
import type { Point } from "../../components/restore/facts";
import { annotationOf, pointProblem, readPoints } from "../../components/restore/points";
import { lsnText, readTarget } from "../../components/restore/target";
import { AtWork } from "./atWork";
import { withLock } from "./backup";
import { parsed } from "./findStack";
import { type Answer, notDone, type Given, type Operation } from "./operation";
import { second } from "./reach";
import { databaseWal } from "./wal";

/** Seconds that its WAL has to arrive in the repository. */
const PATIENCE = 60;

export const restorePoint: Operation = {
    name: "restore-point",
    summary: "Gives this moment a name, to which the database can be restored.",
    args: [["<name>", "letters, digits, points, hyphens and underscores"]],
    examples: ["restore-point before-release-12", "restore-point before-import --stack prod --json"],
    statuses: [
        "it is made and remembered, and its WAL is in the repository",
        "it is made, but not remembered, or its WAL has not arrived yet",
        "none was made: no stack, no backup, a name that is taken or cannot be one",
    ],
    run: async (given) => {
        const [name = ""] = given.args;
        const problem = pointProblem(name);
        if (problem !== undefined) return notDone(`${name} ${problem}`);
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const info = await stack.info();
        if (typeof info === "string") return notDone(info);
        const known = readPoints(info.json, stack.stanza).find((point) => point.name === name);
        if (known !== undefined)
            return notDone(
                `there is a restore point ${name} of ${second(known.time)} UTC: take another name`,
            );
        // What builds on a full backup goes with it, so it is the last with which the point can be reached.
        const full = info.report.backups.findLast(({ type, damaged }) => type === "full" && !damaged);
        if (full === undefined) return notDone("there is no full backup to begin a restore with");
        const made = await make(stack, name);
        return typeof made === "string" ? notDone(made) : remember(stack, given, made, full.label);
    },
};

interface Made {
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

async function remember(stack: AtWork, given: Given, made: Made, label: string): Promise<Answer> {
    const { point, segment } = made;
    const quiet = ["--log-level-console=off", "--log-level-stderr=error"];
    const note = [`--set=${label}`, `--annotation=${annotationOf(point)}`];
    const noted = await withLock(stack, given, [...quiet, ...note, "annotate"], "the note of it");
    const isArchived = await arrives(stack, segment);
    const problem = noted.ok ? "" : oneLine(noted.all, 500);
    return pointAnswer({ ...made, label, problem, isArchived });
}

async function arrives(stack: AtWork, segment: string): Promise<boolean> {
    for (let tries = 0; tries < PATIENCE; tries++) {
        const wal = await databaseWal(stack);
        if (typeof wal === "object" && wal.last >= segment) return true;
        await sleep(1000);
    }
    return false;
}

export interface Remembered extends Made {
    /** The backup that it is noted with. */
    readonly label: string;
    /** Why it is not; or nothing. */
    readonly problem: string;
    readonly isArchived: boolean;
}

export function pointAnswer({ point, segment, label, problem, isArchived }: Remembered): Answer {
    const { name, time, lsn, timeline } = point;
    return {
        status: problem === "" && isArchived ? 0 : 1,
        lines: [
            `restore point ${name}: ${second(time)} UTC, at ${lsnText(lsn)} of timeline ${timeline}`,
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
        ],
        data: {
            ...point,
            lsn: lsnText(lsn),
            segment,
            backup: label,
            remembered: problem === "",
            archived: isArchived,
        },
    };
}
