import { setTimeout as sleep } from "node:timers/promises";
import { backlogOf } from "../../components/protection/backlog";
import { conflictText, isAmong } from "../../components/protection/conflict";
import { failureText, Said } from "../../components/protection/output";
import { bytes } from "../../components/protection/text";
import type { Result } from "../run";
import { AtWork, type Service } from "./atWork";
import { type Answer, notDone, type Given, type Operation, optionOf } from "./operation";
import { backupData } from "./reach";
import { type DatabaseWal, databaseWal } from "./wal";
import { watched } from "./watch";

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
    options: [["--name <name>", "is kept with it, as the annotation `name`"]],
    examples: ["backup", "backup full", "backup diff --name before-release-12 --stack prod"],
    statuses: [
        "it ended well",
        "it did not, or has found damaged pages",
        "it was not tried: no stack, no repository, or what it would need",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const [service, wal] = await Promise.all([stack.service(), databaseWal(stack)]);
        if (typeof service === "string") return notDone(service);
        const reason = reasonAgainst(service, wal);
        if (reason !== undefined) return notDone(reason);
        return take(stack, given);
    },
};

/** The backup service takes none then, for good reasons. */
export function reasonAgainst(
    { state, repositories }: Service,
    wal: DatabaseWal | string,
): string | undefined {
    if (repositories.length === 0) return "there is no repository";
    if (typeof wal === "string") return undefined;
    const { waiting, waitingBytes, last } = wal;
    for (const { conflict } of Object.values(state?.repositories ?? {}))
        if (conflict !== null && isAmong(conflict, last)) return conflictText(conflict, last);
    return backlogOf({ backlog: waiting, archived: { segmentSize: waitingBytes / Math.max(1, waiting) } });
}

async function take(stack: AtWork, given: Given): Promise<Answer> {
    const [kind = "incr"] = given.args;
    const name = optionOf(given, "name");
    const note = name === undefined ? [] : [`--annotation=name=${name}`];
    const levels = ["--log-level-console=info", "--log-level-stderr=off"];
    const { user } = given;
    const result = await withLock(
        stack,
        given,
        [`--type=${kind}`, ...levels, ...note, "backup"],
        `${kind} backup`,
    );
    for (const warning of result.all.split("\n").filter((line) => line.includes("WARN:")))
        user.say(warning.replace(/^.*WARN: */, "pgBackRest: "));
    if (!result.ok) return failed(kind, result);
    const info = await stack.info();
    const label = /new backup label = (\S+)/.exec(result.all)?.[1];
    const taken =
        typeof info === "string" ? undefined : info.report.backups.find((one) => one.label === label);
    if (taken === undefined)
        return {
            status: 1,
            lines: [`the ${kind} backup ended well, but the repository does not have it`],
            data: { label, problem: typeof info === "string" ? info : "it is not there" },
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
export async function withLock(
    stack: AtWork,
    { user }: Pick<Given, "user">,
    args: readonly string[],
    what: string,
): Promise<Result> {
    let waits = false;
    const run = async (): Promise<Result> => {
        for (;;) {
            const result = await stack.pgbackrest(args);
            if (result.exitCode !== LOCKED) return result;
            if (!waits) user.say(`Another pgbackrest is at work, which ${what} waits for.`);
            waits = true;
            await sleep(AGAIN);
        }
    };
    return watched(stack, user, () => (waits ? "the backup before it" : what), run());
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
