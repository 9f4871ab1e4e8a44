// Where the time of a preview without changes goes, from Pulumi's own log. Writing that log takes time too: see the line `preview` of
// the other measurement for what a preview takes without it.
import { median } from "./measure";
import { parseLog, phases, pluginStarts } from "./phases";
import { POSIX, seconds, withStack } from "./stacks";

const RUNS = 7;
const BAR = 40;

await withStack(POSIX, async (stack) => {
    const arguments_ = ["preview", "--expect-no-changes"];
    seconds(await stack.pulumi(arguments_));
    const runs: Map<string, number>[] = [];
    const starts: Map<string, number>[] = [];
    for (let run = 0; run < RUNS; run++) {
        const result = await stack.pulumi([...arguments_, "-v=9", "--logtostderr"]);
        seconds(result);
        const log = parseLog(result.output);
        runs.push(phases(log));
        starts.push(pluginStarts(log));
    }
    const names = [...(runs[0]?.keys() ?? [])];
    const medians = names.map((name) => median(runs.map((run) => run.get(name) ?? 0)));
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
        `where ${(total / 1000).toFixed(1)} s (with the log, ${RUNS} runs; plugins: ${plugins.join(", ")})`,
    );
});
