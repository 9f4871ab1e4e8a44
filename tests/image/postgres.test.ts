import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { VERIFIER } from "../support/inputs";
import { docker, eventually, mustDocker } from "../support/docker";

const NONE = { PGBACKREST_REPO1_TYPE: "none" };
const UNFINISHED = "/var/lib/postgresql/data/initdb.unfinished";

describe("postgres", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const started = () => containers.query("select pg_postmaster_start_time()");

    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    it("waits for a configuration, then makes a cluster with checksums and SCRAM, and the superuser local only", async () => {
        await containers.postgres(["-c", "max_connections=37"]);
        await containers.logged(
            "postgres",
            "waiting for a configuration in /etc/pgbackrest: the setup container publishes it",
        );
        assert.ok((await containers.setup({ environment: NONE })).ok);
        await containers.ready();
        const shown = await containers.query(
            `select current_setting('data_checksums'), current_setting('max_connections'), current_setting('password_encryption'),
                current_setting('server_encoding'), datcollate, datlocprovider, current_user from pg_database where datname = 'postgres'`,
        );
        assert.equal(shown, "on|37|scram-sha-256|UTF8|C.UTF-8|b|postgres");
        // Restored elsewhere, the data are started without this command line, and recovery wants as much.
        const elsewhere = ["postgres", "-D", "/var/lib/postgresql/data", "-C", "max_connections"];
        assert.equal((await containers.exec("postgres", ...elsewhere)).stdout, "37\n");
        const superuser = await containers.exec(
            "postgres",
            "psql",
            "-w",
            "-h",
            "127.0.0.1",
            "-c",
            "select 1",
        );
        assert.match(superuser.output, /pg_hba.conf rejects connection/);
        await containers.query(`create role somebody login password '${VERIFIER}'`);
        const login = (password: string) =>
            containers.exec(
                "postgres",
                "psql",
                "-XAtc",
                "select 1",
                `postgresql://somebody:${password}@127.0.0.1/postgres`,
            );
        assert.equal((await login("secret")).stdout, "1\n");
        assert.match((await login("wrong")).output, /password authentication failed/);
    });

    it("without a repository its archive_command does nothing, at once", async () => {
        await containers.query("select pg_switch_wal()");
        const archived = () =>
            containers.query("select archived_count > 0 and failed_count = 0 from pg_stat_archiver");
        await eventually("WAL is acknowledged", async () => (await archived()) === "t");
        assert.equal((await containers.shell("ls -A /var/lib/pgbackrest")).output, "");
    });

    it("without a configuration the archive_command fails and says why, so no WAL is lost", async () => {
        const { exitCode, output } = await docker([
            "run",
            "--rm",
            containers.image,
            "archive-push-pgbackrest",
            "pg_wal/0",
        ]);
        assert.equal(exitCode, 1);
        assert.match(output, /no configuration is published.*PostgreSQL keeps this WAL segment/);
    });

    it("keeps its data through kill -9, and stops fast and clean", async () => {
        await containers.query("create table kept as select generate_series(1, 1000) as i");
        await docker(["kill", "--signal", "KILL", containers.name("postgres")]);
        await docker(["start", containers.name("postgres")]);
        await containers.ready();
        assert.equal(await containers.query("select count(*) from kept"), "1000");
        const begun = Date.now();
        await docker(["stop", containers.name("postgres")]);
        assert.ok(Date.now() - begun < 10_000);
        assert.match(
            await containers.logs("postgres"),
            /received fast shutdown request[^]*database system is shut down$/m,
        );
        assert.equal(
            await mustDocker(["inspect", "--format", "{{.State.ExitCode}}", containers.name("postgres")]),
            "0",
        );
        await docker(["start", containers.name("postgres")]);
        await containers.ready();
    });

    it("never runs twice on one data volume", async () => {
        const other = await docker([
            ...[
                "run",
                "--rm",
                "--network",
                "none",
                "--tmpfs",
                "/tmp",
                ...containers.mount("data", "/var/lib/postgresql/data"),
            ],
            ...[
                ...containers.mount("config", "/etc/pgbackrest", "ro"),
                containers.image,
                "install-pgbackrest.sh",
            ],
        ]);
        assert.ok(!other.ok);
        assert.match(other.output, /another container runs PostgreSQL on this data volume/);
        assert.equal(await containers.query("select count(*) from kept"), "1000");
    });

    it("is not restarted by an asynchronous archiver that fails, whose exit would be 103", async () => {
        // The stanza does not exist, so each archiver in the background ends with 103 and is reaped by PID 1.
        assert.ok((await containers.setup()).ok);
        const before = await started();
        for (let i = 0; i < 3; i++)
            await containers.query("create table if not exists t(); select pg_switch_wal(); checkpoint");
        await containers.logged("postgres", /archive command failed with exit code 103[^]*exit code 103/);
        await containers.query("select pg_sleep(1)");
        assert.equal(await started(), before);
        assert.doesNotMatch(
            await containers.logs("postgres"),
            /server process \(PID \d+\) exited with exit code 103|crash of another/,
        );
    });

    it("would be without tini: the test above proves something", async () => {
        await containers.postgres([], ["--entrypoint", ""]);
        // The WAL that waits from before is enough, and may bring it down before it answers.
        await containers.logged(
            "postgres",
            /exited with exit code 103\n[^]*terminating any other active server processes/,
        );
    });

    it("loses nothing while the repository cannot be written, and catches up after", async () => {
        await containers.postgres();
        await containers.ready();
        const stanza = await containers.shell(
            "pgbackrest --config-path=/etc/pgbackrest/current --stanza=main --no-online stanza-create; chmod 0500 /var/lib/pgbackrest/archive/main",
        );
        assert.ok(stanza.ok, stanza.output);
        const before = await started();
        const waiting = () =>
            containers.query("select count(*) from pg_ls_archive_statusdir() where name like '%.ready'");
        for (let i = 0; i < 5; i++)
            await containers.query("insert into kept select 1; select pg_switch_wal()");
        await containers.logged("postgres", /Permission denied/);
        assert.ok(Number(await waiting()) >= 5);
        await containers.shell("chmod 0750 /var/lib/pgbackrest/archive/main");
        await containers.query("insert into kept select 1; select pg_switch_wal()");
        await eventually("all WAL has arrived", async () => (await waiting()) === "0", 90);
        assert.equal(await started(), before);
        const last = await containers.query("select last_archived_wal from pg_stat_archiver");
        const { output } = await containers.shell("ls /var/lib/pgbackrest/archive/main/17-1/*");
        assert.ok(output.includes(last), output);
    });
});

