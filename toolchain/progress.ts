import { Listr, type ListrTask } from "listr2";

/** What a step may say while it works: the last words are shown, with the time it has taken so far. */
export type Report = (activity: string) => void;

export interface Step {
    /** What is done. */
    readonly title: string;
    /** Why, in a few words. */
    readonly why: string;
    readonly work: (report: Report) => Promise<void>;
}

const quietSeconds = 15;

/** Runs steps, so many at a time; in a terminal as a living list, else as plain lines. */
export async function runSteps(steps: readonly Step[], concurrent: number): Promise<void> {
    if (steps.length === 0) return;
    if (process.stdout.isTTY) {
        await new Listr(steps.map(asTask), {
            concurrent,
            rendererOptions: { collapseErrors: false, collapseSubtasks: false },
            registerSignalListeners: false,
        }).run();
        return;
    }
    await plainSteps(steps, concurrent);
}

function asTask(step: Step): ListrTask {
    return {
        title: `${step.title} (${step.why})`,
        task: async (_context, task): Promise<void> => {
            const begun = Date.now();
            let last = "";
            const show = (): void => {
                task.output = `${seconds(begun)} ${last}`;
            };
            const clock = setInterval(show, 1000);
            try {
                await step.work((activity) => {
                    last = activity;
                });
                task.title = `${step.title} [${seconds(begun)}]`;
            } finally {
                clearInterval(clock);
            }
        },
    };
}

async function plainSteps(steps: readonly Step[], concurrent: number): Promise<void> {
    const waiting = [...steps];
    const failures: unknown[] = [];
    const worker = async (): Promise<void> => {
        for (let step = waiting.shift(); step !== undefined && failures.length === 0; step = waiting.shift()) {
            try {
                await plainStep(step);
            } catch (error) {
                failures.push(error);
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(concurrent, steps.length) }, worker));
    if (failures.length > 0) throw failures[0];
}

async function plainStep(step: Step): Promise<void> {
    const begun = Date.now();
    let last = "";
    console.log(`- ${step.title}: ${step.why}`);
    const clock = setInterval(() => {
        console.log(`  ${step.title}: ${seconds(begun)}${last === "" ? "" : `, ${last}`}`);
    }, quietSeconds * 1000);
    try {
        await step.work((activity) => {
            last = activity;
        });
        console.log(`  ${step.title}: done in ${seconds(begun)}`);
    } catch (error) {
        console.log(`  ${step.title}: failed after ${seconds(begun)}`);
        throw error;
    } finally {
        clearInterval(clock);
    }
}

export function seconds(begun: number): string {
    return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}
