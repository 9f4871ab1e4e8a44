import { setTimeout as sleep } from "node:timers/promises";
import { PLACES } from "../../components/docker/places";
import { isWanted } from "../../components/drill/order";
import type { DrillRecord, RunningDrill } from "../../components/drill/record";
import { now } from "../restore/job";
import { Volume } from "../restore/volume";
import { type Asked, Drill, type Place } from "./drill";

/** Milliseconds between two looks whether one is wanted. */
const LOOK_EVERY = 1000;
/** Seconds that another container may take to let go of the scratch volume. */
const PATIENCE = 60;

/** Drills whenever one is wanted, until the program is told to end. */
export async function serve(place: Place): Promise<void> {
    const { records, volume, ended, say } = place;
    if (!(await volume.lock(PATIENCE))) throw new Error("another container has this scratch volume");
    await noteKilled(place);
    records.stopNoMore();
    say("waiting until a drill is wanted");
    while (!ended.aborted) {
        const asked = wanted(place);
        if (asked !== undefined) await drill(place, asked);
        else records.stopNoMore();
        await sleep(LOOK_EVERY, undefined, { signal: ended }).catch(() => undefined);
    }
}

/** One that runs belongs to a program that is no more: nobody else has the lock. */
async function noteKilled({ records, volume, say }: Place): Promise<void> {
    const killed = records.running();
    if (killed !== undefined) {
        say(`the drill that began at ${new Date(killed.began * 1000).toISOString()} was killed`);
        records.add(recordOfKilled(killed));
    }
    await empty(volume);
    records.noteEnd();
}

/** What a drill has made. */
async function empty(scratch: Volume): Promise<void> {
    await scratch.empty();
    await new Volume(PLACES.spool).empty();
}

function recordOfKilled({ began, by, repository, phase, text }: RunningDrill): DrillRecord {
    const nothing = {
        bytes: 0,
        restoreSeconds: 0,
        segments: 0,
        replaySeconds: 0,
        steps: [],
        counts: {},
        notTested: [],
    };
    const why = `it was killed (${phase}: ${text})`;
    return {
        ...{ began, ended: Math.max(began, now()), by, repository },
        ...{ result: "unverified", why, ...nothing },
    };
}

/** Who wants a drill now, and of which repository. */
function wanted({ records }: Place): Asked | undefined {
    const order = records.order();
    if (records.isAsked() && !order.aside) return { by: "hand", repository: records.askedRepository() };
    const { repository } = order;
    return isWanted(order, records.all(), now()) ? { by: "schedule", repository } : undefined;
}

async function drill(place: Place, asked: Asked): Promise<void> {
    const { records, volume, say } = place;
    const one = new Drill(place, asked);
    // It shows itself now.
    records.askNoMore();
    say("a drill begins");
    await empty(volume);
    const record = await one.run();
    await empty(volume);
    if (record !== undefined) records.add(record);
    records.noteEnd();
    records.stopNoMore();
    say(record === undefined ? "the drill was stopped" : `the drill has ${textOf(record)}`);
}

function textOf({ result, why }: DrillRecord): string {
    if (result === "passed") return "passed";
    return result === "failed" ? `failed: ${why}` : `not been able to verify: ${why}`;
}
