import { type Proof, proofOf } from "../components/drill/verdict";
import type { RepositoryMemory, State } from "../components/protection/state";
import { NEVER } from "../components/protection/due";
import { type Archiving, type Evidence, isTroubled, judge } from "../components/protection/verdict";
import { PLACES } from "../components/docker/places";
import { type Sample, withSample } from "../components/protection/dataVolume";
import type { Revision, World } from "./world";

/** Seconds between two questions to PostgreSQL, each of which is a process; more often while something is wrong that may be over. */
const ASK_EVERY = { healthy: 30, unhealthy: 2 } as const;
/** The state is written again after so many seconds without a change: who reads it refuses one of more than a minute. */
const WRITE_EVERY = 20;

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

    /** What the service does now; said once. */
    activity(text: string): void {
        if (this.#state.activity === text) return;
        this.world.say(text);
        this.change({ activity: text });
    }

    /** The last error; nothing when it is over. */
    error(text: string): void {
        if (this.#state.error !== text) this.change({ error: text });
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

    /** What was confirmed of all repositories counts no longer. */
    nothingIsConfirmed(): void {
        const repositories = Object.entries(this.#state.repositories).map(
            ([name, memory]) => [name, { ...memory, archiving: "", protected: "" }] as const,
        );
        this.change({ repositories: Object.fromEntries(repositories) });
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
        const inForce = memories.length > 0 && memories.every(({ archiving }) => archiving === revision);
        const { healthy } = this.#state.verdict;
        const every = ASK_EVERY[healthy ? "healthy" : "unhealthy"];
        if (inForce && world.now() - this.#asked >= every) {
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
        this.#evidence = {
            published:
                typeof published === "object"
                    ? {
                          revision: published.name,
                          none: published.repositories.length === 0,
                          timetable: published.timetable,
                      }
                    : published,
            state: this.#state,
            archiving: this.#archiving,
            samples: this.#samples,
            drills: typeof published === "object" ? this.proof(published, now) : undefined,
            grace: this.grace,
            now,
        };
        const verdict = judge(this.#evidence, this.#state.verdict);
        const revision = typeof published === "object" ? published.name : "";
        this.#state = { ...this.#state, written: now, revision, verdict };
        this.world.save(this.#state, durable);
    }

    private proof({ timetable, repositories: [repository] }: Revision, now: number): Proof | undefined {
        return repository === undefined || !this.knows(repository.name)
            ? undefined
            : proofOf(timetable, this.memory(repository.name), this.world.drills(), now);
    }
}
