import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { checkOptions, type OptionSections } from "../../components/pgbackrest/additions";
import type { OptionsOfOne } from "../../components/pgbackrest/perRepository";
import { effectiveOptions, renderConf, renderRepo } from "../../components/pgbackrest/render";
import type { NumberedOptions } from "../../components/pgbackrest/repository";
import { parseTemplate, templateOptions } from "../../components/pgbackrest/template";
import { refuse } from "../../components/problems";
import { problemsOf } from "../support/settings";

const STANZA =
    "pg1-path=/var/lib/postgresql/data\npg1-socket-path=/var/run/postgresql\npg1-user=pgbackrest\n";
const BASE = `[global]\n# kept\nrepo1-retention-full=8\ncompress-type=lz4\ncompress-level=3\n\n[main]\n${STANZA}`;

const ONE = { number: 1, name: "local", own: [] };
const render = (
    options: OptionSections,
    base = BASE,
    repositories: readonly OptionsOfOne[] = [ONE],
): string => {
    const template = parseTemplate(base, "t.conf");
    const { added, problems } = checkOptions(options, "main");
    refuse(problems);
    const effective = effectiveOptions(template, added, repositories);
    return renderConf({ template, added, effective, stanza: "main", stack: "dev" });
};

/** The lines that count. */
const body = (text: string): string[] =>
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

describe("pgbackrest.conf", () => {
    it("is the template when the stack adds nothing", () => {
        assert.ok(render({}).endsWith(BASE));
        assert.deepEqual(body(render({})), body(BASE));
    });

    it("has the stack's options in place of the template's, and says so", () => {
        const text = render({ global: { "compress-type": "zst", "compress-level": 1 } });
        assert.ok(
            text.includes(
                "# from pgbackrest:options.global.compress-type of stack dev, in place of line 4 of t.conf\ncompress-type=zst\n",
            ),
            text,
        );
        assert.deepEqual(body(text), body(BASE.replace("lz4", "zst").replace("level=3", "level=1")));
    });

    it("has new options at the end of their section, with y and n for booleans and a line for each item", () => {
        const text = render({
            global: { "repo1-bundle": true, "start-fast": false, exclude: ["a", "b"] },
            "main:backup": { "process-max": 4 },
        });
        assert.deepEqual(body(text), [
            "[global]",
            "repo1-retention-full=8",
            "compress-type=lz4",
            "compress-level=3",
            "repo1-bundle=y",
            "start-fast=n",
            "exclude=a",
            "exclude=b",
            "[main]",
            ...STANZA.trim().split("\n"),
            "[main:backup]",
            "process-max=4",
        ]);
        assert.ok(
            text.includes(
                "# from pgbackrest:options.global.exclude of stack dev, added\nexclude=a\nexclude=b\n",
            ),
            text,
        );
    });

    it("replaces an option that the template sets under its old name, or repeatedly", () => {
        const base = BASE.replace("repo1-retention-full", "retention-full").replace(
            "# kept",
            "exclude=x\nexclude=y",
        );
        const lines = body(render({ global: { "repo1-retention-full": 2, exclude: "z" } }, base));
        assert.deepEqual(
            lines.filter((line) => /retention|exclude/.test(line)),
            ["exclude=z", "repo1-retention-full=2"],
        );
    });

    const mistakes: readonly (readonly [string, OptionSections, RegExp])[] = [
        [
            "an unknown option",
            { global: { "proces-max": 1 } },
            /^pgbackrest:options\.global\.proces-max: .*process-max\?/,
        ],
        [
            "a bad value",
            { global: { "compress-type": "LZ4" } },
            /^pgbackrest:options\.global\.compress-type: .*write lz4/,
        ],
        ["the section of another stanza", { mian: {} }, /^pgbackrest:options: \[mian\] .*did you mean main/],
        [
            "an option of the program",
            { global: { "repo1-s3-bucket": "b" } },
            /is set by the program from pgbackrest:repositories/,
        ],
        [
            "an option twice under two names",
            { global: { "retention-full": 1, "repo1-retention-full": 2 } },
            /is set already at pgbackrest:options\.global\.retention-full/,
        ],
        ["a list for a single value", { global: { "process-max": [1, 2] } }, /set already|takes one value/],
        ["an empty list", { global: { exclude: [] } }, /takes one value, not a list of 0/],
        ["a line break", { global: { annotation: "a=b\n[main]" } }, /line break/],
        ["a blank at an end", { global: { annotation: "a=b " } }, /blanks at an end/],
        [
            "an option of one repository",
            { global: { "repo2-bundle": true } },
            /^pgbackrest:options\.global\.repo2-bundle: .*set repo-bundle at options of its entry/,
        ],
        [
            "a level that the compression does not have",
            { global: { "compress-type": "gz", "compress-level": 12 } },
            /compress-level cannot be 12 with compress-type=gz: -1 to 9/,
        ],
        [
            "timeouts the wrong way round",
            { global: { "protocol-timeout": "10m", "db-timeout": "20m" } },
            /must be greater/,
        ],
    ];
    for (const [name, options, expected] of mistakes)
        it(`refuses ${name}`, () => {
            assert.match(problemsOf(() => render(options)).join("\n"), expected);
        });

    it("refuses a template for another stanza", () => {
        const problems = problemsOf(() => render({}, BASE.replace("[main]", "[mian]"))).join("\n");
        assert.match(problems, /^t\.conf:7: \[mian\] is read by nobody: .*did you mean main\?/);
    });

    it("refuses a template without what the stanza needs", () => {
        const problems = problemsOf(() => render({}, BASE.replace("pg1-user=pgbackrest\n", "")));
        assert.deepEqual(problems, [
            "t.conf: section [main] lacks pg1-user: add the line pg1-user=pgbackrest",
        ]);
    });

    it("holds each option once and can be read again, whatever the stack sets", () => {
        const options = fc.record(
            {
                global: fc.record(
                    {
                        "compress-type": fc.constantFrom("none", "zst", "lz4"),
                        "process-max": fc.integer({ min: 1, max: 999 }),
                        "repo1-retention-full": fc.integer({ min: 1, max: 99 }),
                        "start-fast": fc.boolean(),
                        exclude: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), {
                            minLength: 1,
                            maxLength: 3,
                        }),
                    },
                    { requiredKeys: [] },
                ),
                "global:backup": fc.record(
                    { "process-max": fc.integer({ min: 1, max: 9 }) },
                    { requiredKeys: [] },
                ),
                main: fc.record({ "archive-async": fc.boolean() }, { requiredKeys: [] }),
            },
            { requiredKeys: [] },
        );
        fc.assert(
            fc.property(options, (sections) => {
                const again = templateOptions(parseTemplate(render(sections), "again.conf"));
                for (const [section, entries] of Object.entries(sections))
                    for (const [name, value] of Object.entries(entries)) {
                        const found = again.filter(
                            (entry) => entry.section === section && entry.option.name === name,
                        );
                        const wanted = [value]
                            .flat()
                            .map((item) => (item === true ? "y" : item === false ? "n" : String(item)));
                        assert.deepEqual(
                            found.map((entry) => entry.value),
                            wanted,
                        );
                    }
            }),
        );
    });
});

