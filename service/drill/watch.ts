import { statfsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PLACES } from "../../components/docker/places";
import { KEPT_FREE, noRoomAnyMore } from "../../components/drill/found";
import type { RunningDrill } from "../../components/drill/record";
import { now } from "../restore/job";
import type { Records } from "./records";

/** Why a drill does not go on: for a backup; for ever. */
export type Reason = "aside" | "room" | "time" | "stopped" | "ended";

export class Interrupted extends Error {
    /** @param message for people */
    constructor(
        readonly reason: Reason,
        message: string,
    ) {
        super(message);
    }
}

const WHY: Readonly<Record<Exclude<Reason, "room">, string>> = {
    aside: "a backup had the repository",
    time: "it was not done after 24 h",
    stopped: "it was stopped by hand",
    ended: "its container was stopped",
};

/** Seconds that a drill may take. */
const LONGEST = 24 * 3600;
/** So often it makes room for a backup; then it goes on beside it, or frequent backups would let none come to its end. */
const MOST_ASIDE = 2;
/** Milliseconds between two looks, and seconds between two notes that it is alive. */
const LOOK_EVERY = 500;
const NOTE_EVERY = 10;
/** Steps that use the repository. */
const USING_REPOSITORY = ["restore", "replay"];

/** Notes how far a drill is, and ends what it does when it may not go on. */
export class Watch {
    readonly #timer: NodeJS.Timeout;
    #running: RunningDrill;
    #noted = 0;
    #current = new AbortController();
    #interrupted: Interrupted | undefined;
    /** How often it has made room for a backup. */
    asides = 0;
    /** Does it write yet? Before that it is said exactly how much room lacks. */
    isFilling = false;

    /** @param ended the program is told to end */
    constructor(
        private readonly records: Records,
        { by, repository }: Pick<RunningDrill, "by" | "repository">,
        private readonly ended: AbortSignal,
        private readonly say: (text: string) => void,
    ) {
        this.#running = {
            ...{ began: now(), by, repository },
            ...{ phase: "restore", text: "looking at the repository" },
        };
        this.note();
        this.#timer = setInterval(() => {
            this.look();
        }, LOOK_EVERY);
    }

    get began(): number {
        return this.#running.began;
    }

    /** How far it is, for people. */
    readonly tell = (text: string): void => {
        if (text === this.#running.text) return;
        this.#running = { ...this.#running, text };
        this.note();
        this.say(`${this.#running.phase}: ${text}`);
    };

    /** Which repository it restores. */
    takes(repository: string): void {
        this.#running = { ...this.#running, repository };
    }

    /** Does a part of the drill; throws `Interrupted` where that may not go on, once it has ended. */
    async during<T>(
        phase: RunningDrill["phase"],
        text: string,
        work: (stop: AbortSignal) => Promise<T>,
    ): Promise<T> {
        this.#running = { ...this.#running, phase };
        this.tell(text);
        this.#current = new AbortController();
        const { signal } = this.#current;
        this.look();
        try {
            return await work(signal);
        } catch (error) {
            if (signal.aborted && this.#interrupted !== undefined) throw this.#interrupted;
            throw error;
        }
    }

    /** Waits until the repository is free again. */
    async aside(): Promise<void> {
        this.asides++;
        await this.during("aside", "waiting for a backup, which has the repository", async (stop) => {
            while (this.records.order().aside) {
                await sleep(LOOK_EVERY, undefined, { signal: stop });
            }
        });
    }

    end(): void {
        clearInterval(this.#timer);
    }

    private look(): void {
        if (now() - this.#noted >= NOTE_EVERY) this.note();
        const reason = this.reason();
        if (reason === undefined || this.#current.signal.aborted) return;
        const why = reason === "room" ? noRoomAnyMore(freeBytes()) : WHY[reason];
        this.#interrupted = new Interrupted(reason, why);
        this.#current.abort();
    }

    private reason(): Reason | undefined {
        if (this.ended.aborted) return "ended";
        if (this.records.isStopped()) return "stopped";
        if (now() - this.began > LONGEST) return "time";
        const { phase } = this.#running;
        if (this.isFilling && phase !== "aside" && freeBytes() < KEPT_FREE) return "room";
        const mayStepAside = USING_REPOSITORY.includes(phase) && this.asides < MOST_ASIDE;
        return mayStepAside && this.records.order().aside ? "aside" : undefined;
    }

    private note(): void {
        this.#noted = now();
        this.records.note(this.#running);
    }
}

/** Of the disk of the scratch volume. */
export function freeBytes(): number {
    const { bavail, bsize } = statfsSync(PLACES.data);
    return bavail * bsize;
}
