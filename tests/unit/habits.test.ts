import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("what editors and other programs are told", () => {
    it("is one and the same for editors and for Prettier", () => {
        const prettier = v.parse(
            v.object({ printWidth: v.number(), tabWidth: v.number() }),
            JSON.parse(read(".prettierrc.json")),
        );
        const all = read(".editorconfig").split(/^\[/m)[1] ?? "";
        assert.match(all, new RegExp(`^indent_size = ${prettier.tabWidth}$`, "m"));
        assert.match(all, new RegExp(`^max_line_length = ${prettier.printWidth}$`, "m"));
    });

    it("is what the files are: tabs in shell and Go, no space at the end of a line, a line's end at the end", () => {
        const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" })
            .split("\n")
            .filter((file) => /\.(?:ts|m[jt]s|sh|go|md|ya?ml|json)$|Dockerfile$/.test(file))
            .filter((file) => !file.includes("fixtures/"));
        assert.ok(files.length > 500);
        const wrong = files.filter((file) => {
            const text = read(file);
            const indented =
                /(?:\.(?:sh|go)|Dockerfile)$/.test(file) && /^ {2,}[^ *]/m.test(withoutTexts(text));
            return indented || /[ \t]$|\r/m.test(text) || !text.endsWith("\n");
        });
        assert.deepEqual(wrong, []);
    });

    it("has one version of Node.js, which is not older than the oldest that is supported", () => {
        const version = Number(read(".node-version"));
        const engines = /"node": ">=(\d+)/.exec(read("package.json"))?.[1];
        assert.ok(version >= Number(engines), `${version} and ${engines ?? "?"}`);
        for (const file of readdirSync(join(ROOT, ".github/workflows"))) {
            const text = read(`.github/workflows/${file}`);
            assert.match(text, /node-version-file: \.node-version/, file);
            assert.doesNotMatch(text, /node-version:/, file);
        }
    });
});

/** Without texts of several lines, whose spaces are their own. */
function withoutTexts(text: string): string {
    return text.replace(/'[^']*'|"(?:[^"\\]|\\.)*"|`[^`]*`|<<-?'?([A-Z]+)'?\n[^]*?^\t*\1$/gm, "''");
}

describe("the workflow of the tests", () => {
    const text = read(".github/workflows/tests.yml");
    const { permissions } = v.parse(v.object({ permissions: v.unknown() }), parse(text));

    it("may read, and gets no secret", () => {
        assert.deepEqual(permissions, { contents: "read" });
        assert.doesNotMatch(text, /secrets\.|pull_request_target/);
    });

    it("uses actions by commit, and no expression inside a script", () => {
        const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = ""]) => action);
        assert.ok(uses.length > 0);
        for (const action of uses) assert.match(action, /^actions\/[a-z-]+@[0-9a-f]{40} # v/);
        for (const [run] of text.matchAll(/run: .*$/gm)) assert.doesNotMatch(run, /\$\{\{/);
    });

    it("runs what .ci/run does, every night", () => {
        assert.match(read(".ci/run"), /npm test -- --all$/m);
        assert.match(text, /ALL: .*'schedule' && '--all'/);
        assert.match(text, /npm test -- \$\{ALL:\+"\$ALL"\}$/m);
    });
});
