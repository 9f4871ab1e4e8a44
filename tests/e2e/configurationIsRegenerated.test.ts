import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually, mustDocker } from "../support/docker";
import { mainStack, type MainStack } from "./mainStack";

describe("a configuration volume that somebody has emptied", function () {
    this.timeout(120_000);
    let main: MainStack;
    let known: { services: readonly string[]; started: string; revision: string };
    let waiting = "";
    before(async () => {
        main = await mainStack();
        const { stack, running } = main;
        known = {
            services: await running.services(),
            started: await running.startTime(),
            revision: await running.revision(),
        };
        const volume = `${stack.name}-pgbackrest-config:/volume`;
        const image = await running.inspect("postgres", "{{.Config.Image}}");
        await mustDocker([
            "run",
            "--rm",
            "--user",
            "0",
            "--volume",
            volume,
            "--entrypoint",
            "find",
            image,
            "/volume",
            "-mindepth",
            "1",
            "-delete",
        ]);
    });

    it("does not stop the database, which keeps its WAL and says why", async () => {
        const { running } = main;
        waiting = await running.switchWal();
        await eventually("PostgreSQL's log says it", async () =>
            (await running.logs("postgres")).includes("no configuration is published in /etc/pgbackrest"),
        );
        await eventually("the log of the backup service says it", async () =>
            (await running.logs("backup")).includes("waiting for a configuration in /etc/pgbackrest"),
        );
        // It tells what the service has seen, which looks every few seconds.
        await eventually("health says it", async () => {
            const { ok, output } = await running.healthCheck();
            return !ok && output.includes("no configuration is published");
        });
        assert.deepEqual(await running.services(), known.services);
        assert.equal(await running.startTime(), known.started);
    });

    it("is filled again, with the same revision, by starting the setup container", async () => {
        const { stack, running } = main;
        const setup = await docker(["start", "--attach", running.name("setup")]);
        assert.ok(setup.ok, setup.output);
        assert.equal(hashOf(await running.revision()), hashOf(known.revision));
        for (const role of ["postgres", "backup"] as const)
            assert.match(await running.configuration(role, "conf.d/repo.conf"), /^repo1-path=/m);
        await running.segmentArrives(await running.switchWal());
        await running.segmentArrives(waiting);
        await eventually("the backup service is content", async () => (await running.healthCheck()).ok);
        assert.deepEqual(await running.services(), known.services);
        assert.equal(await running.startTime(), known.started);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("is the same again after one more start of it", async () => {
        const { running } = main;
        const revision = await running.revision();
        const setup = await docker(["start", "--attach", running.name("setup")]);
        assert.ok(setup.ok, setup.output);
        assert.match(setup.output, /is published already: nothing to do/);
        assert.equal(await running.revision(), revision);
    });
});

/** A revision's name is the time of its publication, a dash, and the hash of what is in it. */
function hashOf(revision: string): string {
    return revision.slice(revision.indexOf("-") + 1);
}
