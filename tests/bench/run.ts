// NAME... [--once]: the measurements NAME.bench.ts, one after the other, in one process, so that they share a stack. See measure.ts
// for `--once`.
import * as v from "valibot";
import { seconds } from "../../toolchain/progress";
import { leaveResults, type Result } from "../../toolchain/testing/results";
import { removeShared } from "./stacks";

const Measurement = v.object({ default: v.pipe(v.function(), v.returnsAsync(v.pipeAsync(v.void()))) });

async function run(name: string): Promise<boolean> {
    const begun = Date.now();
    console.log(`\n== ${name}`);
    try {
        await v.parse(Measurement, await import(`./${name}.bench.ts`)).default();
        console.log(`done in ${seconds(begun)}`);
        return true;
    } catch (error) {
        console.log(error);
        console.log(`FAILED in ${seconds(begun)}`);
        return false;
    }
}

const results: Result[] = [];
try {
    for (const title of process.argv.slice(2).filter((word) => !word.startsWith("-"))) {
        const begun = Date.now();
        const state = (await run(title)) ? "passed" : "failed";
        results.push({ title, state, milliseconds: Date.now() - begun, hook: false });
    }
} finally {
    await removeShared();
}
leaveResults(results);
const failed = results.filter(({ state }) => state === "failed").map(({ title }) => title);
if (failed.length > 0) console.log(`\nFAILED: ${failed.join(", ")}`);
// What a measurement that failed has left at work must not keep this process.
process.exit(failed.length === 0 ? 0 : 1);
