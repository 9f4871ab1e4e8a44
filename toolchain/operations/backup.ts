import { setTimeout as sleep } from "node:timers/promises";
import { backlogOf } from "../../components/protection/backlog";
import { conflictText, isAmong } from "../../components/protection/conflict";
import { failureText, Said } from "../../components/protection/output";
import { bytes } from "../../components/protection/text";
import type { Result } from "../run";
import { AtWork, type Service } from "./atWork";
import { type Answer, notDone, type Given, type Operation, optionOf } from "./operation";
import { backupData } from "./reach";
import { chosenOf, IN_ONE, type OfOne, type Repository, statusOfActs, together } from "./repositories";
import { type DatabaseWal, databaseWal } from "./wal";
import { watched, type Watched } from "./watch";

const KINDS = ["full", "diff", "incr"] as const;
/** pgBackRest's error of a lock that another one has. */
const LOCKED = 50;
/** Milliseconds until it is tried again then. */
const AGAIN = 2000;

export const backup: Operation = {
    name: "backup",
    summary: "Takes a backup now, beside those of the schedule.",
    args: [
        [
            "[kind]",
            "all of it, what is new since the last full one, or since the last one (default: incr)",
            KINDS,
        ],
    ],
    options: [["--name <name>", "is kept with it, as the annotation `name`"], IN_ONE],
    examples: [
        "backup",
        "backup full --repository offsite",
        "backup diff --name before-release-12 --stack prod",
    ],
    statuses: [
        "it ended well, in each repository",
        "it did not in one, or has found damaged pages",
        "it was not tried: no stack, no repository, or what it would need",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const [service, wal] = await Promise.all([stack.service(), databaseWal(stack)]);
        if (typeof service === "string") return notDone(service);
        const chosen = chosenOf(service.repositories, given);
        if (typeof chosen === "string") return notDone(chosen);
        const answers: OfOne[] = [];
        for (const repository of chosen)
            answers.push({ repository, answer: await backUp(stack, given, service, wal, repository) });
        return together(answers, service.repositories, statusOfActs);
    },
};

async function backUp(
    stack: AtWork,
    given: Given,
    service: Service,
    wal: DatabaseWal | string,
    repository: Repository,
): Promise<Answer> {
    const reason = reasonAgainst(service, wal, repository);
    if (reason !== undefined) return notDone(reason);
    const isOne = service.repositories.length === 1;
    // Where the others wait, pgBackRest is not left to try for minutes.
    const held = isOne ? undefined : await stack.held(repository);
    if (typeof held?.report === "string") {
        const problem = `there is no backup: it cannot be read: ${held.report}`;
        return { status: 1, lines: [problem], data: { problem } };
    }
    return take({ stack, given, repository, where: isOne ? "" : ` to ${repository.name}` });
}

/** The backup service takes none then, for good reasons. */
export function reasonAgainst(
    { state, repositories }: Service,
    wal: DatabaseWal | string,
    { name }: Repository,
): string | undefined {
    if (typeof wal === "string") return undefined;
    const { waiting, waitingBytes, last } = wal;
    const { conflict = null, isBehind = false } = state?.repositories[name] ?? {};
    if (conflict !== null && isAmong(conflict, last)) return conflictText(conflict, last);
    // Of several it may be another that PostgreSQL waits for.
    return repositories.length === 1 || isBehind
        ? backlogOf({ backlog: waiting, archived: { segmentSize: waitingBytes / Math.max(1, waiting) } })
        : undefined;
}

interface Place {
    readonly stack: AtWork;
    readonly given: Given;
    readonly repository: Repository;
    /** For people, where there are several. */
    readonly where: string;
}

async function take({ stack, given, repository, where }: Place): Promise<Answer> {
    const [kind = "incr"] = given.args;
    const name = optionOf(given, "name");
    const note = name === undefined ? [] : [`--annotation=name=${name}`];
    const levels = ["--log-level-console=info", "--log-level-stderr=off"];
    const { user } = given;
    const args = [`--type=${kind}`, ...levels, ...note, "backup"];
    const result = await withLock({ stack, user, repository }, args, `${kind} backup${where}`);
    for (const warning of result.all.split("\n").filter((line) => line.includes("WARN:")))
        user.say(warning.replace(/^.*WARN: */, "pgBackRest: "));
    if (!result.ok) return failed(kind, result);
    const { report } = await stack.held(repository);
    const label = /new backup label = (\S+)/.exec(result.all)?.[1];
    const taken = typeof report === "string" ? undefined : report.backups.find((one) => one.label === label);
    if (taken === undefined)
        return {
            status: 1,
            lines: [`the ${kind} backup ended well, but the repository does not have it`],
            data: { label, problem: typeof report === "string" ? report : "it is not there" },
        };
    const seconds = taken.stop - taken.start;
    return {
        status: taken.damaged ? 1 : 0,
        lines: [
            `${taken.type} backup ${taken.label}: ${bytes(taken.added)} added in ${seconds} s`,
            ...(taken.damaged ? ["it has found damaged pages: see docs/damaged-page.md"] : []),
        ],
        data: { backup: backupData(taken), name, seconds },
    };
}

/** Runs what needs pgBackRest's lock. Another backup is waited for: the service would not begin beside this one either. */
export async function withLock(place: Watched, args: readonly string[], what: string): Promise<Result> {
    const { stack, user, repository } = place;
    let waits = false;
    const run = async (): Promise<Result> => {
        for (;;) {
            const result = await stack.pgbackrest([`--repo=${repository.number}`, ...args]);
            if (result.exitCode !== LOCKED) return result;
            if (!waits) user.say(`Another pgbackrest is at work, which ${what} waits for.`);
            waits = true;
            await sleep(AGAIN);
        }
    };
    return watched(place, () => (waits ? "the backup before it" : what), run());
}

function failed(kind: string, { all }: Result): Answer {
    const said = new Said();
    for (const line of all.split("\n")) said.take(line);
    const text = failureText(`${kind} backup`, said.error === "" ? all.trim() : said.error, {
        signal: null,
        outOfMemory: false,
    });
    return { status: 1, lines: [text], data: { problem: text } };
}
