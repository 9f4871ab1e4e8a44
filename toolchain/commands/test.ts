// npm test [-- PART...]: lint, then the tests from the quick to the slow, the slow ones side by side: they mostly wait for
// containers. What begins with `-` goes to mocha.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { exitWith, interruptedStatus, messageOf, UserError } from "../errors";
import { foreground } from "../foreground";
import { lint } from "../lint";
import { root } from "../paths";
import { seconds } from "../progress";
import { ensureToolchain } from "../setup";

const parts = ["lint", "unit", "component", "toolchain", "image", "e2e", "cloud"] as const;
type Part = (typeof parts)[number];

/** What runs side by side, each lane in its order. A test of the toolchain counts processes, but only its own. */
const lanes: readonly (readonly Part[])[] = [["toolchain", "image"], ["e2e"], ["cloud"]];

/** Tests that use no engine and no Pulumi, so that they run where neither is to be had. */
const selfContained: readonly Part[] = ["lint", "component"];

interface Outcome {
    readonly part: Part;
    readonly ok: boolean;
    readonly took: string;
}

exitWith(async () => {
    const words = process.argv.slice(2);
    const chosen = choose(words.filter((word) => !word.startsWith("-")));
    const mochaOptions = words.filter((word) => word.startsWith("-"));
    const begun = Date.now();
    const outcomes: Outcome[] = [];
    const perform = async (part: Part, show?: (text: string) => void): Promise<boolean> => {
        const partBegun = Date.now();
        const status = await runPart(part, mochaOptions, show);
        outcomes.push({ part, ok: status === 0, took: seconds(partBegun) });
        return status !== interruptedStatus;
    };
    const slow = lanes.flat();
    let ready = false;
    for (const part of chosen.filter((one) => !slow.includes(one))) {
        if (!ready && !selfContained.includes(part)) {
            await ensureToolchain();
            ready = true;
        }
        console.log(`\n== ${part}`);
        if (!(await perform(part))) return interruptedStatus;
    }
    const together = lanes
        .map((lane) => lane.filter((part) => chosen.includes(part)))
        .filter((lane) => lane.length > 0);
    if (together.length > 0) {
        if (!ready) await ensureToolchain();
        console.log(`\n== ${together.flat().join(", ")}`);
        const ended = await Promise.all(
            together.map(async (lane) => {
                for (const part of lane)
                    if (!(await perform(part, together.length > 1 ? labelled(part) : undefined)))
                        return false;
                return true;
            }),
        );
        if (ended.includes(false)) return interruptedStatus;
    }
    console.log("\n== summary");
    for (const { part, ok, took } of outcomes) console.log(`${ok ? "passed" : "FAILED"}  ${part} (${took})`);
    const failed = outcomes.filter(({ ok }) => !ok).map(({ part }) => part);
    console.log(
        failed.length === 0
            ? `All passed in ${seconds(begun)}.`
            : `FAILED in ${seconds(begun)}: ${failed.join(", ")}.`,
    );
    return failed.length === 0 ? 0 : 1;
});

function choose(words: readonly string[]): readonly Part[] {
    const unknown = words.filter((word) => !parts.some((part) => part === word));
    if (unknown.length > 0) {
        throw new UserError(
            `There is no part "${unknown.join(" ")}" of the tests.`,
            `The parts are: ${parts.join(", ")}.`,
        );
    }
    return words.length === 0 ? parts : parts.filter((part) => words.includes(part));
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

async function runPart(
    part: Part,
    mochaOptions: readonly string[],
    show?: (text: string) => void,
): Promise<number> {
    if (part === "lint") {
        return lint().then(
            (ok) => (ok ? 0 : 1),
            (error: unknown) => {
                console.error(messageOf(error));
                return 1;
            },
        );
    }
    const files = testFiles(join("tests", part));
    if (files.length === 0) {
        console.log("no tests");
        return 0;
    }
    const mocha = join(root, "node_modules", "mocha", "bin", "mocha.js");
    const args = ["--import=tsx", "--exit", "--timeout=60000", "--slow=5000", ...mochaOptions, ...files];
    const options = { cwd: root, ...(show === undefined ? {} : { onOutput: show }) };
    return (await foreground(process.execPath, [mocha, ...args], process.env, options)).status;
}

function testFiles(directory: string): readonly string[] {
    if (!existsSync(join(root, directory))) return [];
    return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .sort()
        .map((file) => join(directory, file));
}
