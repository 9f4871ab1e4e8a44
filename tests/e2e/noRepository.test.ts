import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import { Load } from "./load";
import { secondStackUp, type SecondStack } from "./secondStack";

const POSIX = [{ name: "local", type: "posix" }];

describe("a change to no repository and back", function () {
    this.timeout(240_000);
    let second: SecondStack;
    let services: readonly string[];
    let started: string;
    let backups: readonly string[];
    let load: Load;
    before(async () => {
        second = await secondStackUp();
        const { running } = second;
        services = await running.services();
        started = await running.startTime();
        backups = await running.fullBackups();
        load = await Load.start(running, String((await second.stack.outputs())["connection"]));
    });

    async function nothingRestarted(): Promise<void> {
        assert.deepEqual(await second.running.services(), services);
        assert.equal(await second.running.startTime(), started);
    }

    it("stops archiving without a restart, and says that nothing is protected", async () => {
        const { stack, running } = second;
        stack.configure({ repositories: [{ name: "nothing", type: "none" }] });
        const up = await load.during("no repository", () => stack.up());
        assert.ok(up.ok, up.output);
        await nothingRestarted();
        assert.deepEqual((await stack.outputs())["repositories"], []);
        assert.match(await running.logs("apply"), /There is no repository: nothing is protected/);
        await eventually("the backup service says so", async () =>
            (await running.logs("backup")).includes("no repository: nothing is protected"),
        );
        const health = await running.healthCheck();
        assert.ok(health.ok);
        assert.match(health.output, /not protected/);
        assert.equal(
            await running.mustExec("postgres", "ls", "/etc/pgbackrest/current/none"),
            "/etc/pgbackrest/current/none",
        );
        assert.doesNotMatch(await running.configuration("backup", "conf.d/repo.conf"), /^[^#\n]/m);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("lets WAL go meanwhile, so that the disk does not fill", async () => {
        const { running } = second;
        const failures = await running.sql("select failed_count from pg_stat_archiver");
        const segment = await running.switchWal();
        await eventually(
            `${segment} is let go`,
            async () => (await running.sql("select last_archived_wal from pg_stat_archiver")) >= segment,
        );
        assert.equal(await running.sql("select failed_count from pg_stat_archiver"), failures);
    });

    it("keeps the old backups, and takes a new one when the repository is back: the old ones end at the gap", async () => {
        const { stack, running } = second;
        stack.configure({ repositories: POSIX });
        const up = await load.during("a repository again", () => stack.up());
        assert.ok(up.ok, up.output);
        await load.close();
        await nothingRestarted();
        const now = await running.fullBackups();
        assert.deepEqual(now.slice(0, -1), backups);
        assert.deepEqual((await stack.outputs())["repositories"], [
            { ...POSIX[0], location: `volume ${stack.name}-pgbackrest-repo` },
        ]);
        await running.segmentArrives(await running.switchWal());
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("leaves backups that a verify finds whole", async () => {
        const verify = await docker([
            "exec",
            second.running.name("backup"),
            "pgbackrest",
            "--stanza=main",
            "--output=text",
            "--verbose",
            "--log-level-console=off",
            "verify",
        ]);
        assert.match(verify.output, /status: ok/);
    });
});
