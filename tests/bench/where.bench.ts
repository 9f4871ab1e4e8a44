// Where the time of a preview without changes goes, from Pulumi's own log. Writing that log takes time too: see the line `preview` of
// the other measurement for what a preview takes without it.
import { median, runs } from "./measure";
import { parseLog, phases, pluginStarts } from "./phases";
import { seconds, sharedStack } from "./stacks";

const BAR = 40;

export default async function (): Promise<void> {
    const stack = await sharedStack();
    const arguments_ = ["preview", "--expect-no-changes"];
    seconds(await stack.pulumi(arguments_));
    const count = runs(7);
    const timed: Map<string, number>[] = [];
    const starts: Map<string, number>[] = [];
    for (let run = 0; run < count; run++) {
        const result = await stack.pulumi([...arguments_, "-v=9", "--logtostderr"]);
        seconds(result);
        const log = parseLog(result.output);
        timed.push(phases(log));
        starts.push(pluginStarts(log));
    }
    const names = [...(timed[0]?.keys() ?? [])];
    const medians = names.map((name) => median(timed.map((run) => run.get(name) ?? 0)));
    const total = medians.reduce((sum, value) => sum + value, 0);
    for (const [index, name] of names.entries()) {
        const milliseconds = medians[index] ?? 0;
        const bar = "#".repeat(Math.round((milliseconds / total) * BAR));
        console.log(`${name.padEnd(38)} ${milliseconds.toFixed(0).padStart(5)} ms ${bar}`);
    }
    const plugins = [...(starts[0]?.keys() ?? [])].map(
        (name) => `${name} ${median(starts.map((start) => start.get(name) ?? 0)).toFixed(0)} ms`,
    );
    console.log(
        `where ${(total / 1000).toFixed(1)} s (with the log, ${count} runs; plugins: ${plugins.join(", ")})`,
    );
}
