import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parseTemplate, templateOptions } from "../../components/pgbackrest/template";
import { problemsOf } from "../support/settings";

const read = (text: string): ReturnType<typeof parseTemplate> => parseTemplate(text, "t.conf");

describe("template", () => {
    it("is read with sections, options and line numbers", () => {
        const template = read("# a comment\n\n[global]\nprocess-max = 2\n[main:backup]\nstart-fast=y\n");
        assert.deepEqual(
            templateOptions(template).map(({ section, option, value, where }) => [
                section,
                option.name,
                value,
                where,
            ]),
            [
                ["global", "process-max", "2", "t.conf:4"],
                ["main:backup", "start-fast", "y", "t.conf:6"],
            ],
        );
    });

    it("of the repository is a good one", () => {
        const file = "config/pgbackrest/pgbackrest.conf";
        const values = Object.fromEntries(
            templateOptions(parseTemplate(readFileSync(file, "utf8"), file)).map((entry) => [
                `${entry.section}/${entry.option.name}`,
                entry.value,
            ]),
        );
        assert.equal(values["global/repo1-retention-full"], "8");
        assert.equal(values["global/repo1-retention-diff"], "14");
        assert.equal(values["global/compress-type"], "lz4");
        assert.equal(values["global/compress-level"], "3");
        assert.equal(values["global/process-max"], "2");
        assert.equal(values["global/archive-async"], "y");
        assert.equal(values["main/pg1-path"], "/var/lib/postgresql/data");
    });

    it("may have Windows line ends", () => {
        assert.equal(templateOptions(read("[global]\r\nprocess-max=2\r\n"))[0]?.value, "2");
    });

    it("may set an option once more for one command", () => {
        assert.equal(
            templateOptions(read("[global]\nprocess-max=2\n[global:backup]\nprocess-max=4\n")).length,
            2,
        );
    });

    it("may repeat what pgBackRest takes repeatedly", () => {
        const text = "[global]\nexclude=a\nexclude=b\nannotation=x=1\nannotation=y=2\n";
        assert.equal(templateOptions(read(text)).length, 4);
    });

    it("may use an old name", () => {
        const [entry] = templateOptions(read("[global]\nretention-full=2\n"));
        assert.equal(entry?.option.name, "repo1-retention-full");
    });

    // Each line stands below [global], as line 2, unless it brings its own section.
    const mistakes: readonly (readonly [string, string, RegExp])[] = [
        ["an unknown option", "proces-max=2", /^t.conf:2: .*is no option.*did you mean process-max\?/],
        [
            "an option that is no more",
            "cipher-pass=x",
            /^t.conf:2: cipher-pass is no option of pgBackRest 2\.60\.0/,
        ],
        ["a misspelt section", "[gloabl]", /^t.conf:2: \[gloabl\] .*did you mean global/],
        ["a section of an unknown command", "[global:bakup]", /^t.conf:2: .*no command.*did you mean backup/],
        ["blanks in a section", "[ global ]", /^t.conf:2: is not a section/],
        ["a comment behind a section", "[global] # all", /^t.conf:2: has a comment behind the section/],
        ["an unfinished section", "[global", /^t.conf:2: is a section without \]/],
        ["an empty section", "[]", /^t.conf:2: is not a section/],
        ["a comment behind a value", "process-max=2 # two", /^t.conf:2: process-max has # or ; /],
        ["a comment behind a value, glued", "log-path=/tmp/x#y", /^t.conf:2: log-path has # or ; /],
        ["a comment with ;", "; process-max=2", /^t.conf:2: starts with ;/],
        ["a semicolon comment behind a value", "process-max=2 ; two", /^t.conf:2: process-max has # or ; /],
        ["double quotes", 'compress-type="lz4"', /^t.conf:2: compress-type has quotes/],
        ["single quotes", "compress-type='lz4'", /^t.conf:2: compress-type has quotes/],
        ["a line that is no option", "start fast", /^t.conf:2: is not an option/],
        ["no name", "=2", /^t.conf:2: has no option name/],
        ["an empty value", "process-max=", /^t.conf:2: process-max is empty/],
        ["a value in upper case", "compress-type=LZ4", /^t.conf:2: .*"LZ4": one of none, bz2.*write lz4/],
        ["a boolean that is none", "archive-async=true", /^t.conf:2: archive-async cannot be "true": y or n/],
        ["no number", "process-max=two", /^t.conf:2: process-max cannot be "two": a whole number/],
        ["a number out of range", "process-max=1000", /^t.conf:2: process-max cannot be "1000": 1 to 999/],
        ["a size with a fraction", "archive-push-queue-max=1.5GiB", /^t.conf:2: .*"1.5GiB": a size/],
        ["a size that is not in the list", "buffer-size=3MiB", /^t.conf:2: .*one of 16KiB/],
        ["a time out of range", "archive-timeout=2d", /^t.conf:2: .*"2d": 100ms to 1d/],
        ["a time of an unknown unit", "db-timeout=5min", /^t.conf:2: .*"5min": a time/],
        ["a relative path", "lock-path=tmp", /^t.conf:2: lock-path must be below \/tmp/],
        ["a path with //", "tls-server-ca-file=/a//b", /^t.conf:2: .*without \/\//],
        ["a map without =", "annotation=x", /^t.conf:2: annotation has no =/],
        [
            "an option of a stanza",
            "pg1-path=/var/lib/postgresql/data",
            /^t.conf:2: pg1-path belongs to a stanza/,
        ],
        [
            "an option of the command line",
            "stanza=main",
            /^t.conf:2: stanza can only be given on a command line/,
        ],
        ["a negated option", "no-archive-async=y", /^t.conf:2: .*write archive-async=n/],
        [
            "a number that is missing",
            "repo-retention-full=2",
            /^t.conf:2: .*needs a number: write repo1-retention-full/,
        ],
        ["a number too many", "process1-max=2", /^t.conf:2: .*has no number: write process-max/],
        [
            "an option of one repository",
            "repo5-retention-full=2",
            /^t.conf:2: .*set repo-retention-full at options of its entry/,
        ],
        ["the type of a repository", "repo1-type=s3", /^t.conf:2: .*pgbackrest:repositories:/],
        ["the path of a repository", "repo2-path=/x", /^t.conf:2: .*pgbackrest:repositories:/],
        [
            "the path of a repository by its old name",
            "repo-path=/x",
            /^t.conf:2: repo-path \(the old name of repo1-path\)/,
        ],
        [
            "encryption of a repository",
            "repo1-cipher-type=aes-256-cbc",
            /^t.conf:2: .*pgbackrest:repositories:/,
        ],
        [
            "another data directory",
            "[main]\npg1-path=/data",
            /^t.conf:3: pg1-path must be \/var\/lib\/postgresql\/data/,
        ],
        ["a second PostgreSQL", "[main]\npg2-path=/data", /^t.conf:3: .*one, write pg1-/],
        ["a remote PostgreSQL", "[main]\npg1-host=db", /^t.conf:3: pg1-host does not apply/],
        ["another spool", "spool-path=/tmp/spool", /^t.conf:2: spool-path must be \/var\/spool\/pgbackrest/],
        [
            "an option that a command does not read",
            "[global:expire]\ncompress-type=zst",
            /^t.conf:3: .*is not read by expire/,
        ],
        [
            "an option twice",
            "process-max=2\nprocess-max=2",
            /^t.conf:3: process-max is set already at t.conf:2/,
        ],
        [
            "an option twice, in two parts of a section",
            "process-max=2\n[main]\n[global]\nprocess-max=2",
            /^t.conf:5: .*at t.conf:2/,
        ],
        [
            "an option twice, under its old name",
            "retention-full=2\nrepo1-retention-full=3",
            /^t.conf:3: repo1-retention-full is set already at t.conf:2/,
        ],
        [
            "an option twice, under another old name",
            "archive-queue-max=1GiB\narchive-push-queue-max=2GiB",
            /^t.conf:3: .*at t.conf:2/,
        ],
        ["a key of a map twice", "annotation=x=1\nannotation=x=2", /^t.conf:3: annotation is set already/],
    ];
    for (const [name, text, expected] of mistakes)
        it(`refuses ${name}`, () => {
            const problems = problemsOf(() => read(`[global]\n${text}\n`));
            assert.ok(
                problems.some((problem) => expected.test(problem)),
                problems.join("\n"),
            );
        });

    it("refuses a byte-order mark", () => {
        assert.match(
            problemsOf(() => read("\uFEFF[global]\n")).join(),
            /^t.conf:1: starts with a byte-order mark/,
        );
    });

    it("refuses text before a section", () => {
        assert.match(
            problemsOf(() => read("process-max=2\n[global]\n")).join(),
            /^t.conf:1: .*before any section/,
        );
    });

    it("refuses several mistakes at once, each with its line", () => {
        const problems = problemsOf(() => read("[global]\nx=1\ny=2\n[main]\nz=3\n"));
        assert.deepEqual(
            problems.map((problem) => problem.split(" ")[0]),
            ["t.conf:2:", "t.conf:3:", "t.conf:5:"],
        );
    });

    const secret = "aG9wZWZ1bGx5U2VjcmV0";
    for (const line of [
        `repo1-s3-key-secret=${secret}`,
        `repo1-s3-key-secert=${secret}`,
        `repo1-cipher-pass = "${secret}"`,
        `repo1-s3-key-secret=${secret} # old`,
        `repo1-s3-key-secret ${secret}`,
        `${secret}==`,
        `${secret}/x=`,
        `[${secret}`,
        `recovery-option=${secret}`,
    ])
        it(`does not print what may be a secret: ${line.replace(secret, "...")}`, () => {
            const problems = problemsOf(() => read(`[global]\n${line}\n`));
            assert.equal(problems.length, 1);
            assert.ok(!problems.join().includes(secret), problems.join());
        });

    it("is read or refused with a line, whatever is in it", () => {
        const piece = fc.constantFrom(
            "[",
            "]",
            "global",
            "main",
            "=",
            "#",
            ";",
            '"',
            "'",
            "\\",
            " ",
            "\n",
            "process-max",
            "2",
            "y",
        );
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string(),
                    fc.array(piece).map((pieces) => pieces.join("")),
                ),
                (text) => {
                    for (const problem of problemsOf(() => read(text)))
                        assert.match(problem, /^t\.conf:\d+: /);
                },
            ),
            { numRuns: 500 },
        );
    });
});
