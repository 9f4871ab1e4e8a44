import { type Drills, drillsOf } from "../components/drill/due";
import { latest, type Proof, proofOf } from "../components/drill/verdict";
import { isLocked } from "../components/protection/output";
import type { RepositoryMemory, State } from "../components/protection/state";
import { NEVER } from "../components/protection/due";
import { type Archiving, type Evidence, isTroubled, judge } from "../components/protection/verdict";
import { PLACES } from "../components/docker/places";
import { type Sample, withSample } from "../components/protection/dataVolume";
import type { OfOne, Revision, World } from "./world";

/** Seconds between two questions to PostgreSQL, each of which is a process; more often while something is wrong that may be over. */
const ASK_EVERY = { healthy: 30, unhealthy: 2 } as const;
/** The state is written again after so many seconds without a change: who reads it refuses one of more than a minute. */
const WRITE_EVERY = 20;

type Doing = NonNullable<State["doing"]>[string];

/** What the service knows and does, for itself and for those who ask whether all is well. */
export class Journal {
    #state: State;
    #archiving: Archiving = {};
    #samples: readonly Sample[] = [];
    #asked = -Infinity;
    #evidence: Evidence | undefined;

    /** @param grace how late a backup may be, in seconds */
    constructor(
        private readonly world: World,
        state: State,
        private readonly grace: number,
    ) {
        this.#state = state;
    }

    get state(): State {
        return this.#state;
    }

    /**
     * What the service does now; said once.
     * @param repository for which of several; nothing for all
     */
    activity(text: string, repository = ""): void {
        if (this.doing(repository).activity === text) return;
        this.world.say(`${repository === "" ? "" : `${repository}: `}${text}`);
        this.does(repository, { ...this.doing(repository), activity: text });
    }

    /** The last error; nothing when it is over. */
    error(text: string, repository = ""): void {
        if (this.doing(repository).error !== text)
            this.does(repository, { ...this.doing(repository), error: text });
    }

    private doing(repository: string): Doing {
        const { activity, error, doing } = this.#state;
        if (repository !== "") return doing?.[repository] ?? { activity: "", error: "" };
        return doing === undefined ? { activity, error } : { activity: "", error: "" };
    }

