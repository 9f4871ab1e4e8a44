import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PAGE = read("CONTRIBUTING.md");

/** How many files each list may have, outside of tests and docs. */
const LIMITS: Readonly<Record<string, number>> = {
    "A kind of repository": 2,
    "A setting": 5,
    "An operation": 2,
    "What runs in a container": 2,
    "Something between volume and container": 2,
    "A service that uses the repositories": 3,
    "A rule for schedules": 1,
};

/** What only the files of a list know, of the example that it has. */
const EXAMPLES: Readonly<Record<string, RegExp>> = {
    "A kind of repository": /\bcifs\b/,
    "A setting": /\bpasswordGeneration\b/,
    "An operation": /\bconst info: Operation\b|\bimport \{ info \}/,
    "What runs in a container": /\["apply-configuration\.sh"\]/,
    "Something between volume and container": /\bnew Adopt\b|\bclass Adopt\b/,
    "A service that uses the repositories": /\bnew Backup\b|\bclass Backup\b/,
    "A rule for schedules": /\bfunction checkCron\b/,
};

interface Entry {
    readonly file: string;
    readonly words: string;
}

interface List {
    readonly told: number;
    readonly entries: readonly Entry[];
}

const lists = new Map(
    [...PAGE.matchAll(/^### (.+): (\d+) files?\n([^]*?)(?=^#|(?![^]))/gm)].map(
        ([, title = "", told = "", body = ""]): [string, List] => [
            title,
            {
                told: Number(told),
                entries: [...body.matchAll(/^- `([^`]+)` \(`([^`]+)`\):/gm)].map(
                    ([, file = "", words = ""]) => ({ file, words }),
                ),
            },
        ],
    ),
);

/** The sources of the product. */
const SOURCES = [
    ...["index.ts", "program.mjs", "Pulumi.yaml"],
    ...["components", "image", "service", "toolchain"].flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
            .map((file) => join(folder, file))
            .filter((file) => statSync(join(ROOT, file)).isFile() && !/\.(json|cjs)$/.test(file)),
    ),
];

describe("the lists of what to touch", () => {
    it("are there, and no longer than they may be", () => {
        assert.deepEqual([...lists.keys()], Object.keys(LIMITS));
        for (const [title, { told, entries }] of lists) {
            assert.equal(told, LIMITS[title], title);
            assert.ok(entries.length > 0 && entries.length <= told, `${title}: ${entries.length} files`);
        }
    });

    for (const [title, { entries }] of lists)
        it(`${title}: each file is there, and has what the list says`, () => {
            for (const { file, words } of entries) {
                assert.ok(existsSync(join(ROOT, file)), `${file} is not there`);
                assert.ok(read(file).includes(words), `${file} does not have: ${words}`);
            }
        });

    for (const [title, example] of Object.entries(EXAMPLES))
        it(`${title}: nothing else knows the example`, () => {
            const knowing = SOURCES.filter((file) => example.test(read(file)));
            const listed = lists.get(title)?.entries.map(({ file }) => file) ?? [];
            assert.ok(knowing.length > 0);
            assert.deepEqual(
                knowing.filter((file) => !listed.includes(file)),
                [],
            );
        });
});

describe("the rooms", () => {
    it("are all in the table", () => {
        const told = [...PAGE.matchAll(/^\| `components\/(\w+)` /gm)].map(([, room = ""]) => room);
        const rooms = readdirSync(join(ROOT, "components"), { withFileTypes: true });
        assert.deepEqual(
            told.sort(),
            rooms
                .filter((entry) => entry.isDirectory())
                .map(({ name }) => name)
                .sort(),
        );
    });
});
