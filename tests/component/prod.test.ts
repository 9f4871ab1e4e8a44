import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { renderFiles } from "../../components/publication/publication";
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
        // What is nothing but a name for the lines below it needs no reason of its own.
        const lines = FILE.split("\n").filter((line) => line.trim() !== "");
        const isSetting = (line: string): boolean => /^ +(?:- )?"?[\w:-]+"?: *[^ #]/.test(line);
        const isComment = (line: string): boolean => line.trimStart().startsWith("#");
        const settings = lines.filter(isSetting);
        assert.ok(settings.length > 25, String(settings.length));
        const silent = lines.filter((line, index) => {
            // One reason may be that of several lines, or of all below a name.
            const earlier = lines.slice(0, index);
            const before = earlier.findLast((one) => !isSetting(one)) ?? "";
            const name = earlier.indexOf(before);
            return isSetting(line) && !isComment(before) && !isComment(lines[name - 1] ?? "");
        });
        assert.deepEqual(silent, []);
    });

    it("is what its words promise", () => {
        const settings = settingsOf(prod());
        const { options } = renderFiles(
            settings,
            { file: TEMPLATE, text: readFileSync(join(ROOT, TEMPLATE), "utf8") },
            "prod",
        );
        const values = Object.fromEntries(options.map(({ option, value }) => [option.name, value]));
        for (const [name, value] of [
            ["compress-type", "zst"],
            ["compress-level", "1"],
            ["repo1-bundle", "y"],
            ["repo1-block", "y"],
            ["archive-async", "y"],
        ] as const)
            assert.equal(values[name], value, name);
        assert.match(values["archive-push-queue-max"] ?? "", /^\d+GiB$/);
        assert.equal(settings.postgresql["archive_timeout"], "60");
        for (const kind of ["full", "diff", "verify"] as const) assert.ok(settings.schedules[kind], kind);
        const [repository] = settings.repositories;
        assert.ok(repository?.type === "s3" && typeof repository.bucket === "object");
        assert.deepEqual(repository.bucket.lock, { mode: "governance", days: 30 });
        assert.ok(settings.memory > 1024 && settings.backupMemory > 512 && settings.protect);
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
                    /-(postgres-data|pgbackrest-repo)$/.test(name),
            );
            assert.equal(kept.length, 14);
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
