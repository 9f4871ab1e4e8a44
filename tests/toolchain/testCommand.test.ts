import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { attempt, type Result as Ended } from "../../toolchain/run";
import { choose, firstTier, type Part, parts, secondTier } from "../../toolchain/testing/parts";
import { type Outcome, readResults, type Result, summarize } from "../../toolchain/testing/results";
import { prepared } from "../support/images";

describe("npm test chooses", () => {
    const chosen = (...words: readonly string[]): readonly Part[] => choose(words).lanes.flat();
    const sorted = (names: readonly string[]): readonly string[] => [...names].sort();

    it("the first tier without a word, and everything with --all", () => {
        assert.deepEqual(sorted(chosen()), sorted(firstTier));
        assert.deepEqual(sorted(chosen("--all")), sorted([...firstTier, ...secondTier]));
        assert.deepEqual([choose([]).all, choose(["--all"]).all], [false, true]);
    });
    it("parts by name, of either tier, each alone, in the order of its lane", () => {
        for (const part of parts) assert.deepEqual(choose([part]).lanes, [[part]]);
        assert.deepEqual(choose(["image", "unit", "cloud"]).lanes, [["unit", "image"], ["cloud"]]);
        assert.deepEqual(chosen("--all", "chaos"), ["chaos"]);
    });
    it("options for mocha, and tells what is no part", () => {
        const choice = choose(["--grep=x", "unit", "--all", "unti", "--bail", "--al", "--grep"]);
        assert.deepEqual(choice.mochaOptions, ["--grep=x", "--bail"]);
        assert.deepEqual(choice.unknown, ["unti", "--al", "--grep"]);
    });
    it("lint to run beside the engine's parts, not before them", () => {
        const { lanes } = choose([]);
        assert.equal(lanes.length, 3);
        for (const part of ["e2e", "cloud"] as const)
            assert.equal(lanes.find((lane) => lane.includes(part))?.[0], part);
    });
});

describe("the summary of npm test", () => {
    const test = (
        title: string,
        seconds: number,
        state: Result["state"] = "passed",
        hook = false,
    ): Result => ({
        ...{ title, state, hook },
        milliseconds: seconds * 1000,
    });
    const outcome = (part: string, results: readonly Result[], status = 0): Outcome => ({
        part,
        seconds: 12.34,
        status,
        results,
    });
    const last = (...outcomes: readonly Outcome[]): string => summarize(outcomes, 99).lines.at(-1) ?? "";

    it("ends with a line of numbers that hooks do not count in, unless they fail", () => {
        const good = outcome("unit", [test("a", 1), test("b", 1), test("before all", 3, "passed", true)]);
        assert.equal(last(good), "2 passed, 0 failed");
        assert.equal(
            last(good, outcome("e2e", [test("c", 1), test("d", 0, "skipped")])),
            "3 passed, 0 failed, 1 skipped",
        );
        assert.equal(
            last(good, outcome("e2e", [test("before all", 3, "failed", true)], 1)),
            "2 passed, 1 failed",
        );
    });
    it("counts as failed a part that ran no test, and one that failed without saying which", () => {
        assert.equal(last(outcome("chaos", [])), "0 passed, 1 failed");
        assert.equal(last(outcome("cloud", [test("d", 0, "skipped")])), "0 passed, 1 failed, 1 skipped");
        assert.equal(last(outcome("unit", [test("a", 1)], 137)), "1 passed, 1 failed");
        const { ok, lines } = summarize([outcome("chaos", [])], 99);
        assert.equal(ok, false);
        assert.match(lines.join("\n"), /^FAILED +chaos .*no test ran$/m);
    });
    it("says how long each part took, the ten slowest, and what failed and why", () => {
        const why =
            "1 is not 2\n\nfor once\nUpdating\n@ updating...\n+ 'one'\nerror: two\nOutputs:\n    at tests/a.test.ts:7:1";
        const many = Array.from({ length: 20 }, (_, i) => test(`number ${i}`, i));
        const { lines, ok } = summarize(
            [outcome("unit", many), outcome("e2e", [{ ...test("it breaks", 500, "failed"), why }], 1)],
            99,
        );
        const text = lines.join("\n");
        assert.equal(ok, false);
        assert.match(text, /^passed +unit +12\.3 s {2}20 passed, 0 failed$/m);
        assert.match(text, /^FAILED +e2e +12\.3 s {2}0 passed, 1 failed$/m);
        const slowest = lines.filter((line) => /^ +[\d.]+ s /.test(line));
        assert.equal(slowest.length, 10);
        assert.match(slowest[0] ?? "", /500\.0 s {2}e2e +it breaks/);
        assert.match(slowest[9] ?? "", /11\.0 s {2}unit +number 11/);
        assert.match(
            text,
            /^FAILED +e2e +it breaks\n +1 is not 2\n +for once\n +Updating\n +\+ 'one'\n +error: two\n +at tests\/a\.test\.ts:7:1\n[^ ]/m,
        );
        assert.match(text, /^FAILED in 99\.0 s: e2e\.$/m);
    });
});

