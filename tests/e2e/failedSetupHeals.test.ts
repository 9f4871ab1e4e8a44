import assert from "node:assert/strict";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { mainStack, type MainStack } from "./mainStack";

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

describe("a setup container that fails", function () {
    this.timeout(180_000);
    let main: MainStack;
    let settings: unknown;
    let archive: string;
    before(async () => {
        main = await mainStack();
        archive = join(main.repository, "archive");
        settings = main.stack.setting("settings");
    });
    after(async () => {
        chownSync(archive, 999, 999);
        main.stack.configure({ settings });
        await main.stack.mustUp();
    });

    /** What must be as before when setup has failed: the database runs, under the configuration that it had. */
    async function inForce(): Promise<readonly string[]> {
        const { running } = main;
        return [...(await running.services()), await running.revision(), await running.startTime()];
    }

    it("leaves the old configuration and the running database, and up says why it is red", async () => {
        const { stack, running } = main;
        const before = await inForce();
        chownSync(archive, 0, 0);
        stack.edit(TEMPLATE, (text) => text.replace("repo1-retention-diff=14", "repo1-retention-diff=13"));
        const preview = await stack.preview();
        assert.ok(preview.ok, preview.output);

        const up = await stack.up();
        assert.equal(up.ok, false);
        assert.match(up.output, new RegExp(`${stack.name}-setup failed with exit code 1\\.`));
        assert.match(up.output, /the configuration published before stays in force/i);
        assert.match(up.output, /chown -R 999:999/);
        assert.match(up.output, new RegExp(`docker logs ${stack.name}-setup`));
        assert.doesNotMatch(up.output, /^ +at .*:\d+:\d+\)?$/m);
        assert.deepEqual(await inForce(), before);
        assert.match(
            await running.configuration("postgres", "pgbackrest.conf"),
            /^repo1-retention-diff=14$/m,
        );
    });

    it("fails again while the cause is there", async () => {
        const before = await inForce();
        const up = await main.stack.up();
        assert.equal(up.ok, false);
        assert.match(up.output, /chown -R 999:999/);
        assert.deepEqual(await inForce(), before);
    });

    it("is healed by the same up, when nothing but the outside world has changed", async () => {
        const { stack, running } = main;
        const services = await running.services();
        chownSync(archive, 999, 999);
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        for (const role of ["postgres", "backup"] as const)
            assert.match(await running.configuration(role, "pgbackrest.conf"), /^repo1-retention-diff=13$/m);
        assert.deepEqual(await running.services(), services);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("keeps PostgreSQL from a setting with which it would not start, before it is replaced", async () => {
        const { stack } = main;
        const before = await inForce();
        stack.configure({ settings: { shared_preload_libraries: "no_such_library" } });
        const up = await stack.up();
        assert.equal(up.ok, false);
        assert.match(up.output, /shared_preload_libraries names the library no_such_library/);
        assert.deepEqual(await inForce(), before);
    });

    it("is healed by taking the change back", async () => {
        const { stack } = main;
        const before = await inForce();
        stack.configure({ settings });
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        assert.deepEqual((await inForce()).slice(0, 2), before.slice(0, 2));
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        assert.ok((await main.running.healthCheck()).ok);
    });
});
