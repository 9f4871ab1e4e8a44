import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { format } from "prettier";
import { settingsTable } from "../../components/settings/documents";
import { anchorsOf, brokenLinks } from "../../toolchain/links";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const filesIn = (folder: string, ending: RegExp): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .map((file) => join(folder, file))
        .filter((file) => ending.test(file) && !file.includes("/fixtures/"));
const PAGES = readdirSync(join(ROOT, "docs")).filter((file) => file.endsWith(".md"));
const TESTS = filesIn("tests", /\.test\.ts$/).filter((file) => file !== "tests/unit/readme.test.ts");

describe("README", () => {
    it("is read in one go", () => {
        const lines = read("README.md").trimEnd().split("\n").length;
        assert.ok(lines <= 200, `${lines} lines: what is for one task has its page in docs`);
    });
});

describe("the pages of docs", () => {
    it("have the table of all settings as the code has them", async () => {
        const page = read("docs/settings.md");
        const table = /<!-- settings:[^\n]*-->\n([^]*?)<!-- \/settings -->/.exec(page)?.[1];
        const wanted = await format(settingsTable(), { parser: "markdown", printWidth: 110 });
        assert.equal(
            table?.trim(),
            wanted.trim(),
            "run npx tsx components/settings/generate.ts, which writes it",
        );
    });

    it("are all in the list of pages", () => {
        const listed = [...read("docs/README.md").matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file);
        const pages = PAGES.filter((file) => file !== "README.md");
        assert.deepEqual([...new Set(listed)].sort(), pages.sort());
    });

    it("have no command for a shell that no test types", () => {
        const typed = TESTS.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
        const untyped = PAGES.filter((file) => /^```sh$/m.test(read(`docs/${file}`))).filter(
            (file) => !typed.includes(`docs/${file}"`) && !typed.includes(`commandsOf("${file}")`),
        );
        assert.deepEqual(untyped, [], "let a test type them, such as tests/e2e/readme.test.ts");
    });

    it("are there where a message or a comment names one", () => {
        const sources = [
            ...["components", "service", "toolchain"].flatMap((folder) => filesIn(folder, /\.ts$/)),
            ...filesIn("image", /\.sh$|Dockerfile$/),
            ...["Pulumi.yaml", "Pulumi.prod.yaml", ".github/workflows/pulumi.yml"],
        ];
        const named = sources.flatMap((file) =>
            [...read(file).matchAll(/(?<![\w./])docs\/[\w/-]+\.md/g)].map(([page]) => ({ file, page })),
        );
        assert.ok(named.length > 5);
        assert.deepEqual(
            named.filter(({ page }) => !existsSync(join(ROOT, page))),
            [],
        );
        for (const file of sources) assert.doesNotMatch(read(file), /(?<!["/])\bREADME(?:\.md)?, /, file);
    });
});

describe("links of documents", () => {
    it("that lead nowhere are found, whether a file or a heading is not there", () => {
        const directory = mkdtempSync(join(tmpdir(), "pgbt-links-"));
        try {
            mkdirSync(join(directory, "docs"));
            writeFileSync(
                join(directory, "a.md"),
                "# A `b` & c!\n[1](docs/b.md) [2](docs/b.md#x-y) [3](#a-b--c)",
            );
            writeFileSync(
                join(directory, "docs/b.md"),
                "## X: y\n\n```sh\n# no heading [4](no.md)\n```\n[5](../a.md#no) [6](no.md) `[7](no.md)` [8](#no-heading-4) [9](https://x.org/a#b)",
            );
            assert.deepEqual(brokenLinks(directory, ["a.md", "docs/b.md"]), [
                "docs/b.md: ../a.md#no leads nowhere",
                "docs/b.md: no.md leads nowhere",
                "docs/b.md: #no-heading-4 leads nowhere",
            ]);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("name headings as GitHub does", () => {
        const anchors = anchorsOf(
            "# An `up` that was interrupted\n## [PostgreSQL](x.md)'s own settings\n### a_b-c",
        );
        assert.deepEqual([...anchors], ["an-up-that-was-interrupted", "postgresqls-own-settings", "a_b-c"]);
    });
});
