import { bytes } from "../../components/protection/text";
import { attempt } from "../run";
import { AtWork } from "./atWork";
import { dataVolumes, type DataVolume } from "./dataVolumes";
import { type Answer, cannotTell, type Given, notDone, type Operation, optionOf } from "./operation";

const WHAT = "which data volumes there are";

export const volumes: Operation = {
    name: "volumes",
    summary: "All data volumes that the stack has had: which is in use, and which restore made it.",
    examples: ["volumes", "volumes --stack prod --json"],
    statuses: ["here they are", "the one of the database is not there", "it cannot be told"],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const found = await dataVolumes(stack, given);
        return typeof found === "string" ? cannotTell(WHAT, found) : volumesOf(found);
    },
};

export function volumesOf(found: readonly DataVolume[]): Answer {
    const active = found.find(({ isActive }) => isActive);
    const isThere = active?.bytes !== undefined;
    return {
        status: isThere ? 0 : 1,
        lines: [
            isThere
                ? `the database is in ${active.name}`
                : `the data volume ${active?.name ?? "?"} is not there, or cannot be read`,
            {
                head: ["volume", "size", "use", "made by"],
                rows: found.map((volume) => [
                    volume.name,
                    volume.bytes === undefined ? "not there" : bytes(volume.bytes),
                    useOf(volume),
                    originOf(volume),
                ]),
            },
        ],
        data: { volumes: found },
    };
}

function useOf({ isActive, users, urn }: DataVolume): string {
    if (isActive) return "the database";
    if (users.length > 0) return `mounted by ${users.join(", ")}`;
    return urn === undefined ? "none, and not in the state" : "none";
}

function originOf({ restore }: DataVolume): string {
    return restore === undefined
        ? ""
        : `restore ${restore.wish.name} to ${restore.wish.at} (${restore.phase})`;
}

export const volumesDrop: Operation = {
    name: "volumes drop",
    summary: "Deletes a data volume that is not in use, with all that is in it.",
    args: [["<volume>", "its name, or the name of the restore that made it"]],
    options: [
        ["--confirm <volume>", "its whole name again: what a stack with `protect` needs in place of --yes"],
    ],
    examples: [
        "volumes drop salespider-postgres-data-before-import",
        "volumes drop before-import --yes",
        "volumes drop before-import --stack prod --confirm shop-postgres-data-before-import",
    ],
    statuses: [
        "it is gone",
        "the answer was no, or it failed",
        "nothing was tried: no such volume, it is in use, nobody to ask",
    ],
    run: async (given) => {
        const [word = ""] = given.args;
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const found = await dataVolumes(stack, given);
        if (typeof found === "string") return notDone(found);
        const volume = named(word, stack.prefix, found);
        const reason = reasonToKeep(word, volume, found);
        if (volume === undefined || reason !== undefined) return notDone(reason ?? "there is none");
        if (!(await isConfirmed(volume, given)))
            return { status: 1, lines: ["nothing was removed"], data: {} };
        return drop(stack, given, volume);
    },
};

export function named(word: string, prefix: string, found: readonly DataVolume[]): DataVolume | undefined {
    return (
        found.find(({ name }) => name === word) ??
        found.find(({ name }) => name === `${prefix}-postgres-data-${word}`)
    );
}

export function reasonToKeep(
    word: string,
    volume: DataVolume | undefined,
    found: readonly DataVolume[],
): string | undefined {
    if (volume === undefined)
        return `there is no data volume ${word}; there are: ${found.map(({ name }) => name).join(", ")}`;
    if (volume.isActive) return `${volume.name} is the volume of the database`;
    if (volume.users.length > 0)
        return `${volume.name} is in use: ${volume.users.join(", ")} ${volume.users.length === 1 ? "has" : "have"} it mounted`;
    return undefined;
}

async function isConfirmed(volume: DataVolume, given: Given): Promise<boolean> {
    const { name, isProtected, restore } = volume;
    const size = volume.bytes === undefined ? "is not there any more" : `has ${bytes(volume.bytes)}`;
    const origin = restore === undefined ? "" : `, made by ${originOf(volume)}`;
    const question = `The data volume ${name} ${size}${origin}. What is in it is gone then, unless the repository has it. Delete it?`;
    const { user } = given;
    if (!isProtected) return user.confirms(question);
    if (optionOf(given, "confirm") === name) return true;
    return user.types(`${question} The stack is protected.`, name, `--confirm ${name}`);
}

/** From the state first: what is left of an interrupted drop is a volume that only Docker knows, and can be dropped again. */
async function drop(stack: AtWork, given: Given, { name, urn, isProtected }: DataVolume): Promise<Answer> {
    const problem = await remove(stack, given, { name, urn, isProtected });
    if (problem !== undefined)
        return { status: 1, lines: [`${name} is not gone: ${problem}`], data: { problem } };
    return { status: 0, lines: [`${name} is gone`], data: { removed: name } };
}

async function remove(
    stack: AtWork,
    { directory, stack: stackName, environment }: Given,
    part: { readonly name: string; readonly urn: string | undefined; readonly isProtected: boolean },
): Promise<string | undefined> {
    if (part.urn !== undefined) {
        const force = part.isProtected ? ["--force"] : [];
        const args = [
            "state",
            "delete",
            part.urn,
            "--yes",
            ...force,
            "--stack",
            stackName,
            "--non-interactive",
        ];
        const forgotten = await attempt("pulumi", args, { cwd: directory, environment });
        if (!forgotten.ok) return forgotten.all.trim();
    }
    const there = await stack.docker(["volume", "inspect", part.name]);
    const removed = there.ok ? await stack.docker(["volume", "rm", part.name]) : there;
    return there.ok && !removed.ok ? removed.all.trim() : undefined;
}
