import * as v from "valibot";
import { bytes } from "../../components/protection/text";
import { counted } from "../../components/schedule/calendar";
import { AtWork } from "./atWork";
import { parsed } from "./findStack";
import { type Answer, cannotTell, type Operation, type Table } from "./operation";
import { backupRow, BACKUP_HEAD, heldBytes, second } from "./reach";
import {
    chosenOf,
    type Held,
    isReadable,
    pointsOf,
    type Readable,
    type Repository,
    unreadable,
} from "./repositories";
import { lsnText } from "../../components/restore/target";

const WHAT = "what the repository holds";

export const info: Operation = {
    name: "info",
    summary: "All backups, the WAL and the restore points in the repositories.",
    options: [["--repository <name>", "of this repository only"]],
    examples: ["info", "info --repository offsite", "info --json | jq '.stanzas[0].backup[].label'"],
    statuses: [
        "the repositories were read",
        "one of them holds no backup yet",
        "one of them cannot be read, and why; what is in the others is said",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const service = await stack.service();
        if (typeof service === "string") return cannotTell(WHAT, service);
        const { repositories, now } = service;
        if (repositories.length === 0) return noRepository();
        const chosen = chosenOf(repositories, given);
        if (typeof chosen === "string") return cannotTell(WHAT, chosen);
        const held = await Promise.all(chosen.map((repository) => stack.held(repository)));
        return infoOf(held, repositories, stack.stanza, now);
    },
};

function noRepository(): Answer {
    return { status: 1, lines: ["there is no repository: nothing is backed up"], data: { stanzas: [] } };
}

/**
 * @param held what was asked for
 * @param all repositories of the stack
 */
export function infoOf(
    held: readonly Held[],
    all: readonly Repository[],
    stanza: string,
    now: number,
): Answer {
    const readable = held.filter(isReadable);
    const problems = unreadable(held, all);
    const [problem] = problems;
    if (all.length === 1 && problem !== undefined) return cannotTell(WHAT, problem);
    const points = pointsOf(readable, stanza);
    const pointTable: Table = {
        head: ["restore point", "at", "position", "timeline"],
        rows: points.map(({ name, time, lsn, timeline }) => [
            name,
            `${second(time)} UTC`,
            lsnText(lsn),
            String(timeline),
        ]),
    };
    return {
        status: problems.length > 0 ? 2 : readable.every(({ report }) => report.backups.length > 0) ? 0 : 1,
        lines: [
            ...(all.length === 1 ? [] : [`stanza ${stanza}`]),
            ...held.flatMap((one) =>
                isReadable(one) ? linesOf(one, all, stanza, now) : unreadable([one], all),
            ),
            ...(points.length === 0 ? [] : [pointTable]),
        ],
        data: {
            stanzas: stanzasOf(readable.map(({ json }) => json)),
            restorePoints: points,
            ...(problems.length === 0 ? {} : { problem: problems.join("; ") }),
        },
    };
}

function linesOf(
    { repository: { name }, report: { backups, archive } }: Readable,
    all: readonly Repository[],
    stanza: string,
    now: number,
): Answer["lines"] {
    const of = all.length === 1 ? `stanza ${stanza}` : `repository ${name}`;
    return [
        `${of}: ${counted(backups.length, "backup")}, ${bytes(heldBytes(backups))}`,
        {
            head: [...BACKUP_HEAD, "builds on"],
            rows: backups
                .toReversed()
                .map((backup) => [...backupRow(backup, now), backup.needs.at(-1) ?? ""]),
        },
        ...(archive === undefined ? [] : [`WAL up to ${archive.newest} (${archive.id})`]),
    ];
}

const Stanzas = v.array(v.looseObject({ name: v.string() }));

const List = v.array(v.unknown());

/** What pgBackRest has printed of each repository, as it would of all: whatever is a list has the entries of all. */
function stanzasOf(printed: readonly string[]): unknown[] {
    const all = new Map<string, Record<string, unknown>>();
    for (const json of printed) {
        const stanzas = v.safeParse(Stanzas, parsed(json));
        for (const stanza of stanzas.success ? stanzas.output : []) {
            const known = all.get(stanza.name) ?? {};
            const lists = Object.entries(stanza).flatMap(([key, value]) => {
                const [before, more] = [v.safeParse(List, known[key]), v.safeParse(List, value)];
                return before.success && more.success
                    ? [[key, [...before.output, ...more.output]] as const]
                    : [];
            });
            all.set(stanza.name, { ...stanza, ...known, ...Object.fromEntries(lists) });
        }
    }
    return [...all.values()];
}
