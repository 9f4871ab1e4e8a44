import { Listr, type ListrTask } from "listr2";
import { endPrograms, interruption } from "./interruption";

/** What a step may say while it works: the last words are shown, with the time it has taken so far. */
export type Report = (activity: string) => void;

export interface Step {
    /** What is done. */
    readonly title: string;
    /** Why, in a few words. */
    readonly why: string;
    readonly work: (report: Report) => Promise<void>;
}

/** Steps that follow one another. */
export type Lane = readonly Step[];

let lines: (line: string) => void = console.log;

/** For commands whose own output is for other programs to read. */
export function progressToStandardError(): void {
    lines = console.error;
}

/** A line beside those of the steps. */
export function say(line: string): void {
    lines(line);
}

/** Without a terminal, a step that takes long says so this often. */
const quietSeconds = 15;

/** Runs lanes side by side, so many at a time; in a terminal as a living list, else as plain lines. */
export async function runLanes(lanes: readonly Lane[], concurrent: number): Promise<void> {
    if (lanes.length === 0) return;
    if (!process.stdout.isTTY) {
        await plainLanes(lanes, concurrent);
        return;
    }
    const tasks = lanes.map((lane): ListrTask => ({
        task: (_context, task) => task.newListr(lane.map(asTask)),
    }));
    const list = new Listr(tasks, {
        concurrent,
        // All that runs is ended with the first failure (asTask), and waited for.
        exitOnError: false,
        collectErrors: "minimal",
        registerSignalListeners: false,
        rendererOptions: { collapseErrors: false, collapseSubtasks: false, showErrorMessage: false },
    });
    await list.run();
    const first = list.errors[0];
    if (first !== undefined) throw first.error;
}

function asTask(step: Step): ListrTask {
    return {
        title: `${step.title} (${step.why})`,
        task: async (_context, task): Promise<void> => {
            if (interruption()?.aborted === true) return;
            const begun = Date.now();
            let last = "";
            const clock = setInterval(() => {
                task.output = `${seconds(begun)} ${last}`;
            }, 1000);
            try {
                await step.work((activity) => {
                    last = activity;
                });
                task.title = `${step.title} [${seconds(begun)}]`;
            } catch (error) {
                endPrograms();
                throw error;
            } finally {
                clearInterval(clock);
            }
        },
    };
}

async function plainLanes(lanes: readonly Lane[], concurrent: number): Promise<void> {
    const waiting = [...lanes];
    const failures: unknown[] = [];
    const worker = async (): Promise<void> => {
        for (
            let lane = waiting.shift();
            lane !== undefined && failures.length === 0;
            lane = waiting.shift()
        ) {
            try {
                for (const step of lane) await plainStep(step);
            } catch (error) {
                failures.push(error);
                endPrograms();
            }
        }
    };
    await Promise.all(Array.from({ length: concurrent }, worker));
    if (failures.length > 0) throw failures[0];
}

async function plainStep(step: Step): Promise<void> {
    const begun = Date.now();
    let last = "";
    lines(`- ${step.title}: ${step.why}`);
    const clock = setInterval(() => {
        lines(`  ${step.title}: ${seconds(begun)}${last === "" ? "" : `, ${last}`}`);
    }, quietSeconds * 1000);
    try {
        await step.work((activity) => {
            last = activity;
        });
        lines(`  ${step.title}: done in ${seconds(begun)}`);
    } catch (error) {
        lines(`  ${step.title}: failed after ${seconds(begun)}`);
        throw error;
    } finally {
        clearInterval(clock);
    }
}

export function seconds(begun: number): string {
    return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}
