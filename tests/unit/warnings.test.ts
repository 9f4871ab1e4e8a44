import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { parseTemplate } from "../../components/pgbackrest/template";
import { warnings } from "../../components/pgbackrest/warnings";
import { settingsOf } from "../support/settings";

const template = parseTemplate(readFileSync("config/pgbackrest/pgbackrest.conf", "utf8"), "t.conf");
const repositories = [{ name: "local", type: "posix" }];
const warn = (raw: Record<string, unknown>, base = template): string =>
    warnings(settingsOf({ repositories, ...raw }), base).join("\n");

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
            "an option without what it needs",
            { options: { global: { "repo1-block": true } } },
            /repo1-block has no effect without repo1-bundle=y/,
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

    it("tell of a repository that grows for ever", () => {
        const text = readFileSync("config/pgbackrest/pgbackrest.conf", "utf8").replace(
            /^repo1-retention-full.*$/m,
            "",
        );
        assert.match(warn({}, parseTemplate(text, "t.conf")), /^t\.conf: repo1-retention-full is not set/);
    });
});