    /** What is said of all is in place of what was said of each. */
    private does(repository: string, doing: Doing): void {
        if (repository === "") {
            this.change({ ...doing, doing: undefined });
            return;
        }
        const all = Object.entries({ ...this.#state.doing, [repository]: doing });
        const joined = (of: (one: Doing) => string): string =>
            all
                .filter(([, one]) => of(one) !== "")
                .map(([name, one]) => `${name}: ${of(one)}`)
                .join("; ");
        this.change({
            activity: joined(({ activity }) => activity),
            error: joined(({ error }) => error),
            doing: Object.fromEntries(all),
        });
    }

    /** Nothing is remembered any more of any other. */
    only(repositories: readonly string[]): void {
        const kept = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
            Object.fromEntries(Object.entries(all).filter(([name]) => repositories.includes(name)));
        const { repositories: memories, doing } = this.#state;
        if (Object.keys(memories).length !== Object.keys(kept(memories)).length)
            this.change({ repositories: kept(memories) });
        if (doing === undefined) return;
        if (repositories.length < 2) this.change({ activity: "", error: "", doing: undefined });
        else if (Object.keys(doing).length !== Object.keys(kept(doing)).length)
            this.change({ doing: kept(doing) });
    }

    /** Those of one of the repositories. */
    drills(name: string, repositories: Revision["repositories"]): Drills {
        const names = repositories.map((repository) => repository.name);
        const memory = this.#state.repositories[name] ?? { formerNames: [] };
        return drillsOf(this.world.drills(), name, names, memory);
    }

    /** What PostgreSQL said of its archiving when it was asked last. */
    get archiving(): Archiving {
        return this.#archiving;
    }

    /** What the verdict was made from; nothing before the first. */
    get evidence(): Evidence | undefined {
        return this.#evidence;
    }

    knows(repository: string): boolean {
        return this.#state.repositories[repository] !== undefined;
    }

    memory(repository: string): RepositoryMemory {
        const memory = this.#state.repositories[repository];
        if (memory === undefined) throw new Error(`nothing is remembered of the repository ${repository}`);
        return memory;
    }

    remember(repository: string, changes: Partial<RepositoryMemory>): void {
        const memory = { ...this.memory(repository), ...changes };
        if (JSON.stringify(memory) !== JSON.stringify(this.memory(repository)))
            this.change({ repositories: { ...this.#state.repositories, [repository]: memory } });
    }

    /** What was confirmed of that repository counts no longer; without one of all. */
    nothingIsConfirmed(repository?: string): void {
        for (const name of repository === undefined ? Object.keys(this.#state.repositories) : [repository])
            if (this.knows(name)) this.remember(name, { archiving: "", protected: "", away: "" });
    }

    /** What was stopped, or waits for another pgbackrest, says nothing of the repository. */
    cannotBeUsed({ name, repository }: OfOne, reason: string): void {
        this.nothingIsConfirmed(repository.name);
        if (reason !== "" && !isLocked(reason) && this.knows(repository.name))
            this.remember(repository.name, { away: name });
    }

    /** What verify has found may be mended: who restarts the service wants to know. */
    verifyDamageAgain(): void {
        for (const [name, { damage }] of Object.entries(this.#state.repositories))
            if (damage !== "") this.remember(name, { verified: NEVER });
    }

    change(changes: Partial<Omit<State, "version" | "written" | "verdict">>): void {
        this.#state = { ...this.#state, ...changes };
        this.write(true);
    }

    /** PostgreSQL is asked now and then, and the state written, so that it is known to be new. To be called every second or so. */
    async tick(): Promise<void> {
        const { world } = this;
        const published = world.published();
        const revision = typeof published === "object" ? published.name : "";
        const memories = Object.values(this.#state.repositories);
        // WAL that waits for a repository that is away is to be seen, whoever notices first that it is.
        const isKnown = memories.some(({ archiving, away }) => [archiving, away].includes(revision));
        const { healthy } = this.#state.verdict;
        const every = ASK_EVERY[healthy ? "healthy" : "unhealthy"];
        if (isKnown && world.now() - this.#asked >= every) {
            this.#archiving = await world.archiving();
            this.#asked = world.now();
            this.#samples = this.sampled();
            if (!healthy || isTroubled(this.#archiving)) this.write(false);
        }
        if (revision !== this.#state.revision || world.now() - this.#state.written >= WRITE_EVERY)
            this.write(false);
    }

    /** Of a volume that is away PostgreSQL tells: it does not answer. */
    private sampled(): readonly Sample[] {
        try {
            const free = this.world.freeBytes(PLACES.data);
            return withSample(this.#samples, { at: this.world.now(), free });
        } catch {
            return [];
        }
    }

    private write(durable: boolean): void {
        const now = this.world.now();
        const published = this.world.published();
        if (typeof published === "object") this.#state = { ...this.#state, ends: [...published.ends] };
        this.#evidence = {
            published:
                typeof published === "object"
                    ? {
                          revision: published.name,
                          repositories: published.repositories,
                      }
                    : published,
            state: this.#state,
            archiving: this.#archiving,
            samples: this.#samples,
            drills: typeof published === "object" ? this.proofs(published, now) : undefined,
            grace: this.grace,
            now,
        };
        const verdict = judge(this.#evidence, this.#state.verdict);
        const revision = typeof published === "object" ? published.name : "";
        this.#state = { ...this.#state, written: now, revision, verdict };
        this.world.save(this.#state, durable);
    }

    private proofs({ repositories }: Revision, now: number): Record<string, Proof> {
        const late = latest(repositories.map(({ timetable }) => timetable));
        const found = repositories.flatMap(({ name, timetable }) => {
            const memory = this.#state.repositories[name];
            const proof =
                memory === undefined
                    ? undefined
                    : proofOf(timetable, memory, this.drills(name, repositories), now, late);
            return proof === undefined ? [] : [[name, proof] as const];
        });
        return Object.fromEntries(found);
    }
}
