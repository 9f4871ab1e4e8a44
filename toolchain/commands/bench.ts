// npm run bench [-- NAME...]: the measurements in tests/bench/NAME.bench.ts, one after the other.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exitWith, UserError } from "../errors";
import { foreground } from "../foreground";
import { root } from "../paths";
import { seconds } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";
import { leaveResults, type Result } from "../testing/results";

const ending = ".bench.ts";

exitWith(async () => {
    const directory = join(root, "tests", "bench");
    const all = readdirSync(directory)
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .sort();
    const words = process.argv.slice(2);
    const unknown = words.filter((word) => !all.includes(word));
    if (unknown.length > 0) {
        throw new UserError(
            `There is no measurement "${unknown.join(" ")}".`,
            `There are: ${all.join(", ")}.`,
        );
    }
    await ensureToolchain();
    const results: Result[] = [];
    for (const name of words.length === 0 ? all : words) {
        const begun = Date.now();
        console.log(`\n== ${name}`);
        const file = join(directory, name + ending);
        const { status, interrupted } = await foreground(
            process.execPath,
            ["--import", "tsx", file],
            pulumiEnvironment(),
        );
        if (interrupted) return status;
        const state = status === 0 ? "passed" : "failed";
        results.push({ title: name, state, milliseconds: Date.now() - begun, hook: false });
        console.log(`${status === 0 ? "done" : "FAILED"} in ${seconds(begun)}`);
    }
    leaveResults(results);
    return results.every(({ state }) => state === "passed") ? 0 : 1;
});
