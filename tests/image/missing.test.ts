import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { edited } from "../support/inputs";
import { docker, eventually } from "../support/docker";

/** Two segments. */
const SHORT_QUEUE = edited("pgbackrest.conf", "queue-max=4GiB", "queue-max=32MiB");

describe("what a repository should have and has not", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    const says = (text: RegExp) =>
        eventually(`health says ${String(text)}`, async () => text.test(await health()));
    const types = async () => {
        const { stdout } = await containers.exec("backup", "pgbackrest", "--stanza=main", "info");
        return Array.from(stdout.matchAll(/(full|diff|incr) backup: /g), ([, kind]) => kind);
    };
    /** Gives the last. */
    const writeSegments = async (count: number) => {
        const one =
            "select pg_walfile_name(pg_switch_wal()) from pg_logical_emit_message(false, 'test', 'x')";
        const names = await containers.query(Array.from({ length: count }, () => one).join(";"));
        return names.split("\n").at(-1) ?? "";
    };
    const lastArchived = () =>
        containers.query("select coalesce(last_archived_wal, '') from pg_stat_archiver");

    const acknowledge = (...args: string[]) => containers.exec("backup", "acknowledge-loss.sh", ...args);

    before(async () => {
        containers = await Containers.create();
        const setup = await containers.setup({ files: SHORT_QUEUE });
        assert.ok(setup.ok, setup.output);
        await containers.postgres();
        await containers.backup(["LOOK_EVERY=5"]);
        const apply = await containers.apply();
        assert.ok(apply.ok, apply.output);
    });
    after(() => containers.remove());

    it("WAL that the queue limit drops makes health red, until a backup that is taken at once", async () => {
        await containers.shell("mv /var/lib/pgbackrest/archive /var/lib/pgbackrest/away");
        const before = await lastArchived();
        await writeSegments(6);
        await eventually("WAL was dropped", async () => (await lastArchived()) > before);
        // Red as long as a small backup takes: asked for inside, without a pause between two processes of the engine.
        const isRed =
            "WAL segments? .*missing in the repository: nothing that was written after .* can be restored";
        const red = containers.exec(
            "backup",
            "timeout",
            "200",
            "bash",
            "-c",
            `until healthcheck-pgbackrest.sh | grep -E "${isRed}"; do sleep 0.1; done`,
        );
        await containers.shell("mv /var/lib/pgbackrest/away /var/lib/pgbackrest/archive");
        await writeSegments(1);
        assert.ok((await red).ok, "health was never red");
        await says(/^protected, .*; no moment from .* UTC can be restored: .* missing/);
        assert.deepEqual(await types(), ["full", "diff"]);
        assert.match(await containers.logs("backup"), /ERROR: .*WAL segments? .* missing in the repository/);
    });

    it("WAL that vanishes later, too", async () => {
        const gone = await writeSegments(2);
        await eventually("it has arrived", async () => (await lastArchived()) >= gone);
        await containers.shell(`rm /var/lib/pgbackrest/archive/main/17-1/*/${gone}-*`);
        await eventually("another backup", async () => (await types()).length === 3);
        await says(/^protected, .*no moment from .*; no moment from/);
    });

    it("a backup whose directory is gone makes health red, and a full backup follows", async () => {
        // Expire would find it first, and take it off the list.
        await eventually("expire has run", async () => {
            const newest = await containers.shell("readlink /var/lib/pgbackrest/backup/main/latest");
            return (await containers.memory())?.expired === newest.stdout.trim();
        });
        const lost = (await containers.shell("cd /var/lib/pgbackrest/backup/main && ls -d *F")).stdout.trim();
        await containers.shell(`rm -r /var/lib/pgbackrest/backup/main/${lost}*`);
        await containers.logged(
            "backup",
            /in the repository's list, but (its directory is|their directories are) gone/,
        );
        await eventually("a full backup", async () => (await types()).join() === "full");
        await says(/everything before .* UTC is gone: of the backups that the repository had none is left/);
        assert.match((await acknowledge()).output, /^acknowledged: everything before/);
        await says(/^protected, idle/);
        assert.deepEqual((await acknowledge()).ok, false);
    });

    it("a stanza that is half made is made anew, one of which something is left not before that is given up", async () => {
        await docker(["stop", containers.name("backup")]);
        await containers.shell("cd /var/lib/pgbackrest && rm -r backup/main archive/main/[0-9]*");
        await docker(["start", containers.name("backup")]);
        await says(/^UNHEALTHY: everything before .* UTC is gone: /);
        await eventually("a full backup", async () => (await types()).join() === "full");

        await containers.shell("rm /var/lib/pgbackrest/backup/main/backup.info*");
        await says(
            /^UNHEALTHY: .*backup\.info of the stanza main is missing in the repository, where there is 1 backup and .*WAL/,
        );
        const kept = await acknowledge();
        assert.ok(!kept.ok);
        assert.match(kept.output, /^Nothing is deleted without --delete: backup\.info/);
        const deleted = await acknowledge("--delete");
        assert.ok(deleted.ok, deleted.output);
        assert.match(deleted.output, /acknowledged: backup\.info/);
        await says(/^protected, idle/);
        assert.equal((await types()).join(), "full");
    });

    it("a backup on a timeline on which none has begun follows at once; WAL that is missing there before it is told", async () => {
        await docker(["stop", containers.name("backup"), containers.name("postgres")]);
        await containers.shell("touch /var/lib/postgresql/data/recovery.signal");
        await containers.postgres(["-c", "restore_command=pgbackrest --stanza=main archive-get %f %p"]);
        await containers.ready();
        await eventually("another timeline", async () =>
            (
                await containers.query(
                    "select case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_lsn()) end",
                )
            ).startsWith("00000002"),
        );
        const gone = await writeSegments(2);
        await eventually("it has arrived", async () => (await lastArchived()) >= gone);
        await containers.shell(`rm /var/lib/pgbackrest/archive/main/17-1/*/${gone}-*`);
        await docker(["start", containers.name("backup")]);
        await containers.logged("backup", /no backup has begun on timeline 2 yet: one follows/);
        await eventually("a backup", async () => (await types()).join() === "full,diff");
        await says(new RegExp(`^protected, .*the WAL segment ${gone} is missing`));
    });
});
