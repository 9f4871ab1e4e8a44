import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "mocha";
import { summary } from "../../toolchain/summary";

const OUTPUTS = {
    containers: { postgres: "s-postgres", backup: "s-backup", setup: "s-setup", apply: "s-apply" },
    ...{
        network: "s",
        volumes: { data: "s-postgres-data" },
        stanza: "main",
        revision: "1",
        database: "app",
        role: "app",
    },
    ...{
        repositories: [{ name: "local", type: "posix", location: "volume s-pgbackrest-repo" }],
        port: "127.0.0.1:5432",
    },
};

describe("the last screen of npm start", () => {
    const lines = summary(JSON.stringify(OUTPUTS)).split("\n");

    it("fits a terminal, with room for what stands before and behind it", () => {
        assert.ok(lines.length <= 20, String(lines.length));
    });

    it("says how to connect, whether it is protected, and where to read on", () => {
        for (const text of ["psql app", "pgbackrest info", "ops -- status", "stack output connection"])
            assert.ok(lines.join("\n").includes(text), text);
        const pages = [...lines.join("\n").matchAll(/docs\/\S+\.md/g)].map(([page]) => page);
        assert.ok(pages.length >= 2);
        for (const page of pages) assert.ok(existsSync(page), page);
    });

    it("says of a database without a repository that it is not backed up", () => {
        assert.match(summary(JSON.stringify({ ...OUTPUTS, repositories: [] })), /NOT backed up/);
    });
});
