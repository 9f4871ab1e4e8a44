import type { Impossible } from "../../components/restore/facts";
import { type Plan, planText, readPlan } from "../../components/restore/plan";
import { readPast } from "../../components/restore/past";
import { readTarget, secondsBefore, timeText } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { oneLine } from "../../components/protection/text";
import { AtWork } from "./atWork";
import { type Answer, cannotTell, type Given, notDone, type Operation, optionOf } from "./operation";
import { bringUp, declared, declare } from "./restoreSetting";

const AT = [
    "--at <target>",
    "latest (the default), immediate, a time with its zone, how long ago (2h, 30min), a position in the WAL, or a restore point",
] as const;
const HOW: Operation["options"] = [
    AT,
    ["--name <restore>", "your word for this restore; without it one of this moment"],
    ["--exclusive", "without what was committed at that very time or position"],
    ["--repository <name>", "of this repository; else the first that can serve"],
    ["--repository-time <time>", "of the repository as it was then, where it keeps versions"],
    ["--timeline <number>", "along this timeline; else that of the database that runs"],
    ["--backup <label>", "of this backup; else the newest that can serve"],
    ["--accept-damage", "of a backup, too, that has found damaged pages"],
    ["--pause", "stop there, beside the running database, to look first"],
];
const WHAT = "what a restore would do";
const BEHIND = "it failed, or the answer was no; what runs goes on";
const NOTHING = "nothing was tried: no stack, or it cannot be";

export const restorePlan: Operation = {
    name: "restore plan",
    summary:
        "What a restore would do: which backup and why, what is left behind, how long it takes. Changes nothing.",
    options: HOW,
    examples: ["restore plan --at 2h", "restore plan --at 2026-11-27T06:00Z --json"],
    statuses: ["here it is", "it cannot be restored so; what is possible is said", "it cannot be told"],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const wish = wishOf(given.options, Date.now());
        if (typeof wish === "string") return notDone(wish);
        const plan = await askPlan(stack, wish);
        return typeof plan === "string" ? cannotTell(WHAT, plan) : planAnswer(plan);
    },
};

export const restore: Operation = {
    name: "restore",
    summary: "Restores the database: writes pgbackrest:restore into the stack's configuration and runs up.",
    options: HOW,
    examples: ["restore --at 2h --pause", "restore --at before-import --name import --yes"],
    statuses: ["the database is restored, or waits there", BEHIND, NOTHING],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const wish = wishOf(given.options, Date.now());
        if (typeof wish === "string") return notDone(wish);
        const plan = await askPlan(stack, wish);
        if (typeof plan === "string") return notDone(plan);
        if ("why" in plan) return notDone(plan.why, ...plan.instead);
        for (const line of planText(plan)) given.user.say(line);
        if (!(await given.user.confirms(`Restore ${wish.name} so?`))) return answered();
        const problem = await declare(given, settingOf(wish));
        return problem === undefined ? bringUp(given, { restore: wish.name }) : notDone(problem);
    },
};

export const restorePromote: Operation = {
    name: "restore promote",
    summary: "Moves the database to a restore that has paused.",
    examples: ["restore promote", "restore promote --stack prod --yes"],
    statuses: ["the database is there", BEHIND, "nothing was tried: no restore has paused"],
    run: (given) =>
        onPaused(given, {
            question: (name) =>
                `PostgreSQL moves to restore ${name}, and what was committed since its target stays behind. Promote it?`,
            change: () => ({ pause: "false" }),
        }),
};

export const restoreLater: Operation = {
    name: "restore later",
    summary: "Takes a restore that has paused to a later target, without beginning anew.",
    options: [AT],
    examples: ["restore later --at 2026-11-27T06:30Z", "restore later --at latest --yes"],
    statuses: ["it waits there", BEHIND, "nothing was tried: no restore has paused, or no target was said"],
    run: (given) => {
        const at = optionOf(given, "at");
        const target = at === undefined ? undefined : targetOf(at, Date.now());
        if (target === undefined) return Promise.resolve(notDone("say to what: --at"));
        return typeof target === "string"
            ? Promise.resolve(notDone(target))
            : onPaused(given, {
                  question: (name) => `Restore ${name} goes on to ${target.at}?`,
                  change: () => ({ at: target.at }),
              });
    },
};

