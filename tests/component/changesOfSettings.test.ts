import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { configKeys } from "../../components/settings/schema";
import { told } from "../support/told";
import { deployed, environment, POSIX, type Recording, ROOT } from "../support/mocks";
import { SAMPLES, SECRET } from "../support/samples";

/** What a container is made with; its memory is changed while it runs. */
function madeWith(stack: Recording, part: string): unknown {
    const { memory, memorySwap, ...inputs } = stack.get(`Container salespider-${part}`).inputs;
    assert.ok(memory !== undefined && memorySwap !== undefined);
    return { ...inputs, image: stack.get("RemoteImage salespider-image").inputs["name"] };
}

function differ(before: Recording, after: Recording, part: string): boolean {
    try {
        assert.deepEqual(madeWith(after, part), madeWith(before, part));
        return false;
    } catch {
        return true;
    }
}

/** What decides whether setup runs: its content, or what is mounted. */
function inputOf(stack: Recording, what: string): string {
    return what === "mounts"
        ? JSON.stringify(stack.get("Container salespider-setup").inputs["mounts"])
        : (environment(stack, "setup").find((entry) => entry.startsWith(`${what}=`)) ?? "");
}

function applyOf(stack: Recording, what: string): string {
    return environment(stack, "apply")
        .filter((entry) => entry.includes(what))
        .join();
}

function toldToRunAgain(before: Record<string, unknown>, after: Record<string, unknown>): unknown {
    const lines = told([before], [after]).join("\n");
    return {
        setup: lines.includes("salespider-setup and salespider-apply run again"),
        apply: /salespider-apply runs? again/.test(lines),
    };
}

/** The project with a template for that stanza. */
function projectOf(stanza: string): string {
    const directory = mkdtempSync(join(tmpdir(), "stanza-"));
    cpSync(join(ROOT, "config"), join(directory, "config"), { recursive: true });
    symlinkSync(join(ROOT, "image"), join(directory, "image"));
    const template = join(directory, "config/pgbackrest/pgbackrest.conf");
    writeFileSync(template, readFileSync(template, "utf8").replace("[main]", `[${stanza}]`));
    return directory;
}

/** Many have the same one. */
const unchanged = new Map<string, Promise<Recording>>();

function deployedBefore(settings: Record<string, unknown>): Promise<Recording> {
    const key = JSON.stringify(settings);
    const known = unchanged.get(key) ?? deployed(settings, { secret: SECRET });
    unchanged.set(key, known);
    return known;
}

/** By what a change does. */
const REPLACED = new Map<string, readonly string[]>([
    ["restart", ["postgres"]],
    ["backup", ["backup"]],
    ["both", ["postgres", "backup"]],
    ["mounts", ["postgres", "backup"]],
]);

describe("a change of a setting", () => {
    for (const { name, change } of configKeys.filter(
        (key) => !["database", "refused"].includes(key.change),
    )) {
        const expected = REPLACED.get(change) ?? [];
        it(`of ${name} replaces ${expected.join(" and ") || "nothing"}, as the table of settings says, and tells what runs again`, async () => {
            const [before, after] = Object.entries(SAMPLES).find(([key]) => key === name)?.[1] ?? [];
            assert.ok(before !== undefined && after !== undefined);
            const directory = projectOf(typeof after["stanza"] === "string" ? after["stanza"] : "main");
            try {
                const old = await deployedBefore(before);
                const wanted = await deployed(after, { secret: SECRET, directory });
                assert.deepEqual(
                    ["postgres", "backup"].filter((part) => differ(old, wanted, part)),
                    expected,
                );
                // An image is in the description by what is in it.
                if (name === "image" || name === "release") return;
                const setup = ["REVISION", "mounts"].some(
                    (what) => inputOf(old, what) !== inputOf(wanted, what),
                );
                // The password that is generated here is always the same.
                const apply =
                    name === "passwordGeneration" ||
                    ["DATABASE", "ROLE", "VERIFIER", "WAIT"].some(
                        (what) => applyOf(old, what) !== applyOf(wanted, what),
                    );
                assert.deepEqual(toldToRunAgain(before, after), {
                    setup,
                    apply: setup || apply || expected.length > 0,
                });
            } finally {
                rmSync(directory, { recursive: true });
            }
        });
    }

    it("of PostgreSQL's settings replaces its container only where PostgreSQL reads them at its start", async () => {
        const before = await deployed(POSIX);
        const after = await deployed({ ...POSIX, settings: { max_connections: 50 } });
        assert.deepEqual([differ(before, after, "postgres"), differ(before, after, "backup")], [true, false]);
    });

    it("of the repositories replaces no container where what is mounted stays", async () => {
        const s3 = {
            name: "offsite",
            type: "s3",
            bucket: "backups",
            endpoint: "s3.example.com",
            region: "x",
            keyType: "auto",
        };
        const before = await deployed(POSIX);
        const after = await deployed({ repositories: [s3] });
        assert.deepEqual(
            [differ(before, after, "postgres"), differ(before, after, "backup")],
            [false, false],
        );
    });
});
