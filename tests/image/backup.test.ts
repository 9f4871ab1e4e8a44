import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { FILES, POSIX, edited, extended, type Files } from "../support/inputs";
import { docker, eventually, mustDocker } from "../support/docker";

const SECOND = { ...POSIX, PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/second" };
/** Slow in its backups alone: WAL that is compressed like that is minutes late on a machine that has much else to do. */
const SLOW: Files = extended("pgbackrest.conf", "[global:backup]\ncompress-type=zst\ncompress-level=22");

describe("backup", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const activity = async () => (await containers.state())?.activity ?? "";
    const health = () => containers.exec("backup", "healthcheck-pgbackrest.sh");
    const healthy = () => eventually("it is healthy", async () => (await health()).ok);
    const unhealthy = (text: RegExp) =>
        eventually(`health says ${String(text)}`, async () => text.test((await health()).output));
    const backups = async () => {
        const { stdout } = await containers.exec("backup", "pgbackrest", "--stanza=main", "info");
        return Array.from(stdout.matchAll(/(full|diff|incr) backup: /g), ([, kind]) => kind);
    };
    const idle = () => eventually("the service is idle", async () => (await activity()).startsWith("idle"));
    const apply = async (environment: Record<string, string> = {}) => {
        const { ok, output } = await containers.apply(environment);
        assert.ok(ok, output);
        return output;
    };
    const publish = async (...args: Parameters<Containers["setup"]>) => {
        const { ok, output } = await containers.setup(...args);
        assert.ok(ok, output);
        return output;
    };
    /** It ends by itself and at once: far sooner than the file that a worker is at, or the minute that it has. */
    const stopCleanly = async () => {
        const begun = Date.now();
        await docker(["stop", "--time", "60", containers.name("backup")]);
        assert.ok(Date.now() - begun < 30_000);
        assert.equal(
            await mustDocker(["inspect", "--format", "{{.State.ExitCode}}", containers.name("backup")]),
            "0",
        );
    };
    /** Between the new plan and the end of the run that made it necessary there is a moment. */
    const withoutError = () =>
        eventually("there is no error any more", async () => (await containers.state())?.error === "");
    /** Cron fields of the minute that has just begun, which the newest backup of that kind is older than: a missed run. */
    const justMissed = async (kind: "full" | "diff") => {
        const newest = ((await containers.memory())?.newest[kind] ?? 0) * 1000;
        await eventually("another minute", () =>
            Promise.resolve(new Date().setUTCSeconds(0, 0) > newest + 2000),
        );
        return `${new Date().getUTCMinutes()} ${new Date().getUTCHours()} * * *`;
    };

    before(async () => {
        containers = await Containers.create();
        await publish();
        await containers.backup(["HEALTH_GRACE=0"]);
        await containers.logged("backup", "waiting for PostgreSQL and its role pgbackrest");
        await containers.postgres();
    });
    after(() => containers.remove());

    it("takes the first full backup when there is a database, and a green apply means protected", async () => {
        const output = await apply();
        assert.match(output, /in force, protected/);
        assert.deepEqual(await backups(), ["full"]);
        const memory = await containers.memory();
        assert.equal(memory?.protected, memory?.archiving);
        assert.match(memory?.archiving ?? "", /-abc001$/);
        await idle();
        await healthy();
        await withoutError();
        assert.doesNotMatch(await containers.logs("backup"), /WARN|ERROR/);
    });

    it("health is cheap, and says what comes next", async () => {
        const begun = Date.now();
        const { output } = await health();
        assert.ok(Date.now() - begun < 1500);
        assert.match(
            output,
            /^protected, idle, next \(UTC\): full .* 01:30, diff .* 01:30; the data volume has \S+ free\n$/,
        );
    });

    it("expires and backs up only where a backup that is under way is seen", async () => {
        const typed = (part: string, ...args: readonly string[]) =>
            containers.exec(part, "pgbackrest", "--stanza=main", ...args);
        for (const command of ["backup", "expire", "stanza-delete"]) {
            const { ok, output } = await typed("postgres", command);
            assert.ok(!ok);
            assert.match(
                output,
                /does not run in this container.*docker exec NAME-backup pgbackrest --stanza=main/,
            );
        }
        assert.ok((await typed("postgres", "info")).ok);
        const lock = "/var/lib/pgbackrest-state/lock/main-backup-1.lock";
        const locked = ["flock", lock, "pgbackrest", "--stanza=main", "expire"];
        assert.match((await containers.exec("backup", ...locked)).output, /ERROR: \[050\]/);
        const { ok, output } = await typed("backup", "expire");
        assert.ok(ok, output);
    });

    it("needs no new backup for a changed retention, which is in force without any restart", async () => {
        const started = await containers.query("select pg_postmaster_start_time()");
        await publish({ files: edited("pgbackrest.conf", "retention-full=8", "retention-full=3") });
        await apply();
        assert.deepEqual(await backups(), ["full"]);
        assert.equal(await containers.query("select pg_postmaster_start_time()"), started);
    });

    it("is unhealthy while WAL does not arrive, and healthy again after", async () => {
        await containers.shell(
            "chmod 0500 /var/lib/pgbackrest/archive/main/17-1/*; chmod 0500 /var/lib/pgbackrest/archive/main/17-1",
        );
        await containers.query("create table noise as select 1; select pg_switch_wal()");
        await unhealthy(/WAL does not arrive in the repository since .* with 0000/);
        // Confirmed once is not enough for apply: PostgreSQL may be another one since.
        const red = await containers.apply({ WAIT_TIMEOUT: "40" });
        assert.ok(!red.ok);
        assert.match(red.output, /WAL of this PostgreSQL does not arrive in the repository within 40 s/);
        await containers.shell("chmod -R u+w /var/lib/pgbackrest/archive");
        await containers.query("insert into noise select 1; select pg_switch_wal()");
        await healthy();
    });

    it("comes back after kill -9", async () => {
        await docker(["kill", "--signal", "KILL", containers.name("backup")]);
        await docker(["start", containers.name("backup")]);
        await idle();
        await healthy();
    });

    it("finds damage with verify, and is unhealthy until it is repaired", async () => {
        const file =
            "$(find /var/lib/pgbackrest/backup/main/*F/pg_data/base -size +10k -name '*.lz4' | head -n 1)";
        await docker(["stop", containers.name("backup")]);
        await containers.shell(`f=${file}; cp -p "$f" /var/lib/pgbackrest/saved; echo damage >>"$f"`);
        await containers.changeState(".repositories[].verified = 1");
        await docker(["start", containers.name("backup")]);
        await publish({ files: { ...FILES, schedules: `${FILES.schedules}verify 0 5 * * 1\n` } });
        await unhealthy(/verify found damage in the repository: .*status: error.*checksum invalid: 1/);
        await idle();
        await containers.shell(`f=${file}; mv /var/lib/pgbackrest/saved "$f"`);
        await docker(["restart", containers.name("backup")]);
        await idle();
        await healthy();
        // Each service read the repository once.
        assert.equal((await containers.logs("backup")).match(/backup: verify: running/g)?.length, 2);
    });

    it("reports a run that fails, tries again, and goes on", async () => {
        await containers.shell("chmod 0500 /var/lib/pgbackrest/backup/main");
        await publish({
            files: edited("schedules", "diff 30 1 * * 1-6", `diff ${await justMissed("full")}`),
        });
        await containers.logged(
            "backup",
            /ERROR: diff backup failed: \[\d+\].*Permission denied.* - trying again in 10 s/,
        );
        await unhealthy(/the diff backup of .* UTC is missing: diff backup failed/);
        assert.match((await containers.state())?.error ?? "", /diff backup failed/);
        await containers.shell("chmod 0750 /var/lib/pgbackrest/backup/main");
        await eventually("the diff backup", async () => (await backups()).includes("diff"));
        await healthy();
        await withoutError();
    });

    it("ends at once when it is told to, and catches up in a new container what was missed meanwhile", async () => {
        const before = await backups();
        const missed = await justMissed("full");
        await stopCleanly();
        // The state is lost too: the times of the backups come from the repository.
        await containers.forgetState();
        await publish({ files: edited("schedules", "full 30 1 * * 0", `full ${missed}`) });
        await containers.backup(["HEALTH_GRACE=0"]);
        await eventually("the full backup", async () => (await backups()).length > before.length);
        await idle();
        assert.deepEqual(await backups(), [...before, "full"]);
    });

    it("does nothing without a repository, says so, and is protected again when there is one", async () => {
        const before = await backups();
        await publish({ environment: { PGBACKREST_REPO1_TYPE: "none" } });
        assert.match(await apply(), /There is no repository: nothing is protected/);
        await eventually(
            "it knows",
            async () => (await activity()) === "no repository: nothing is protected",
        );
        assert.equal((await health()).output, "no repository: not protected\n");
        await publish();
        assert.match(await apply(), /in force, protected/);
        await idle();
        await healthy();
        assert.deepEqual(await backups(), [...before, "full"]);
    });

    it("begins anew with another stanza, and again on the way back: WAL went elsewhere meanwhile", async () => {
        const before = await backups();
        const environment = { ...POSIX, STANZA: "second" };
        await publish({ files: edited("pgbackrest.conf", "[main]", "[second]"), environment });
        assert.match(await apply(), /in force, protected/);
        const { stdout } = await containers.exec("backup", "pgbackrest", "--stanza=second", "info");
        assert.match(stdout, /full backup: /);
        await publish();
        assert.match(await apply(), /in force, protected/);
        assert.deepEqual(await backups(), [...before, "full"]);
    });

    it("leaves pgbackrest as people type it the configuration that it began with", async () => {
        const held = (await containers.exec("backup", "readlink", "/etc/pgbackrest/current")).stdout.trim();
        // It writes more than fits into a pipe that nobody reads for a while.
        await containers.shell("truncate --size 1M /var/lib/pgbackrest/held-by-hand");
        const typed = containers.exec(
            "backup",
            ...[
                "sh",
                "-euc",
                "pgbackrest --stanza=main repo-get held-by-hand | { until [ -e /tmp/read ]; do sleep 0.2; done; cat; } >/dev/null",
            ],
        );
        await eventually("it is at work", async () =>
            (
                await containers.exec("backup", "sh", "-c", "grep -lzx repo-get /proc/[0-9]*/cmdline")
            ).stdout.includes("/cmdline"),
        );
        const output = await publish({ files: edited("pgbackrest.conf", "process-max=2", "process-max=1") });
        assert.ok(
            output.includes(`still in use, so removed later: ${held.replace("revisions/", "")}`),
            output,
        );
        await containers.exec("backup", "touch", "/tmp/read");
        const { ok, output: said } = await typed;
        assert.ok(ok, said);
        await containers.shell("rm /var/lib/pgbackrest/held-by-hand");
        // Other commands, with and without a configuration of their own.
        for (const command of [["version"], ["--config-path=/etc/pgbackrest", "info"], ["help", "backup"]])
            assert.ok((await containers.exec("backup", "pgbackrest", ...command)).ok, command.join(" "));
    });

    it("notices that the repository is gone although nothing is written, and protects the database anew", async () => {
        await containers.backup(["HEALTH_GRACE=0", "LOOK_EVERY=2"]);
        await idle();
        // An archiver at work would make a new archive, without what tells whose it is.
        const last = await containers.query("checkpoint; select pg_walfile_name(pg_switch_wal())");
        await eventually(
            "all WAL has arrived",
            async () => (await containers.query("select last_archived_wal from pg_stat_archiver")) >= last,
        );
        await containers.shell("rm -rf /var/lib/pgbackrest/archive /var/lib/pgbackrest/backup");
        await containers.logged(
            "backup",
            /ERROR: the repository cannot be read: .*(missing stanza|unable to load info file)/s,
        );
        await eventually("a full backup", async () => (await backups()).length > 0);
        await idle();
        await unhealthy(/everything before .* UTC is gone/);
        assert.ok((await containers.exec("backup", "acknowledge-loss.sh")).ok);
        await healthy();
        assert.deepEqual(await backups(), ["full"]);
    });

    describe("with a backup that takes long", () => {
        const running = () =>
            eventually(
                "the full backup runs",
                async () => (await activity()).includes("backup: running") && (await isCopying()),
            );
        const isCopying = async () =>
            (await containers.exec("backup", "ls", "/var/lib/pgbackrest/second/backup/main")).stdout.includes(
                "F",
            );

        before(async () => {
            await containers.query(
                "create table large as select string_agg(md5(random()::text), '') as t from generate_series(1, 1500000) as i group by i / 40",
            );
        });

        it("lets it finish through other changes, ends it on SIGTERM at once, and starts it again", async () => {
            await publish({ files: SLOW, environment: SECOND });
            const revision = (
                await containers.exec("backup", "readlink", "/etc/pgbackrest/current")
            ).stdout.trim();
            assert.match(await apply({ WAIT_FOR: "archiving" }), /in force, archiving/);
            await running();
            const changed = SLOW["pgbackrest.conf"]?.replace("retention-full=8", "retention-full=4") ?? "";
            const output = await publish({
                files: { ...SLOW, "pgbackrest.conf": changed },
                environment: SECOND,
            });
            assert.ok(
                output.includes(`still in use, so removed later: ${revision.replace("revisions/", "")}`),
                output,
            );
            await running();
            assert.doesNotMatch(await containers.logs("backup"), /stopping the running/);
            await stopCleanly();
            assert.match(await containers.logs("backup"), /^terminated on signal SIGTERM$/m);
            await docker(["start", containers.name("backup")]);
            await running();
        });

        it("stops it when the repository is replaced, says so, and protects the new one", async () => {
            await publish();
            // PostgreSQL may be asking the old repository for one more segment: pgBackRest's archive-timeout, a minute.
            assert.match(await apply({ WAIT_TIMEOUT: "180" }), /in force, protected/);
            assert.match(
                await containers.logs("backup"),
                /the repository or the stanza was changed: stopping the running full backup/,
            );
            await idle();
            await healthy();
        });
    });
});
