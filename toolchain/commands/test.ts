// npm test [-- --all] [PART...]: makes ready what the tests need, then runs them, side by side: they mostly wait for containers.
// Other words that begin with `-` go to mocha.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../../tests/support/prepare";
import { exitWith, interruptedStatus, ToolchainError } from "../errors";
import { foreground } from "../foreground";
import { root } from "../paths";
import { seconds } from "../progress";
import { type Choice, choose, mochaOptions, type Part, parts, secondTierFile } from "../testing/parts";
import { type Outcome, readResults, RESULTS_FILE, summarize } from "../testing/results";

exitWith(async () => {
    const choice = choose(process.argv.slice(2));
    if (choice.unknown.length > 0) {
        throw new ToolchainError(
            `There is no part "${choice.unknown.join(" ")}" of the tests, and no option of that name.`,
            `The parts are: ${parts.join(", ")}. The options: --all, ${mochaOptions.join(", ")}.`,
        );
    }
    const begun = Date.now();
    const chosen = choice.lanes.flat();
    console.log(`Making ready what these tests need: ${chosen.join(", ")}`);
    await prepare(chosen, choice.all);
    console.log(`Ready (${seconds(begun)}).`);
    const outcomes = await inDirectory((directory) => runAll(choice, directory));
    if (outcomes === undefined) return interruptedStatus;
    const { lines, ok } = summarize(outcomes, (Date.now() - begun) / 1000);
    console.log(["\n== summary", ...lines].join("\n"));
    return ok ? 0 : 1;
});

/** A directory for the results, as long as `use` takes. */
async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), "pgbackrest-tests-"));
    try {
        return await use(directory);
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** What became of each part; nothing when it was interrupted. */
async function runAll(choice: Choice, directory: string): Promise<readonly Outcome[] | undefined> {
    const outcomes: Outcome[] = [];
    const labels = choice.lanes.length > 1;
    const lane = async (some: readonly Part[]): Promise<boolean> => {
        for (const part of some) {
            if (!labels) console.log(`\n== ${part}`);
            const begun = Date.now();
            const file = join(directory, part);
            const status = await runPart(part, choice, file, labels);
            if (status === interruptedStatus) return false;
            const results = readResults(file);
            outcomes.push({ part, status, results, seconds: (Date.now() - begun) / 1000 });
        }
        return true;
    };
    const ended = await Promise.all(choice.lanes.map(lane));
    return ended.includes(false) ? undefined : outcomes;
}

async function runPart(part: Part, choice: Choice, results: string, labels: boolean): Promise<number> {
    const options = { cwd: root, ...(labels ? { onOutput: labelled(part) } : {}) };
    const environment = { ...process.env, [RESULTS_FILE]: results };
    return (await foreground(process.execPath, program(part, choice), environment, options)).status;
}

/** What Node.js runs for a part. */
function program(part: Part, { all, mochaOptions }: Choice): readonly string[] {
    const launch = join(root, "toolchain", "launch.mjs");
    if (part === "lint") return [launch, "lint"];
    if (part === "bench") return [launch, "bench", "--once"];
    const files = testFiles(join("tests", part), all);
    const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
    // Without a file mocha would look for some of its own.
    return files.length === 0 ? ["--eval", ""] : [mocha, ...mochaOptions, ...files];
}

function testFiles(directory: string, all: boolean): readonly string[] {
    if (!existsSync(join(root, directory))) return [];
    return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts") && (all || !file.endsWith(secondTierFile)))
        .sort()
        .map((file) => join(directory, file));
}

/** Shows whole lines, each with the part that it is of. */
function labelled(part: Part): (text: string) => void {
    let rest = "";
    return (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.trim() !== "") console.log(`${part.padEnd(9)} | ${line}`);
    };
}
