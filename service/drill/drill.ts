import { whyFailed, tooSlow } from "../../components/drill/found";
import {
    type DrillRecord,
    type RunningDrill,
    type Step,
    STEPS,
    type StepName,
} from "../../components/drill/record";
import { type DrillWish, goalsOf } from "../../components/drill/wish";
import { oneLine } from "../../components/protection/text";
import { now } from "../restore/job";
import { amcheck, checksums, counts, queries, type Tried } from "./ladder";
import { Failed, failureOf, Unverified } from "./outcome";
import { Recovery } from "./recover";
import type { Records } from "./records";
import { Scratch } from "./scratch";
import { Interrupted, Watch } from "./watch";
import type { Volume } from "../restore/volume";

export interface Place {
    readonly records: Records;
    /** What is restored goes there, and away again. */
    readonly volume: Volume;
    readonly serverArguments: readonly string[];
    readonly wish: DrillWish;
    readonly say: (text: string) => void;
    /** The program is told to end. */
    readonly ended: AbortSignal;
}

/** Who wants one, and of which repository: the first that can serve, where that is not said. */
export type Asked = Pick<RunningDrill, "by" | "repository">;

/** Without these there is nothing to try. */
const FOUNDATION: readonly StepName[] = ["restore", "replay", "start"];

/** One drill. */
export class Drill {
    readonly #watch: Watch;
    readonly #recovery: Recovery;
    readonly #steps: Step[] = [];
    readonly #notTested: string[] = [];
    #counts: Record<string, number> = {};
    #scratch: Scratch | undefined;

    constructor(
        private readonly place: Place,
        private readonly asked: Asked,
    ) {
        this.#watch = new Watch(place.records, asked, place.ended, place.say);
        this.#recovery = new Recovery(place.volume, place.serverArguments, this.#watch, asked.repository);
    }

    /** @returns what is to be noted of it; nothing where it was ended on purpose */
    async run(): Promise<DrillRecord | undefined> {
        try {
            for (const name of STEPS) await this.climb(name);
            return this.record("passed", "");
        } catch (error) {
            if (error instanceof Interrupted) {
                const { reason } = error;
                if (reason === "ended" || (reason === "stopped" && this.asked.by === "hand"))
                    return undefined;
            }
            return this.record("unverified", oneLine(error instanceof Error ? error.message : String(error)));
        } finally {
            await this.#scratch?.stop();
            this.#watch.end();
        }
    }

    private async climb(name: StepName): Promise<void> {
        const missing = this.#steps.find(
            ({ name: one, result }) => FOUNDATION.includes(one) && result === "failed",
        );
        if (missing !== undefined) {
            this.#steps.push({ name, result: "skipped", seconds: 0, text: `${missing.name} has failed` });
            return;
        }
        const began = Date.now();
        const step = (result: Step["result"], text: string): Step => ({
            ...{ name, result, text },
            seconds: Math.ceil((Date.now() - began) / 1000),
        });
        try {
            const text = await this.try(name);
            this.#steps.push(
                text === undefined ? step("skipped", "there is nothing to test") : step("passed", text),
            );
        } catch (error) {
            if (!(error instanceof Failed)) {
                const why = error instanceof Error ? error.message : String(error);
                this.#steps.push(step("skipped", oneLine(why)));
                throw error;
            }
            this.#steps.push(step("failed", oneLine(error.message)));
        }
    }

    /** @returns what was tried, for people; nothing where there is nothing to try */
    private try(name: StepName): Promise<string | undefined> {
        const { wish } = this.place;
        switch (name) {
            case "restore":
                return this.#recovery.restore();
            case "replay":
                return this.#recovery.replay();
            case "start":
                return this.#watch.during(name, "starting PostgreSQL", (stop) => this.start(stop));
            case "amcheck":
                return this.on(name, "checking tables and indexes", amcheck);
            case "queries":
                return this.on(name, "asking queries", async (tried) => {
                    this.#counts = await counts(tried);
                    const text = `${Object.keys(this.#counts).length} tables counted`;
                    if (Object.keys(wish.queries).length === 0) {
                        tried.skip("what is in the tables: there is no query of yours (drill.queries)");
                        return text;
                    }
                    return `${await queries(tried, wish.queries)}, ${text}`;
                });
            case "checksums":
                return this.on(name, "checking pages", async (tried) => {
                    const text = await checksums(tried);
                    if (text === undefined) tried.skip("page checksums: the cluster has none");
                    return text;
                });
        }
    }

    private async start(stop: AbortSignal): Promise<string> {
        try {
            this.#scratch = await Scratch.start(this.place.serverArguments, stop);
        } catch (error) {
            if (stop.aborted) throw error;
            throw failureOf(error instanceof Error ? error.message : String(error));
        }
        const { ok, output, errors } = await this.#scratch.ask("postgres", "select version()", 60, stop);
        if (!ok) throw new Failed(errors);
        return output;
    }

    private on(
        name: StepName,
        text: string,
        work: (tried: Tried) => Promise<string | undefined>,
    ): Promise<string | undefined> {
        const scratch = this.#scratch;
        if (scratch === undefined) throw new Error("PostgreSQL does not run");
        return this.#watch.during(name, text, async (stop) => {
            const { tell } = this.#watch;
            try {
                return await work({ scratch, stop, tell, skip: (what) => this.#notTested.push(what) });
            } catch (error) {
                if (scratch.hasEnded && name !== "checksums" && !stop.aborted)
                    throw new Unverified(`PostgreSQL has ended meanwhile: ${scratch.failure}`);
                throw error;
            }
        });
    }

    private record(result: "passed" | "unverified", why: string): DrillRecord {
        const { found } = this.#recovery;
        const { began, asides } = this.#watch;
        const { newest, notTested, ...recovered } = found;
        const isReplayed = newest !== undefined;
        const times = {
            ...(isReplayed ? { recoveryTime: found.restoreSeconds + found.replaySeconds } : {}),
            ...(isReplayed ? { recoveryPoint: Math.max(0, began - newest) } : {}),
        };
        const { rto, rpo } = goalsOf(this.place.wish, found.repository);
        // A backup has made it longer than a restore would be.
        const judged = asides > 0 ? { rpo } : { rto, rpo };
        const failed = whyFailed(this.#steps, tooSlow(times, judged));
        return {
            ...{ began, ended: now(), by: this.asked.by },
            ...(failed === ""
                ? { result, why }
                : { result: "failed", why: [failed, why].filter((one) => one !== "").join("; ") }),
            ...recovered,
            ...times,
            steps: this.#steps,
            counts: this.#counts,
            notTested: [
                ...notTested,
                ...this.#notTested,
                ...(asides > 0 && rto !== undefined ? ["rto: the drill waited for a backup on its way"] : []),
            ],
        };
    }
}
