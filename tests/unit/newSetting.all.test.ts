import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    cpSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";

const ROOT = resolve(import.meta.dirname, "../..");
const COPIED = ["components", "config", "image", "package.json", "tsconfig.json", ".prettierrc.json"];
const GENERATED = ["Pulumi.yaml", "docs/settings.md"];

/** From where applications may connect: what somebody would do to add it. */
const EDITS: readonly (readonly [file: string, from: string, to: string])[] = [
    [
        "components/settings/table/database.ts",
        "    port: optional(",
        `    clients: setting(text("a network such as 10.0.0.0/8, or all", /^(?:all|[0-9.]+\\/\\d+)$/), "all", {
        description: "Network from which applications may connect.",
        change: "publish",
        described: "by its value",
    }),
    port: optional(`,
    ],
    ["components/publication/publication.ts", "renderHba(tls)", "renderHba(tls, settings.clients)"],
    [
        "components/postgresql/accessRules.ts",
        "renderHba(tls: boolean)",
        "renderHba(tls: boolean, clients: string)",
    ],
    [
        "components/postgresql/accessRules.ts",
        "all       all         all       scram",
        "all       all         ${clients} scram",
    ],
];

/** What the edited program makes of it. */
const CHECK = `
import { readFileSync } from "node:fs";
import { renderFiles } from "./components/publication/publication";
import { consequences } from "./components/review/consequences";
import { describeStack } from "./components/review/describe";
import { parseSettings } from "./components/settings/schema";

const file = "config/pgbackrest/pgbackrest.conf";
const base = { file, text: readFileSync(file, "utf8") };
const images = { database: "i", backup: "i" };
function of(raw: Record<string, unknown>) {
    const settings = parseSettings(raw, { secretKeys: new Set(), readFile: () => "", stack: "dev" });
    const rendered = renderFiles(settings, base, "dev");
    return { rendered, description: describeStack(settings, rendered, { images, volume: "v", data: "d", salt: "s" }) };
}
function problemOf(raw: Record<string, unknown>): string {
    try {
        of(raw);
        return "";
    } catch (error) {
        return String(error);
    }
}
const [before, after] = [of({}), of({ clients: "10.0.0.0/8" })];
console.log(JSON.stringify({
    hba: after.rendered.files["pg_hba.conf"],
    settings: after.description.settings,
    told: consequences(before.description, after.description, new Date()).map(({ text }) => text),
    wrong: problemOf({ clients: "everybody" }),
    misspelt: problemOf({ client: "all" }),
}));
`;

const checked = v.object({
    hba: v.string(),
    settings: v.record(v.string(), v.string()),
    told: v.array(v.string()),
    wrong: v.string(),
    misspelt: v.string(),
});

describe("a new setting", function () {
    this.timeout(120_000);
    let copy: string;
    const read = (directory: string, file: string): string => readFileSync(join(directory, file), "utf8");
    const node = (...args: string[]): string => {
        const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
        assert.equal(status, 0, stdout + stderr);
        return stdout;
    };

    before(() => {
        copy = mkdtempSync(join(tmpdir(), "new-setting-"));
        for (const path of [...COPIED, ...GENERATED])
            cpSync(join(ROOT, path), join(copy, path), { recursive: true });
        symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
        for (const [file, from, to] of EDITS) {
            const text = read(copy, file);
            assert.ok(text.includes(from), `${file} has no ${from}`);
            writeFileSync(
                join(copy, file),
                text.replace(from, () => to),
            );
        }
        node("--import=tsx", "components/settings/generate.ts");
    });
    after(() => {
        rmSync(copy, { recursive: true });
    });

    it("touches its entry in the table, what it is for, and documents that are generated", () => {
        const touched = [...COPIED, ...GENERATED].flatMap((path) =>
            filesIn(path).filter((file) => read(copy, file) !== read(ROOT, file)),
        );
        assert.deepEqual(touched, [
            "components/postgresql/accessRules.ts",
            "components/publication/publication.ts",
            "components/settings/table/database.ts",
            ...GENERATED,
        ]);
    });

    it("compiles, is checked, used, described, told and documented by that", () => {
        writeFileSync(join(copy, "check.ts"), CHECK);
        const project = { extends: "./tsconfig.json", include: [], files: ["check.ts"] };
        writeFileSync(join(copy, "tsconfig.check.json"), JSON.stringify(project));
        node(join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.check.json");
        const { hba, settings, told, wrong, misspelt } = v.parse(
            checked,
            JSON.parse(node("--import=tsx", "check.ts")),
        );
        assert.match(hba, /^host +all +all +10\.0\.0\.0\/8 scram-sha-256$/m);
        assert.deepEqual(settings, { clients: "10.0.0.0/8" });
        assert.equal(told[0], "pgbackrest:clients is 10.0.0.0/8 instead of all: a change restarts nothing.");
        assert.match(wrong, /pgbackrest:clients: "everybody": a network such as 10\.0\.0\.0\/8, or all$/);
        assert.match(misspelt, /pgbackrest:client: no such setting; did you mean clients\?/);
        assert.match(
            read(copy, "Pulumi.yaml"),
            /pgbackrest:clients:\n +type: string\n +description: Network from which applications may connect\. A change restarts nothing\.\n +default: all\n/,
        );
        assert.match(read(copy, "docs/settings.md"), /\| `pgbackrest:clients` +\| a network such as/);
    });
});

function filesIn(path: string): string[] {
    if (!statSync(join(ROOT, path)).isDirectory()) return [path];
    return readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
        .map((file) => join(path, file))
        .filter((file) => statSync(join(ROOT, file)).isFile())
        .sort();
}
