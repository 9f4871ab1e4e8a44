import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { renderFiles } from "../../components/files";
import { deployed, modes, ROOT } from "../support/mocks";
import { settingsOf } from "../support/settings";

const FILE = readFileSync(join(ROOT, "Pulumi.prod.yaml"), "utf8");
const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

function prod(): Record<string, unknown> {
    const stack: unknown = parse(FILE);
    assert.ok(typeof stack === "object" && stack !== null && "config" in stack);
    const { config } = stack;
    assert.ok(typeof config === "object" && config !== null);
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("pgbackrest:", ""), value]),
    );
}

describe("the prod stack", () => {
    it("explains each of its settings", () => {
        const lines = FILE.split("\n");
        const silent = lines.filter((line, index) => {
            const setting = /^ {2}pgbackrest:\w+:/.test(line);
            const before =
                lines.slice(0, index).findLast((earlier) => !/^ {2}pgbackrest:\w+: \S/.test(earlier)) ?? "";
            return setting && !before.trimStart().startsWith("#");
        });
        assert.deepEqual(silent, []);
    });

    it("has nothing that the program warns of", () => {
        const text = readFileSync(join(ROOT, TEMPLATE), "utf8");
        assert.deepEqual(renderFiles(settingsOf(prod()), { file: TEMPLATE, text }, "prod").warnings, []);
    });

    for (const mode of modes)
        it(`protects and keeps all that holds data or leads to it, ${mode}`, async () => {
            const stack = await deployed(prod(), { mode });
            const parents = ["S3Repository salespider-offsite"];
            const kept = stack.registrations.filter(
                ({ parent, name }) =>
                    // A key rotates, so it must be free to go; the next `up` makes another for the protected user.
                    (parents.includes(parent) && !name.endsWith("-offsite-key")) ||
                    /-(postgres-data|pgbackrest-repo|passphrase)$/.test(name),
            );
            assert.equal(kept.length, 15);
            for (const { name, protect, retainOnDelete } of kept)
                assert.deepEqual([name, protect, retainOnDelete], [name, true, true]);
        });

    it("makes a bucket with versions, a lock, a key of KMS and a lifecycle", async () => {
        const stack = await deployed(prod());
        for (const name of [
            "BucketVersioning salespider-offsite-versioning",
            "BucketObjectLockConfiguration salespider-offsite-lock",
            "Key salespider-offsite-kms",
            "BucketLifecycleConfiguration salespider-offsite-lifecycle",
        ])
            assert.ok(stack.names.includes(name), name);
    });
});
