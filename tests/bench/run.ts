// NAME... [--once]: the measurements NAME.bench.ts, one after the other, in one process, so that they share a stack. See measure.ts
// for `--once`.
import * as v from "valibot";
import { seconds } from "../../toolchain/progress";
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

const failed: string[] = [];
try {
    for (const name of process.argv.slice(2).filter((word) => !word.startsWith("-")))
        if (!(await run(name))) failed.push(name);
} finally {
    await removeShared();
}
if (failed.length > 0) console.log(`\nFAILED: ${failed.join(", ")}`);
// What a measurement that failed has left at work must not keep this process.
process.exit(failed.length === 0 ? 0 : 1);
