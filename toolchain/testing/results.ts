import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";

const Result = v.object({
    title: v.string(),
    state: v.picklist(["passed", "failed", "skipped"]),
    milliseconds: v.number(),
    /** A hook is no test, but it takes time, and it can fail. */
    hook: v.optional(v.boolean(), false),
    /** What a failed one says. */
    why: v.optional(v.string()),
});
export type Result = v.InferOutput<typeof Result>;

/** Names the file in which a part's program leaves the results of its tests. */
export const RESULTS_FILE = "TEST_RESULTS_FILE";

/** Leaves results where `npm test` looks for them; nowhere when it is not `npm test` that runs this. */
export function leaveResults(results: readonly Result[]): void {
    const file = process.env[RESULTS_FILE];
    if (file !== undefined) writeFileSync(file, JSON.stringify(results));
}

/** None when the program has not come to its end. */
export function readResults(file: string): readonly Result[] {
    return existsSync(file) ? v.parse(v.array(Result), JSON.parse(readFileSync(file, "utf8"))) : [];
}

export interface Outcome {
    readonly part: string;
    readonly seconds: number;
    /** Exit status of the part's program. */
    readonly status: number;
    readonly results: readonly Result[];
}

export interface Summary {
    readonly lines: readonly string[];
    readonly ok: boolean;
}

const SLOWEST = 10;
/** Lines of what a failed test says, the first ones and those that tell a difference or an error, and their longest: the whole is far above. */
const FIRST_LINES_OF_A_FAILURE = 3;
const LINES_OF_A_FAILURE = 14;
const LONGEST_LINE = 240;

/** The seconds of each part, the slowest tests, what has failed, and last the line with the numbers. */
export function summarize(outcomes: readonly Outcome[], total: number): Summary {
    const parts = outcomes.map((outcome) => ({ ...outcome, ...count(outcome) }));
    const sum = (what: "passed" | "failed" | "skipped"): number =>
        parts.reduce((all, part) => all + part[what], 0);
    const failed = parts.filter((part) => part.failed > 0).map(({ part }) => part);
    const all = outcomes.flatMap(({ part, results }) => results.map((result) => ({ part, ...result })));
    const slowest = all.sort((a, b) => b.milliseconds - a.milliseconds).slice(0, SLOWEST);
    const seconds = (number: number): string => `${number.toFixed(1).padStart(8)} s`;
    return {
        ok: failed.length === 0,
        lines: [
            ...parts.map(
                (part) =>
                    `${part.failed === 0 ? "passed" : "FAILED"}  ${part.part.padEnd(9)} ${seconds(part.seconds)}  ${numbers(part)}${part.why}`,
            ),
            "",
            "The slowest:",
            ...slowest.map(
                ({ part, title, milliseconds }) =>
                    `${seconds(milliseconds / 1000)}  ${part.padEnd(9)} ${title}`,
            ),
            "",
            ...all
                .filter(({ state }) => state === "failed")
                .flatMap(({ part, title, why }) => [
                    `FAILED  ${part.padEnd(9)} ${title}`,
                    ...tellingLines(why),
                ]),
            failed.length === 0
                ? `All passed in ${total.toFixed(1)} s.`
                : `FAILED in ${total.toFixed(1)} s: ${failed.join(", ")}.`,
            numbers({ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") }),
        ],
    };
}

function tellingLines(text = ""): readonly string[] {
    return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .filter(
            (line, index) =>
                index < FIRST_LINES_OF_A_FAILURE ||
                /^[+-] |^ +at |\b(error|failed|fatal|panic|refused)\b/i.test(line),
        )
        .slice(0, LINES_OF_A_FAILURE)
        .map((line) => `          ${line.trim().slice(0, LONGEST_LINE)}`);
}

interface Numbers {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
}

function numbers({ passed, failed, skipped }: Numbers): string {
    return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** A part that failed without a failed test, or in which no test ran, counts as one failure. */
function count({ status, results }: Outcome): Numbers & { readonly why: string } {
    const of = (state: Result["state"]): number =>
        results.filter((result) => result.state === state && (!result.hook || state === "failed")).length;
    const found = { passed: of("passed"), failed: of("failed"), skipped: of("skipped"), why: "" };
    if (found.failed > 0) return found;
    if (status !== 0) return { ...found, failed: 1, why: `, ended with status ${status}` };
    if (found.passed === 0) return { ...found, failed: 1, why: ", no test ran" };
    return found;
}
