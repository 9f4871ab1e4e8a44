import { failureText, Said } from "../../components/protection/output";
import type { Report } from "../../components/protection/info";
import { expireFirst, findPageErrors } from "../../components/protection/pages";
import { counted } from "../../components/schedule/calendar";
import type { Result } from "../run";
import { AtWork } from "./atWork";
import { withLock } from "./backup";
import { type Answer, notDone, type Given, type Operation, optionOf } from "./operation";
import {
    chosenOf,
    type Held,
    IN_ONE,
    isReadable,
    type OfOne,
    type Repository,
    statusOfActs,
    together,
    unreadable,
} from "./repositories";

export const expire: Operation = {
    name: "expire",
    summary: "Removes backups and WAL that retention does not keep; says first what would go, and asks.",
    options: [["--set <label>", "this backup, and all that build on it, whatever retention says"], IN_ONE],
    examples: [
        "expire",
        "expire --yes",
        "expire --repository offsite",
        "expire --set 20261127-060000F --yes --json",
    ],
    statuses: [
        "it is gone, or there was nothing to remove",
        "the answer was no, or it failed in a repository",
        "nothing was tried: no stack, no repository, a newest backup with damaged pages, nobody to ask",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const service = await stack.service();
        if (typeof service === "string") return notDone(service);
        const all = service.repositories;
        const chosen = chosenOf(all, given);
        if (typeof chosen === "string") return notDone(chosen);
        const held = await Promise.all(chosen.map((repository) => stack.held(repository)));
        const label = optionOf(given, "set");
        // One alone says it itself.
        const asked =
            label === undefined || all.length === 1
                ? held
                : held.filter(isReadable).filter((one) => has(one.report, label));
        if (!asked.some(isReadable))
            return notDone(
                ...(all.length === 1 || label === undefined
                    ? []
                    : [`the backup ${label} is in no repository that can be read`]),
                ...unreadable(held, all),
            );
        const plans: Plan[] = [];
        for (const one of asked) plans.push(await planOf({ stack, given, label }, one));
        return carryOut({ stack, given, label }, plans, all);
    },
};

function has({ backups }: Report, wanted: string): boolean {
    return backups.some(({ label }) => label === wanted);
}

interface Asked {
    readonly stack: AtWork;
    readonly given: Given;
    /** Of the one backup that is to go; nothing where retention says what. */
    readonly label: string | undefined;
}

/** What is to be done in a repository; or why it is not. */
interface Plan {
    readonly repository: Repository;
    readonly runs: readonly (readonly string[])[];
    readonly gone: Removed;
    readonly refused?: Answer;
}

const LOUD = ["--log-level-console=info", "--log-level-stderr=off"];
const NOTHING: Removed = { backups: [], wal: [] };

async function planOf({ stack, given, label }: Asked, held: Held): Promise<Plan> {
    const { repository, report } = held;
    const refused = (why: string): Plan => ({ repository, runs: [], gone: NOTHING, refused: notDone(why) });
    if (typeof report === "string") return refused(`it cannot be read: ${report}`);
    const { backups } = report;
    const errors = label === undefined ? findPageErrors(backups) : undefined;
    if (errors !== undefined)
        return refused(
            `nothing expires while the backup ${errors.label} has damaged pages: see docs/damaged-page.md`,
        );
    // As the service does it: a full backup with damaged pages counts for retention like any other.
    const sets = (label === undefined ? expireFirst(backups) : [label]).map((set) => [
        `--set=${set}`,
        "expire",
    ]);
    const runs = label === undefined ? [...sets, ["expire"]] : sets;
    const told: Result[] = [];
    for (const args of runs)
        told.push(
            await withLock(
                { stack, user: given.user, repository },
                [...LOUD, "--dry-run", ...args],
                "expire",
            ),
        );
    const problem = told.find(({ ok }) => !ok);
    if (problem !== undefined) return refused(reasonOf(problem));
    return { repository, runs, gone: removed(told.map(({ all: said }) => said).join("\n")) };
}

async function carryOut(
    { stack, given: { user } }: Asked,
    plans: readonly Plan[],
    all: readonly Repository[],
): Promise<Answer> {
    const isAny = ({ gone }: Plan): boolean => gone.backups.length + gone.wal.length > 0;
    const wouldGo = plans.filter(isAny);
    for (const { repository, gone } of wouldGo)
        for (const line of removedText(gone, all.length === 1 ? "" : ` from repository ${repository.name}`))
            user.say(line);
    if (wouldGo.length > 0 && !(await user.confirms("This cannot be undone. Remove it?"))) {
        const [first] = wouldGo;
        const gone =
            all.length === 1
                ? first?.gone
                : wouldGo.map((plan) => ({ repository: plan.repository.name, ...plan.gone }));
        return { status: 1, lines: ["nothing was removed"], data: { wouldGo: gone } };
    }
    const answers: OfOne[] = [];
    for (const plan of plans) {
        const { repository, gone, refused } = plan;
        const nothing: Answer = {
            status: 0,
            lines: ["nothing to remove: retention keeps all that there is"],
            data: { ...gone },
        };
        const answer = refused ?? (isAny(plan) ? await remove(stack, user, plan) : nothing);
        answers.push({ repository, answer });
    }
    return together(answers, all, statusOfActs);
}

async function remove(stack: AtWork, user: Given["user"], { repository, runs, gone }: Plan): Promise<Answer> {
    for (const args of runs) {
        const done = await withLock({ stack, user, repository }, [...LOUD, ...args], "expire");
        if (!done.ok) return { status: 1, lines: [reasonOf(done)], data: { problem: reasonOf(done) } };
    }
    const count = counted(gone.backups.length, "backup");
    return { status: 0, lines: [`removed: ${count} and the WAL that only they needed`], data: { ...gone } };
}

function reasonOf({ all }: Result): string {
    const said = new Said();
    for (const line of all.split("\n")) said.take(line);
    const error = said.error === "" ? all.trim() : said.error;
    return failureText("expire", error, { signal: null, outOfMemory: false });
}

export interface Removed {
    /** Labels, oldest first. */
    readonly backups: readonly string[];
    /** Names of the first and the last segment of each stretch. */
    readonly wal: readonly { readonly first: string; readonly last: string }[];
}

/** What `expire` says that it removes, or would remove in a dry run. */
export function removed(said: string): Removed {
    const labels = [...said.matchAll(/repo\d+: remove expired backup (\S+)/g)].map(([, label = ""]) => label);
    const wal = [...said.matchAll(/repo\d+: \S+ remove archive, start = (\S+), stop = (\S+)/g)];
    return {
        backups: [...new Set(labels)].sort(),
        wal: wal.map(([, first = "", last = ""]) => ({ first, last })),
    };
}

/** @param from which of several repositories, as part of the sentence */
export function removedText({ backups, wal }: Removed, from = ""): readonly string[] {
    return [
        `These would go${from}:`,
        ...backups.map((label) => `  backup ${label}`),
        ...wal.map(({ first, last }) => `  WAL from ${first} to ${last}`),
    ];
}