describe("the first start of postgres", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const start = async () => {
        await containers.postgres();
        await Promise.race([containers.ready(), docker(["wait", containers.name("postgres")])]);
        return containers.logs("postgres");
    };

    before(async () => {
        containers = await Containers.create();
        await containers.setup({ environment: NONE });
    });
    afterEach(async () => {
        await docker(["rm", "--force", containers.name("postgres")]);
        await containers.shell("rm -rf /var/lib/postgresql/data/*");
    });
    after(() => containers.remove());

    it("begins again after an initdb that was killed", async () => {
        await containers.shell(`mkdir -p ${UNFINISHED}/base; echo 17 >${UNFINISHED}/PG_VERSION`);
        assert.match(await start(), /an earlier initdb was interrupted: starting it again/);
        assert.equal(await containers.query("select 1"), "1");
    });

    it("goes on after it was killed while moving a finished cluster to its place", async () => {
        await containers.shell(
            `cd /var/lib/postgresql/data; initdb -D ${UNFINISHED} -U postgres -A peer --data-checksums >/dev/null
            touch ${UNFINISHED}/complete; mv ${UNFINISHED}/base ${UNFINISHED}/pg_wal .`,
        );
        await start();
        assert.equal(await containers.query("select 1"), "1");
        assert.match((await containers.shell(`ls ${UNFINISHED}`)).output, /No such file/);
    });

    it("refuses a directory that holds something else, and touches nothing", async () => {
        await containers.shell("echo precious >/var/lib/postgresql/data/photo.jpg");
        assert.match(await start(), /has no PG_VERSION but is not empty \(photo.jpg \); nothing was touched/);
        assert.equal((await containers.shell("ls -A /var/lib/postgresql/data")).output, "photo.jpg\n");
    });

    it("refuses a cluster of another major version, and says what to do", async () => {
        await containers.shell("echo 16 >/var/lib/postgresql/data/PG_VERSION");
        assert.match(
            await start(),
            /belongs to PostgreSQL 16, and this image has PostgreSQL 17; nothing was touched.*pg_upgrade/,
        );
    });

    it("refuses a directory of another owner, and says the command", async () => {
        await containers.shell("cd /var/lib/postgresql/data; echo 17 >PG_VERSION; chown 0:0 . *", [
            "--user",
            "0",
        ]);
        assert.match(await start(), /cannot write the data directory.*chown 999:999/);
        await containers.shell("chown 999:999 /var/lib/postgresql/data", ["--user", "0"]);
    });
});
