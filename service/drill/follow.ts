import { setTimeout as sleep } from "node:timers/promises";
import type { DrillRecord } from "../../components/drill/record";
import type { Records } from "./records";

/** Milliseconds between two looks, and how long the program that drills may take to see that one is wanted. */
const LOOK_EVERY = 300;
const PATIENCE = 10_000;

/**
 * Asks for a drill, and tells how far it is until it has ended.
 * @param repository nothing: the first that can serve
 * @returns 0: passed, 1: not, 2: it has not begun
 */
export async function follow(
    records: Records,
    repository: string | undefined,
    stop: AbortSignal,
): Promise<number> {
    const other = records.running();
    if (other !== undefined) {
        console.log(`a drill runs already: ${other.phase}: ${other.text}`);
        return 2;
    }
    const last = records.all().at(-1)?.began;
    records.ask(repository);
    if (!(await begins(records, stop))) return 2;
    await shown(records, stop);
    const record = records.all().at(-1);
    if (record === undefined || record.began === last) {
        console.log("the drill was stopped");
        return 1;
    }
    for (const line of linesOf(record)) console.log(line);
    return record.result === "passed" ? 0 : 1;
}

async function begins(records: Records, stop: AbortSignal): Promise<boolean> {
    let late = Date.now() + PATIENCE;
    let isTold = false;
    while (records.isAsked()) {
        const { aside } = records.order();
        if (aside) late = Date.now() + PATIENCE;
        if (aside && !isTold) console.log("a backup has the repository: the drill begins after it");
        isTold ||= aside;
        if (stop.aborted || Date.now() > late) {
            records.askNoMore();
            console.log(
                stop.aborted ? "no drill is wanted any more" : "nobody drills here: does the container run?",
            );
            return false;
        }
        await sleep(LOOK_EVERY);
    }
    return true;
}

async function shown(records: Records, stop: AbortSignal): Promise<void> {
    let last = "";
    for (;;) {
        const running = records.running();
        if (running === undefined) return;
        if (stop.aborted) records.stop();
        const line = `${running.phase}: ${running.text}`;
        if (line !== last) console.log(line);
        last = line;
        await sleep(LOOK_EVERY);
    }
}

function linesOf({
    result,
    why,
    repository,
    steps,
    recoveryTime,
    recoveryPoint,
    notTested,
}: DrillRecord): string[] {
    return [
        ...(repository === undefined ? [] : [`repository: ${repository}`]),
        ...steps.map(({ name, result: of, seconds, text }) => `${name}: ${of} in ${seconds} s: ${text}`),
        ...(recoveryTime === undefined ? [] : [`recovery time: ${recoveryTime} s`]),
        ...(recoveryPoint === undefined ? [] : [`recovery point: ${recoveryPoint} s`]),
        ...notTested.map((text) => `not tested: ${text}`),
        why === "" ? result : `${result}: ${why}`,
    ];
}
