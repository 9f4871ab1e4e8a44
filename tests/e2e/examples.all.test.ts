import assert from "node:assert/strict";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { root } from "../../toolchain/paths";
import { Running } from "./running";
import { TestStack } from "../support/stack";

const Example = v.object({
    config: v.objectWithRest(
        {
            ...{ "pgbackrest:name": v.string(), "pgbackrest:port": v.number() },
            "pgbackrest:repositories": v.tuple([v.looseObject({ hostPath: v.string() })]),
        },
        v.unknown(),
    ),
});
/** Of the containers. */
const UID = 999;

/** What tests/component/examples.test.ts says of all, one of them does. */
describe("the example one-host.yaml", function () {
    this.timeout("5m");
    const backups = mkdtempSync(join(tmpdir(), "pgbt-backups-"));
    let stack: TestStack;
    let running: Running;

    before(async () => {
        chownSync(backups, UID, UID);
        const text = readFileSync(join(root, "examples/one-host.yaml"), "utf8");
        const { config } = v.parse(Example, parse(text));
        const [repository] = config["pgbackrest:repositories"];
        const raw = Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.replace("pgbackrest:", ""), value]),
        );
        // Not beside others of that name, on a port and in a directory that are free here.
        const here = {
            name: undefined,
            port: undefined,
            repositories: [{ ...repository, hostPath: backups }],
        };
        stack = await TestStack.create(
            Object.fromEntries(
                Object.entries({ ...raw, ...here }).filter(([, value]) => value !== undefined),
            ),
        );
        running = new Running(stack);
    });
    after(async () => {
        await stack.remove();
        rmSync(backups, { recursive: true });
    });

    it("comes up as its first lines say, protected, with its database and role", async () => {
        await stack.mustUp();
        assert.equal((await running.fullBackups()).length, 1);
        const owner =
            "select rolname from pg_roles join pg_database on datdba = pg_roles.oid where datname = 'shop'";
        assert.equal(await running.sql(owner), "shop");
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });
});
