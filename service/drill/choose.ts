// What a drill restores of a repository.
import { setTimeout as sleep } from "node:timers/promises";
import { choose, type Choice } from "../../components/restore/choose";
import type { Facts, Impossible, RepositoryFacts } from "../../components/restore/facts";
import type { Wish } from "../../components/restore/wish";
import { gather } from "../restore/gather";
import type { Revision } from "../world";
import { Failed, Unverified } from "./outcome";

/** Seconds within which WAL has arrived where a database archives, and milliseconds that segments take which overtake each other. */
const RECENTLY = 120;
const ARRIVAL = 10_000;

const LATEST = { kind: "latest" } as const;
/** Nothing of it comes from another repository. */
const wishOf = (repository: string): Wish => ({
    ...{ name: "drill", at: "latest", inclusive: true, pause: false, acceptDamage: false, repository },
});

export interface ChosenBackup {
    readonly choice: Choice;
    readonly repository: RepositoryFacts;
}

/**
 * The newest backup of one repository that leads to its newest state. Others are not asked, so that one that is away is not in the way.
 * @param restored the backup that is restored already: taken again as long as the repository has it
 */
export async function chooseIn(
    revision: Revision,
    name: string,
    restored: string | undefined,
    stop: AbortSignal,
): Promise<ChosenBackup> {
    let facts = await factsOf(revision, name);
    let choice = choiceOf(facts, name, restored);
    if ("why" in choice && isArchiving(facts)) {
        // Segments arrive side by side: what is missing before the newest may be on its way.
        await sleep(ARRIVAL, undefined, { signal: stop });
        facts = await factsOf(revision, name);
        choice = choiceOf(facts, name, restored);
    }
    if ("why" in choice) throw new Failed(choice.why);
    const [repository] = facts.repositories;
    if (repository === undefined) throw new Unverified(`the repository ${name} says nothing`);
    return { choice, repository };
}

/** Those that no drill ever restores. */
export function neverDrilled({ repositories }: Revision, but: string): string[] {
    return repositories
        .filter(({ name, timetable }) => name !== but && !timetable.schedules.has("drill"))
        .map(({ name }) => name);
}

function choiceOf(facts: Facts, name: string, restored: string | undefined): Choice | Impossible {
    const wish = wishOf(name);
    const again = restored === undefined ? undefined : choose({ ...wish, backup: restored }, LATEST, facts);
    return again !== undefined && "backup" in again ? again : choose(wish, LATEST, facts);
}

/** Of the repository alone: what runs elsewhere, and whether there is room for a restore, is another question. */
async function factsOf(revision: Revision, name: string): Promise<Facts> {
    const repositories = revision.repositories.filter((repository) => repository.name === name);
    if (repositories.length === 0) throw new Unverified(`there is no repository ${name} any more`);
    try {
        const facts = await gather({ ...revision, repositories });
        return { ...facts, running: undefined, freeBytes: undefined };
    } catch (error) {
        throw new Unverified(error instanceof Error ? error.message : String(error));
    }
}

function isArchiving({ now, repositories }: Facts): boolean {
    return repositories.some(({ ends }) => [...ends.values()].some(({ time }) => now - time < RECENTLY));
}
