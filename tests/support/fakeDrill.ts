import type { Drilled, Drills } from "../../components/drill/due";
import { type DrillOrder, isWanted } from "../../components/drill/order";
import type { RunningDrill } from "../../components/drill/record";

/** What a drill that runs has still to do, in seconds: with the repository, and with what it has restored from it. */
interface FakeRun {
    readonly began: number;
    readonly repository: string | undefined;
    reading: number;
    testing: number;
    stops: number;
    isAside: boolean;
}

/** A container of drills, as the service sees it: it does what the order says, and notes it. */
export class FakeDrill {
    readonly ended: Drilled[] = [];
    /** Seconds that drills read the repository, and test what they have read. */
    reads = 600;
    tests = 300;
    /** How the next ones end; and those of repositories, by name. */
    result: Drilled["result"] = "passed";
    readonly results = new Map<string, Drilled["result"]>();
    /** What must not be: what a drill reads is removed under it; or it begins while something else has the repository. */
    readonly wrongs: string[] = [];
    /** When drills began, and what ran then. */
    readonly begun: {
        readonly at: number;
        readonly beside: string | undefined;
        readonly repository: string | undefined;
    }[] = [];
    order: DrillOrder = { wanted: 0, aside: false };
    #run: FakeRun | undefined;
    #seen = 0;
    #isAway = false;
    #noted = 0;
    /** How often it was looked at since it was asked to let go. */
    #asked = 0;

    /** Is it to let go of the repository, and has not? So the service waits, for some seconds. */
    get isAsked(): boolean {
        return this.order.aside && this.isReading && this.#asked < 40;
    }

    get isReading(): boolean {
        return this.#run !== undefined && this.#run.reading > 0 && !this.#run.isAside && !this.#isAway;
    }

    get isRunning(): boolean {
        return this.#run !== undefined;
    }

    hear(order: DrillOrder): void {
        if (!order.aside) this.#asked = 0;
        this.order = order;
    }

    /** A run of the service begins. */
    sees(command: string): void {
        if (command === "expire" && this.isReading)
            this.wrongs.push("expire begins under a drill that reads");
    }

    /** Its container is killed; it comes back when it lives again, and notes that it was. */
    kill(): void {
        this.#isAway = true;
    }

    comeBack(now: number): void {
        if (this.#isAway && this.#run !== undefined) this.end(this.#run, now, "unverified");
        this.#isAway = false;
    }

    /** When something happens next. */
    nextAt(now: number): number {
        const run = this.#run;
        if (run === undefined || run.isAside || this.#isAway) return Infinity;
        return now + (run.reading > 0 ? run.reading : run.testing);
    }

    /** Time has passed, while that ran. */
    live(now: number, runs: string | undefined): void {
        const passed = Math.max(0, now - this.#seen);
        this.#seen = now;
        if (this.isAsked) this.#asked++;
        if (this.#isAway) return;
        this.#noted = now;
        if (this.#run !== undefined) this.goOn(this.#run, now, passed);
        else if (isWanted(this.order, this.ended, now)) this.begin(now, runs);
        if (this.isReading && runs === "expire") this.wrongs.push("a drill reads under an expire");
    }

    /** What the service knows of it: nothing new of a container that is away. */
    noted(now: number): Drills {
        const run = this.#run;
        const isSilent = Math.abs(now - this.#noted) > 90 && this.#isAway;
        if (run === undefined || isSilent) return { ended: this.ended, running: undefined };
        const phase = run.isAside ? "aside" : run.reading > 0 ? "restore" : "amcheck";
        const { began, repository } = run;
        const running: RunningDrill = { began, by: "schedule", repository, phase, text: "under way" };
        return { ended: this.ended, running };
    }

    private begin(now: number, beside: string | undefined): void {
        const { repository } = this.order;
        this.#run = {
            ...{ began: now, repository, reading: this.reads },
            ...{ testing: this.tests, stops: 0, isAside: false },
        };
        this.begun.push({ at: now, beside, repository });
    }

    private goOn(run: FakeRun, now: number, passed: number): void {
        if (run.isAside) run.isAside = this.order.aside;
        else if (run.reading > 0) {
            run.reading = Math.max(0, run.reading - passed);
            // A third time it does not.
            if (this.order.aside && run.reading > 0 && run.stops < 2)
                [run.isAside, run.stops] = [true, run.stops + 1];
        } else {
            run.testing = Math.max(0, run.testing - passed);
            if (run.testing === 0) this.end(run, now, this.results.get(run.repository ?? "") ?? this.result);
        }
    }

    private end({ began, repository }: FakeRun, now: number, result: Drilled["result"]): void {
        const why = result === "passed" ? "" : "it was killed";
        const measured = { recoveryTime: this.reads, recoveryPoint: 40 };
        this.ended.push({ began, ended: now, repository, result, why, ...measured });
        this.#run = undefined;
    }
}
