import { oneLine } from "../../components/protection/text";
import { interruptedStatus } from "../errors";
import type { Result } from "../run";
import { AtWork, type Drills } from "./atWork";
import { drillAnswer, drillList as listOf, drillOf, OFF } from "./drillText";
import {
    type Answer,
    cannotTell,
    type Given,
    notDone,
    type Operation,
    optionOf,
    type User,
} from "./operation";

const WHAT = "whether the backups restore";
const USUAL = 30;
/** The way to have them. */
const ON =
    'npm run pulumi -- config set --path pgbackrest:drill.schedule "30 3 * * 3", then up, has one a week';

export const drillRun: Operation = {
    name: "drill run",
    summary:
        "Restores the newest state beside the database now, proves it, and removes it. May take as long as a restore.",
    options: [["--repository <name>", "which to restore (default: the first that can serve)"]],
    examples: ["drill run", "drill run --repository offsite", "drill run --stack prod --json"],
    statuses: [
        "it has passed",
        "it has failed, or could not verify, and why",
        "it was not tried: no stack, no such repository, drills are off, or one runs",
    ],
    run: async (given) => {
        const found = await drillsOf(given);
        if (typeof found === "string") return notDone(found);
        const { stack, drills, names } = found;
        const repository = optionOf(given, "repository");
        if (repository !== undefined && !names.includes(repository))
            return notDone(`--repository: there is no ${repository}, but ${names.join(", ")}`);
        if (drills.running !== undefined)
            return notDone(`a drill runs: ${drills.running.text}`, "npm run ops -- drill show tells of it");
        const result = await untilItEnds(stack, repository, given.user);
        const after = await drillsIn(stack);
        return runAnswer(result, drills, typeof after === "string" ? after : after.drills);
    },
};

export const drillList: Operation = {
    name: "drill list",
    summary: "All drills that were, with measured recovery time and recovery point.",
    options: [["--last <count>", `how many (default: ${USUAL})`]],
    examples: ["drill list", "drill list --json | jq '.drills[-1].recoveryTime'"],
    statuses: [
        "the newest one has passed",
        "the newest one has failed, or could not verify",
        "it cannot be told: no stack, drills are off, or none has ended yet",
    ],
    run: async (given) => {
        const last = Number(optionOf(given, "last") ?? USUAL);
        if (!Number.isInteger(last) || last < 1)
            return cannotTell(WHAT, "--last is a number of drills from 1");
        const found = await drillsOf(given);
        return typeof found === "string" ? cannotTell(WHAT, found) : listOf(found.drills, last);
    },
};

export const drillShow: Operation = {
    name: "drill show",
    summary:
        "One drill wholly: what was restored, each step, the rows of all tables, and what was not tested.",
    args: [["[began]", "when it began, as `drill list` has it, or the day (default: the newest)"]],
    examples: ["drill show", "drill show 2026-11-25 --json"],
    statuses: [
        "it has passed",
        "it has failed, or could not verify, and why",
        "it cannot be told: no stack, drills are off, or there is none",
    ],
    run: async (given) => {
        const found = await drillsOf(given);
        if (typeof found === "string") return cannotTell(WHAT, found);
        return showAnswer(found.drills, given.args[0]);
    },
};

/** Or why there are none. */
async function drillsOf(given: Given): Promise<Found | string> {
    const stack = await AtWork.find(given);
    if (typeof stack === "string") return stack;
    const found = await drillsIn(stack);
    return typeof found === "string" ? found : { stack, ...found };
}

interface Found {
    readonly stack: AtWork;
    readonly drills: Drills;
    /** Of the repositories. */
    readonly names: readonly string[];
}

async function drillsIn(stack: AtWork): Promise<Omit<Found, "stack"> | string> {
    const service = await stack.service();
    if (typeof service === "string") return service;
    const { drills, repositories } = service;
    return drills.isOn ? { drills, names: repositories.map(({ name }) => name) } : `${OFF}: ${ON}`;
}

export function showAnswer({ ended, running, each }: Drills, began: string | undefined): Answer {
    const runs = running === undefined || began !== undefined ? [] : [`a drill runs: ${running.text}`];
    const found = drillOf(ended, began);
    if (found === undefined)
        return cannotTell(
            WHAT,
            began === undefined
                ? "no drill has ended yet"
                : `no drill began ${began}: npm run ops -- drill list has all`,
            ...runs,
        );
    const { status, lines, data } = drillAnswer(...found, each);
    return { status, lines: [...lines, ...runs], data: { ...data, running } };
}

/** ^C ends the drill, which the docker command alone would leave at work. */
async function untilItEnds(stack: AtWork, repository: string | undefined, user: User): Promise<Result> {
    const command = (...words: readonly string[]) => ["exec", stack.drill, "drill-database.sh", ...words];
    const which = repository === undefined ? [] : [`--repository=${repository}`];
    const leave = async (): Promise<void> => {
        user.say("The drill ends, and what it has made is removed.");
        const { ok, all } = await stack.docker(command("stop"), { timeoutSeconds: 60 });
        if (!ok)
            user.say(`It could not be told to: ${oneLine(all, 300)}. docker restart ${stack.drill} ends it.`);
        process.exit(interruptedStatus);
    };
    let leaving: Promise<void> | undefined;
    const interrupt = (): void => {
        leaving ??= leave();
    };
    // Not once: of a handler that is gone, execa thinks that nobody cares, and ends this process at once.
    process.on("SIGINT", interrupt);
    try {
        const result = await stack.docker(command("run", ...which), {
            onLine: (line) => {
                user.progress(line);
            },
        });
        // The same ^C has ended the docker command.
        await leaving;
        return result;
    } finally {
        process.off("SIGINT", interrupt);
    }
}

/** @param after or why the drills cannot be read now */
export function runAnswer({ all }: Pick<Result, "all">, before: Drills, after: Drills | string): Answer {
    if (typeof after === "string") return cannotTell(WHAT, after);
    const found = drillOf(after.ended);
    return found === undefined || found[0].began <= (before.ended.at(-1)?.began ?? 0)
        ? cannotTell(WHAT, oneLine(all, 500))
        : drillAnswer(...found, after.each);
}