describe("repositories in conf.d/repo.conf", () => {
    it("are lines by number and option", () => {
        const posix = new Map([
            ["type", "posix"],
            ["path", "/var/lib/pgbackrest"],
        ]);
        const s3 = new Map([
            ["type", "s3"],
            ["s3-key-secret", "a=b#c;d\"e'f\\g"],
        ]);
        const repositories = [
            { number: 1, options: posix },
            { number: 2, options: s3 },
        ];
        assert.deepEqual(body(renderRepo(repositories)), [
            "[global]",
            "repo1-path=/var/lib/pgbackrest",
            "repo1-type=posix",
            "repo2-s3-key-secret=a=b#c;d\"e'f\\g",
            "repo2-type=s3",
        ]);
    });

    it("are no line when there is none", () => {
        assert.deepEqual(body(renderRepo([])), []);
    });

    const first = (...options: [string, string][]): NumberedOptions[] => [
        { number: 1, options: new Map(options) },
    ];

    for (const [name, value] of [
        ["nothing", ""],
        ["a line break", "hunter2\nx"],
        ["a blank at an end", "hunter2 "],
        ["a tab inside", "hunter2\tx"],
    ] as const)
        it(`refuse a secret with ${name}, without printing it`, () => {
            const problems = problemsOf(() => renderRepo(first(["s3-key-secret", value]))).join("\n");
            assert.match(problems, /^pgbackrest:repositories\[0\]: s3-key-secret /);
            assert.doesNotMatch(problems, /hunter2/);
        });

    it("refuse an option that pgBackRest does not have", () => {
        const problems = problemsOf(() => renderRepo(first(["s3-proces-cmd", "x"]))).join("\n");
        assert.match(problems, /is no option of pgBackRest 2\.60\.0; did you mean repo1-s3-process-cmd\?/);
    });
});