export const restoreAbandon: Operation = {
    name: "restore abandon",
    summary:
        "Gives a restore up that has paused, or has not come to its end. Its volume stays until it is dropped.",
    examples: ["restore abandon", "restore abandon --yes"],
    statuses: ["it is given up", BEHIND, "nothing was tried: no restore is under way"],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const setting = await declared(given);
        if (typeof setting === "string") return notDone(setting);
        const { name } = setting;
        if (name === undefined) return notDone("no restore is declared");
        const { data } = stack.found.outputs.volumes;
        const first = `${stack.prefix}-postgres-data`;
        if (data === `${first}-${name}`)
            return notDone(
                `restore ${name} is done, and the database is in ${data}. To go back: npm run pulumi -- config rm --path pgbackrest:restore, then config set --path pgbackrest:restore.volume VOLUME, then up`,
            );
        if (!(await given.user.confirms(`Give restore ${name} up?`))) return answered();
        const problem = await declare(given, data === first ? {} : { volume: data });
        return problem === undefined ? bringUp(given, { abandoned: name }) : notDone(problem);
    },
};

/** The answer was no. */
function answered(): Answer {
    return { status: 1, lines: ["nothing was changed"], data: { restored: false } };
}

async function onPaused(
    given: Given,
    {
        question,
        change,
    }: { question: (name: string) => string; change: () => Readonly<Record<string, string>> },
): Promise<Answer> {
    const setting = await declared(given);
    if (typeof setting === "string") return notDone(setting);
    const { name } = setting;
    if (name === undefined || setting["pause"] !== "true") return notDone("no restore has paused");
    if (!(await given.user.confirms(question(name)))) return answered();
    const problem = await declare(given, { ...setting, ...change() });
    return problem === undefined ? bringUp(given, { restore: name }) : notDone(problem);
}

/** The same program says it that restores then. */
async function askPlan(stack: AtWork, wish: Wish): Promise<Plan | Impossible | string> {
    const command = ["exec", "--interactive", stack.backup, "restore-database.sh", "plan"];
    const asked = await stack.docker(command, { input: JSON.stringify(wish), timeoutSeconds: 300 });
    return readPlan(asked.stdout) ?? oneLine(asked.all, 500);
}

export function planAnswer(plan: Plan | Impossible): Answer {
    return "why" in plan
        ? {
              status: 1,
              lines: [
                  `it cannot be: ${plan.why}`,
                  ...(plan.instead.length === 0
                      ? []
                      : ["possible:", ...plan.instead.map((line) => `  ${line}`)]),
              ],
              data: { why: plan.why, instead: plan.instead },
          }
        : { status: 0, lines: planText(plan), data: { ...plan } };
}

/** A time before now is written as that time. */
function targetOf(text: string, now: number): { readonly at: string } | string {
    const before = secondsBefore(text);
    const at =
        before === undefined ? text : timeText({ seconds: Math.floor(now / 1000) - before, microseconds: 0 });
    const target = readTarget(at, Math.floor(now / 1000));
    return typeof target === "string" ? `--at ${text}: ${target}` : { at };
}

/** What the command line asks for; or what is wrong with it. */
export function wishOf(options: Readonly<Record<string, unknown>>, now: number): Wish | string {
    const text = (name: string) => optionOf({ options }, name);
    const target = targetOf(text("at") ?? "latest", now);
    if (typeof target === "string") return target;
    const name = text("name") ?? new Date(now).toISOString().slice(0, 16).replaceAll(/[:T]/g, "-");
    const timeline = text("timeline");
    if (timeline !== undefined && !/^[1-9]\d{0,9}$/.test(timeline))
        return `--timeline ${timeline}: is no number of a timeline`;
    const [repository, backup, repositoryTime] = [text("repository"), text("backup"), text("repositoryTime")];
    const past = repositoryTime === undefined ? undefined : readPast(repositoryTime, Math.floor(now / 1000));
    if (typeof past === "string") return `--repository-time ${repositoryTime ?? ""}: ${past}`;
    return {
        ...{ name, at: target.at, inclusive: options["exclusive"] !== true },
        ...{ pause: options["pause"] === true, acceptDamage: options["acceptDamage"] === true },
        ...(repository === undefined ? {} : { repository }),
        ...(past === undefined ? {} : { repositoryTime: past.time }),
        ...(timeline === undefined ? {} : { timeline: Number(timeline) }),
        ...(backup === undefined ? {} : { backup }),
    };
}

/** As the stack's configuration has it. */
function settingOf(wish: Wish): Record<string, string> {
    return Object.fromEntries(Object.entries(wish).map(([key, value]) => [key, String(value)]));
}