/** Test files of its own, given to mocha as `npm test` does. */
describe("the tests' own results", function () {
    this.timeout(60_000);
    let directory: string;
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbackrest-reporter-"));
        mkdirSync(join(directory, "tests"));
    });
    after(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    const run = async (body: string): Promise<{ ended: Ended; results: readonly Result[] }> => {
        const file = join(directory, "tests", "some.test.mjs");
        const mocha = join(root, "node_modules", "mocha");
        writeFileSync(
            file,
            `import { before, describe, it } from ${JSON.stringify(join(mocha, "index.js"))};\n${body}`,
        );
        const results = join(directory, "results");
        rmSync(results, { force: true });
        const ended = await attempt(process.execPath, [join(mocha, "bin", "mocha.js"), "--no-color", file], {
            cwd: root,
            environment: { TEST_RESULTS_FILE: results },
        });
        return { ended, results: readResults(results) };
    };

    it("name each test with its state and time, and hooks", async () => {
        const { ended, results } = await run(`describe("outer", () => {
            before(() => new Promise((resolve) => setTimeout(resolve, 60)));
            it("works", () => new Promise((resolve) => setTimeout(resolve, 60)));
            it("breaks", () => { throw new Error("broken"); });
            it.skip("waits", () => undefined);
            describe("inner", () => {
                before(() => { throw new Error("no stack"); });
                it("never", () => undefined);
            });
        });`);
        assert.equal(ended.exitCode, 2, ended.all);
        assert.match(ended.all, /✔ works/);
        assert.deepEqual(
            results.map(({ title, state, hook }) => [title, state, hook]),
            [
                ['outer "before all" hook for "works"', "passed", true],
                ["outer works", "passed", false],
                ["outer breaks", "failed", false],
                ["outer waits", "skipped", false],
                ['outer inner "before all" hook for "never"', "failed", true],
            ],
        );
        assert.match(results[2]?.why ?? "", /^broken\n +at .*tests\/some\.test\.mjs:5:/);
        // The two that wait for 60 ms; how long the others take is the machine's affair.
        for (const { title, milliseconds } of results.slice(0, 2))
            assert.ok(milliseconds >= 59, `${title}: ${milliseconds} ms`);
    });
    it("are none of a file that does not load", async () => {
        const { ended, results } = await run("import 'no-such-module';");
        assert.notEqual(ended.exitCode, 0);
        assert.deepEqual(results, []);
    });
});

describe("no test's clock runs during a build", () => {
    it("an image that was not made ready is an error at once", async () => {
        const image = {
            name: "pgbackrest-of-the-tests:never",
            title: "",
            why: "",
            build: () => Promise.reject(new Error("built")),
        };
        await assert.rejects(
            prepared(image),
            /pgbackrest-of-the-tests:never is not there, and a test builds nothing/,
        );
    });
    it("only what makes ready builds an image or downloads", async () => {
        const { stdout } = await attempt(
            "git",
            [
                "grep",
                "-lE",
                String.raw`"build",|buildAsProgram|\bnpm", \[|getBaseImage|GoCaches\.open\(`,
                "tests",
                ":!tests/bench",
            ],
            { cwd: root },
        );
        const allowed = [
            "tests/support/images.ts",
            "tests/support/prometheusImage.ts",
            "tests/support/servers/build.ts",
            "tests/toolchain/buildHelper.ts",
            "tests/toolchain/testCommand.test.ts",
        ];
        assert.deepEqual(stdout.split("\n"), allowed);
        assert.match(readFileSync(join(root, ".mocharc.json"), "utf8"), /tests\/support\/prepare\.ts/);
    });
});
