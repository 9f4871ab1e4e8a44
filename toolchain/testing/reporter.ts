// What mocha shows, and what `npm test` needs for its summary.
import Mocha from "mocha";
import { leaveResults, type Result } from "./results";

const { constants } = Mocha.Runner;

export default class Reporter extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
        super(runner, options);
        const results: Result[] = [];
        const keep = (of: Mocha.Runnable, state: Result["state"], why?: string): void => {
            const hook = "type" in of && of.type === "hook";
            results.push({ title: of.fullTitle(), state, milliseconds: of.duration ?? 0, hook, why });
        };
        runner.on(constants.EVENT_TEST_PASS, (test) => {
            keep(test, "passed");
        });
        runner.on(constants.EVENT_TEST_FAIL, (test, error: unknown) => {
            keep(test, "failed", error instanceof Error ? withPlace(error) : String(error));
        });
        runner.on(constants.EVENT_TEST_PENDING, (test) => {
            keep(test, "skipped");
        });
        // One that fails is said to fail instead.
        runner.on(constants.EVENT_HOOK_END, (hook) => {
            keep(hook, "passed");
        });
        runner.on(constants.EVENT_RUN_END, () => {
            leaveResults(results);
        });
    }
}

/** What it says, and the line of the tests that it comes from. */
function withPlace({ message, stack = "" }: Error): string {
    const place = stack.split("\n").find((line) => /^ +at .*\btests\//.test(line));
    return place === undefined ? message : `${message}\n${place.replace(/\S*\/tests\//, "tests/")}`;
}
