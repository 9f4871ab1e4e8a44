import { failureText, Said } from "../../components/protection/output";
import { expireFirst, findPageErrors } from "../../components/protection/pages";
import type { Result } from "../run";
import { AtWork } from "./atWork";
import { withLock } from "./backup";
import { type Answer, notDone, type Given, type Operation, optionOf } from "./operation";

export const expire: Operation = {
    name: "expire",
    summary: "Removes backups and WAL that retention does not keep; says first what would go, and asks.",
    options: [["--set <label>", "this backup, and all that build on it, whatever retention says"]],
    examples: ["expire", "expire --yes", "expire --set 20261127-060000F --yes --json"],
    statuses: [
        "it is gone, or there was nothing to remove",
        "the answer was no, or it failed",
        "nothing was tried: no stack, no repository, a newest backup with damaged pages, nobody to ask",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const info = await stack.info();
        if (typeof info === "string") return notDone(info);
        const { backups } = info.report;
        const label = optionOf(given, "set");
        const errors = label === undefined ? findPageErrors(backups) : undefined;
        if (errors !== undefined)
            return notDone(
                `nothing expires while the backup ${errors.label} has damaged pages: see docs/damaged-page.md`,
            );
        // As the service does it: a full backup with damaged pages counts for retention like any other.
        const sets = label === undefined ? expireFirst(backups) : [label];
        const runs = sets.map((set) => [`--set=${set}`, "expire"]);
        return expireAll(stack, given, label === undefined ? [...runs, ["expire"]] : runs);
    },
};

const LOUD = ["--log-level-console=info", "--log-level-stderr=off"];

async function expireAll(stack: AtWork, given: Given, runs: readonly (readonly string[])[]): Promise<Answer> {
    const told: Result[] = [];
    for (const args of runs)
        told.push(await withLock(stack, given, [...LOUD, "--dry-run", ...args], "expire"));
    const problem = told.find(({ ok }) => !ok);
    if (problem !== undefined) return notDone(reasonOf(problem));
    const gone = removed(told.map(({ all }) => all).join("\n"));
    if (gone.backups.length + gone.wal.length === 0)
        return {
            status: 0,
            lines: ["nothing to remove: retention keeps all that there is"],
            data: { ...gone },
        };
    const { user } = given;
    for (const line of removedText(gone)) user.say(line);
    if (!(await user.confirms("This cannot be undone. Remove it?")))
        return { status: 1, lines: ["nothing was removed"], data: { wouldGo: gone } };
    for (const args of runs) {
        const done = await withLock(stack, given, [...LOUD, ...args], "expire");
        if (!done.ok) return { status: 1, lines: [reasonOf(done)], data: { problem: reasonOf(done) } };
    }
    const count = `${gone.backups.length} ${gone.backups.length === 1 ? "backup" : "backups"}`;
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

export function removedText({ backups, wal }: Removed): readonly string[] {
    return [
        "These would go:",
        ...backups.map((label) => `  backup ${label}`),
        ...wal.map(({ first, last }) => `  WAL from ${first} to ${last}`),
    ];
}
