import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { checkOptions } from "../../components/pgbackrest/additions";
import { compressionMemory } from "../../components/pgbackrest/memory";
import { effectiveOptions } from "../../components/pgbackrest/render";
import { parseTemplate } from "../../components/pgbackrest/template";
import { warnings } from "../../components/publication/warnings";
import { settingsOf } from "../support/settings";

const template = parseTemplate(readFileSync("config/pgbackrest/pgbackrest.conf", "utf8"), "t.conf");
const repositories = [{ name: "local", type: "posix" }];
const warn = (raw: Record<string, unknown>, base = template): string => {
    const settings = settingsOf({ repositories, ...raw });
    return warnings(
        settings,
        effectiveOptions(base, settings.options, [{ number: 1, name: "local", own: [] }]),
        base.file,
    ).join("\n");
};

describe("warnings", () => {
    it("are none for the defaults", () => {
        assert.equal(warn({}), "");
    });

    for (const [name, raw, expected] of [
        ["no repository", { repositories: [] }, /^pgbackrest:repositories: there is no repository/],
        [
            "more processes than CPUs of the backup",
            { backupCpus: 1 },
            /^t\.conf:\d+: process-max=2 .*backupCpus/,
        ],
        [
            "more processes than CPUs of PostgreSQL",
            { options: { "global:archive-push": { "process-max": 8 } } },
            /^pgbackrest:options\.global:archive-push\.process-max: .*pgbackrest:cpus/,
        ],
        [
            "parallel queries for which there is no room",
            { settings: { work_mem: "64MB" } },
            /^pgbackrest:settings\.work_mem: one parallel join may take 384 MiB .*pgbackrest:shm is 256 MiB/,
        ],
        [
            "an option without what it needs",
            { options: { global: { "repo1-block": true } } },
            /repo1-block has no effect without repo1-bundle=y/,
        ],
        [
            "an option of a command without what it needs there",
            { options: { "global:backup": { "repo1-block": true } } },
            /repo1-block has no effect without repo1-bundle=y/,
        ],
        [
            "a level that the backup's memory does not allow",
            { backupMemory: 128, options: { global: { "compress-type": "zst", "compress-level": 22 } } },
            /^pgbackrest:options\.global\.compress-level: backup with compress-type=zst, compress-level=22 and process-max=2 needs up to 1600 MiB, more than pgbackrest:backupMemory \(128 MiB\)/,
        ],
        [
            "a level that takes PostgreSQL's memory",
            {
                options: {
                    "global:archive-push": { "compress-type": "zst", "compress-level": 21, "process-max": 1 },
                },
                memory: 700,
            },
            /^pgbackrest:options\.global:archive-push\.compress-level: archive-push .* needs up to 430 MiB, more than half of pgbackrest:memory \(700 MiB\)/,
        ],
        ["no expiry", { options: { global: { "expire-auto": false } } }, /nothing is expired/],
        [
            "large buffers",
            { settings: { shared_buffers: "800MB" } },
            /^pgbackrest:settings\.shared_buffers: 800MB is more than half/,
        ],
    ] as const)
        it(`tell of ${name}`, () => {
            assert.match(warn(raw), expected);
        });

    it("tell nothing of parallel queries that find room, or that there are not", () => {
        assert.equal(warn({ settings: { work_mem: "64MB" }, shm: 384 }), "");
        assert.equal(warn({ settings: { work_mem: "64MB", max_parallel_workers_per_gather: 0 } }), "");
        assert.equal(
            warn({ settings: { work_mem: "64MB", hash_mem_multiplier: 1, max_parallel_workers: 1 } }),
            "",
        );
    });

    it("tell of no level that there is memory for", () => {
        const zst = (level: number) => ({
            options: { global: { "compress-type": "zst", "compress-level": level } },
        });
        assert.equal(warn(zst(1)), "");
        assert.equal(warn(zst(19)), "");
        assert.equal(warn({ ...zst(22), backupMemory: 1600, memory: 4096 }), "");
        assert.equal(warn({ ...zst(1), backupMemory: 128 }), "");
    });

    it("tell of more memory the more processes and the higher levels there are", () => {
        const needed = (level: number, processes: number) => {
            const options = { "compress-type": "zst", "compress-level": level, "process-max": processes };
            const { added } = checkOptions({ global: options }, "main");
            return compressionMemory(added, "backup");
        };
        const level = fc.integer({ min: -7, max: 21 });
        fc.assert(
            fc.property(level, fc.integer({ min: 1, max: 100 }), (l, p) => {
                assert.ok(needed(l, p) <= needed(l + 1, p) && needed(l, p) < needed(l, p + 1));
            }),
        );
    });

    it("tell of an option that the stanza's own section overrules", () => {
        const text = readFileSync("config/pgbackrest/pgbackrest.conf", "utf8").replace(
            "[main]",
            "[main]\nstart-fast=n",
        );
        const warning = warn({ options: { global: { "start-fast": true } } }, parseTemplate(text, "t.conf"));
        assert.match(
            warning,
            /^pgbackrest:options\.global\.start-fast: has no effect, because \[main\] sets/,
        );
    });

    it("tell nothing when both are set", () => {
        assert.equal(warn({ options: { global: { "repo1-block": true, "repo1-bundle": true } } }), "");
    });
    it("tell nothing of an option for all commands when one of them has what it needs", () => {
        const options = { global: { "repo1-block": true }, "global:backup": { "repo1-bundle": true } };
        assert.equal(warn({ options }), "");
    });

    it("tell of a repository that grows for ever", () => {
        const text = readFileSync("config/pgbackrest/pgbackrest.conf", "utf8").replace(
            /^repo1-retention-full.*$/m,
            "",
        );
        assert.match(warn({}, parseTemplate(text, "t.conf")), /^t\.conf: repo1-retention-full is not set/);
    });
});
