import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { docker, eventually } from "../support/docker";
import { FILES, VERIFIER, extended } from "../support/inputs";

const NONE = { PGBACKREST_REPO1_TYPE: "none" };
const LOGGING = extended("postgresql.conf", "log_statement = all\nlog_min_duration_statement = 0");
/** More connections than an application may take. */
const CONNECTIONS = ["max_connections=9", "superuser_reserved_connections=3", "reserved_connections=3"];

describe("apply", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const asApplication = async (sql: string, database = "app") =>
        (
            await containers.exec(
                "postgres",
                "psql",
                "-XAtqc",
                sql,
                `postgresql://app:secret@127.0.0.1/${database}`,
            )
        ).output;
    const databases = () =>
        containers.query(
            "select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate",
        );

    before(async () => {
        containers = await Containers.create();
        const { ok, output } = await containers.setup({ files: LOGGING, environment: NONE });
        assert.ok(ok, output);
        await containers.postgres(CONNECTIONS.flatMap((setting) => ["-c", setting]));
    });
    after(() => containers.remove());

    it("makes roles and database, without a repository too, and nothing more the second time", async () => {
        for (let i = 0; i < 2; i++) {
            const { ok, output } = await containers.apply();
            assert.ok(ok, output);
            assert.match(output, /There is no repository: nothing is protected/);
        }
        assert.equal(await databases(), "app postgres");
        assert.equal(await asApplication("create table mine (); select current_user"), "app\n");
    });

    it("gives the application no way to the server's files or settings", async () => {
        assert.match(
            await asApplication("select pg_read_file('/etc/pgbackrest/conf.d/repo.conf')"),
            /permission denied/,
        );
        assert.match(await asApplication("copy mine to program 'cat'"), /permission denied/);
        assert.match(await asApplication("create role other"), /permission denied/);
        assert.match(await asApplication("select 1", "template1"), /^1/);
    });

    it("gives the backup service's role what a backup needs and nothing else", async () => {
        const asBackup = async (sql: string) =>
            (await containers.exec("postgres", "psql", "-XAtqU", "pgbackrest", "-d", "postgres", "-c", sql))
                .output;
        assert.match(await asBackup("select pg_backup_start('x', true) is not null"), /^t/);
        assert.match(await asBackup("checkpoint; select 1"), /^1/);
        assert.match(await asBackup("select * from pg_authid"), /permission denied/);
        assert.match(
            await asBackup("select pg_read_file('/etc/pgbackrest/conf.d/repo.conf')"),
            /permission denied/,
        );
        const { output } = await containers.exec(
            "postgres",
            "psql",
            "-wh",
            "127.0.0.1",
            "-U",
            "pgbackrest",
            "-d",
            "postgres",
        );
        assert.match(output, /rejects connection/);
    });

    it("keeps connections for that role, and limits that are meant for applications off it", async () => {
        const limits = extended("postgresql.conf", "idle_session_timeout = 1s\nstatement_timeout = 500ms");
        assert.ok((await containers.setup({ files: limits, environment: NONE })).ok);
        assert.ok((await containers.apply()).ok);
        const script = `
            app=postgresql://app:secret@127.0.0.1/app
            until psql -XAtqc 'select' $app 2>&1 | grep 'remaining connection slots'; do
                psql -XAtqc 'select pg_sleep(60)' "$app?options=-cstatement_timeout%3D0" >/dev/null 2>&1 &
                sleep 0.3
            done
            { sleep 1.2; echo 'select pg_sleep(0.6), current_user'; } | psql -XAtqU pgbackrest -d postgres
            psql -XAtqc "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'" >/dev/null`;
        const { output } = await containers.exec("postgres", "bash", "-c", script);
        assert.match(output, /^\|pgbackrest$/m);
        assert.ok((await containers.setup({ files: LOGGING, environment: NONE })).ok);
        assert.ok((await containers.apply()).ok);
    });

    it("takes a new password, and never has one logged, whatever the server logs", async () => {
        const other = VERIFIER.replace(/.{4}=$/, "AAA=");
        assert.ok((await containers.apply({ ROLE_VERIFIER: other })).ok);
        assert.match(await asApplication("select 1"), /password authentication failed/);
        assert.ok((await containers.apply()).ok);
        const log = await containers.logs("postgres");
        assert.match(log, /statement: select pg_backup_start/);
        assert.doesNotMatch(log, /SCRAM-SHA-256\$/);
    });

    it("runs init.sql once, with what only a superuser may do, for a new database", async () => {
        const sql = `create extension pg_buffercache; create table once (i int); insert into once values (1); grant all on once to :"role";`;
        const { ok } = await containers.setup({ files: { ...FILES, "init.sql": sql }, environment: NONE });
        assert.ok(ok);
        for (let i = 0; i < 2; i++) assert.ok((await containers.apply({ DATABASE: "second" })).ok);
        assert.equal(await asApplication("select count(*) from once", "second"), "1\n");
    });

    it("makes no database at all from an init.sql that fails, and makes it when it is corrected", async () => {
        const files = (last: string) => ({
            ...FILES,
            "init.sql": `create table a (); create role half; ${last}`,
        });
        await containers.setup({ files: files("select 1 / 0;"), environment: NONE });
        const failed = await containers.apply({ DATABASE: "third" });
        assert.ok(!failed.ok);
        assert.match(
            failed.output,
            /division by zero[^]*init.sql failed, so the database third was not made/,
        );
        assert.equal(await containers.query("select count(*) from pg_roles where rolname = 'half'"), "0");
        assert.doesNotMatch(await databases(), /third(?! \(unfinished)/);
        await containers.setup({ files: files(""), environment: NONE });
        const { ok, output } = await containers.apply({ DATABASE: "third" });
        assert.ok(ok, output);
        assert.equal(await databases(), "app postgres second third");
    });

    it("leaves every database that somebody else has made", async () => {
        await containers.query("create database fourth_new");
        assert.ok((await containers.setup({ environment: NONE })).ok);
        assert.ok((await containers.apply({ DATABASE: "fourth" })).ok);
        assert.equal(await databases(), "app fourth fourth_new postgres second third");
    });

    it("touches no database without its mark, whatever its name, and drops what it left unfinished itself", async () => {
        await containers.query('create database "fifth (unfinished)"');
        await containers.query("create table theirs ()", "fifth (unfinished)");
        const red = await containers.apply({ DATABASE: "fifth" });
        assert.ok(!red.ok);
        assert.match(
            red.output,
            /there is a database "fifth \(unfinished\)", owned by postgres, which this has not made/,
        );
        assert.equal(
            await containers.query(
                "select count(*) from pg_class where relname = 'theirs'",
                "fifth (unfinished)",
            ),
            "1",
        );
        await containers.query('drop database "fifth (unfinished)"');
        // As it is when apply was killed right after it had made the database, before anything else.
        await containers.query('create database "fifth (unfinished)" owner pgbackrest');
        assert.ok((await containers.apply({ DATABASE: "fifth" })).ok);
        assert.equal(
            await containers.query(
                "select pg_get_userbyid(datdba), shobj_description(oid, 'pg_database') from pg_database where datname = 'fifth'",
            ),
            "app|",
        );
        assert.doesNotMatch(await databases(), /unfinished/);
        await containers.query("drop database fifth");
    });

    it("does not wait without end for a lock, and says who holds it but not what he runs", async () => {
        const psql = ["exec", "--interactive", containers.name("postgres"), "psql", "-XAtq"];
        const session = docker([...psql, "-v", "ON_ERROR_STOP=1"], {
            input: "begin; alter role app password 'not-to-be-told'; select pg_sleep(60);",
        });
        await eventually(
            "the lock is held",
            async () =>
                (await containers.query(
                    "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()",
                )) === "1",
        );
        const begun = Date.now();
        const { ok, output } = await containers.apply({ WAIT_TIMEOUT: "20" });
        assert.ok(!ok);
        assert.ok(Date.now() - begun < 60_000);
        assert.match(
            output,
            /waiting for a lock that is held by process \d+ \(role postgres, database postgres/,
        );
        assert.match(
            output,
            /canceling statement due to lock timeout[^]*ERROR: a lock was not to be had in time\. It is held by process \d+ .*pg_terminate_backend/,
        );
        assert.doesNotMatch(output, /not-to-be-told/);
        await containers.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()",
        );
        await session;
        assert.ok((await containers.apply()).ok);
    });

    it("ends an init.sql that takes longer than an up waits, on the server too", async () => {
        const files = { ...FILES, "init.sql": "select pg_sleep(3); select pg_sleep(30);" };
        await containers.setup({ files, environment: NONE });
        const { ok, output } = await containers.apply({ DATABASE: "sixth", WAIT_TIMEOUT: "5" });
        assert.ok(!ok);
        assert.match(output, /init\.sql failed, so the database sixth was not made/);
        assert.equal(
            await containers.query(
                "select count(*) from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()",
            ),
            "0",
        );
        assert.doesNotMatch(await databases(), /sixth(?! \(unfinished)/);
        await containers.setup({ environment: NONE });
        assert.ok((await containers.apply({ DATABASE: "sixth" })).ok);
        await containers.query("drop database sixth");
    });

    it("waits for an older configuration in use only if its credentials are others, and is red and changes no password then", async () => {
        const revisions = async () =>
            (await containers.shell("ls -A /etc/pgbackrest/revisions")).output.trim().split("\n");
        await containers.setup({ environment: NONE });
        const [old = ""] = await revisions();
        const user = ["run", "--detach", "--name", containers.name("user")];
        const hold = ". /usr/local/lib/pgbackrest/revision.sh; hold_revision; echo held; sleep 600";
        const mount = containers.mount("config", "/etc/pgbackrest", "ro");
        await docker([...user, ...mount, containers.image, "bash", "-euc", hold]);
        await containers.logged("user", "held");
        await containers.setup({ files: extended("postgresql.conf", "work_mem = 9MB"), environment: NONE });
        const green = await containers.apply();
        assert.ok(green.ok, green.output);
        assert.match(green.output, new RegExp(`in use and removed later: ${old}`));
        const secret = { FILE_1_NAME: "secret", FILE_1_CONTENT: "another" };
        await containers.setup({ environment: { ...NONE, ...secret } });
        const other = { ROLE_VERIFIER: VERIFIER.replace(/.{4}=$/, "AAA="), WAIT_TIMEOUT: "3" };
        const red = await containers.apply(other);
        assert.ok(!red.ok);
        assert.match(
            red.output,
            new RegExp(`waiting until nothing uses the older.*${old}\n[^]*in use: ${old}`),
        );
        assert.equal(await asApplication("select 1"), "1\n");
        assert.equal((await revisions()).length, 2);
        await docker(["rm", "--force", containers.name("user")]);
        assert.ok((await containers.apply()).ok);
        assert.equal((await revisions()).length, 1);
    });

    it("reloads settings without a restart, and names those that need one", async () => {
        const started = await containers.query("select pg_postmaster_start_time()");
        await containers.setup({ files: extended("postgresql.conf", "work_mem = 7MB"), environment: NONE });
        assert.ok((await containers.apply()).ok);
        assert.equal(await containers.query("show work_mem"), "7MB");
        await containers.setup({
            files: extended("postgresql.conf", "max_connections = 41\nwork_mem = 8MB"),
            environment: NONE,
        });
        const { ok, output } = await containers.apply();
        assert.ok(!ok);
        assert.match(
            output,
            /these PostgreSQL settings need a restart to take effect: max_connections\n.*docker restart/,
        );
        assert.equal(await containers.query("show work_mem"), "8MB");
        assert.equal(await containers.query("select pg_postmaster_start_time()"), started);
    });

    it("refuses to work on another configuration than the wanted one", async () => {
        const { ok, output } = await containers.apply({ REVISION: "beef" });
        assert.ok(!ok);
        assert.match(output, /is .*, not the wanted beef: the setup container has not done its work/);
    });

    it("says what it waits for, and gives up in time when there is no backup service", async () => {
        assert.ok((await containers.setup()).ok);
        await containers.postgres();
        const { ok, output } = await containers.apply({ WAIT_TIMEOUT: "20" });
        assert.ok(!ok);
        assert.match(output, /waiting for the backup service\n[^]*not protected within 20 s/);
    });

    it("believes no other backup service than the one that runs", async () => {
        const { stdout } = await containers.shell('basename "$(readlink /etc/pgbackrest/current)"');
        const revision = stdout.trim();
        const memory = { place: "", since: 0, archiving: revision, protected: revision };
        const known = (repositories: object) => {
            const state = JSON.stringify({ version: 1, service: "0123456789ab", repositories });
            return containers.shell(`echo '${state}' >/var/lib/pgbackrest-state/state.json`);
        };
        await known({ another: memory });
        const notAll = await containers.apply({ WAIT_TIMEOUT: "10" });
        assert.match(
            notAll.output,
            /not protected within 10 s/,
            "of a published repository it knows nothing",
        );
        await known({ repo1: memory });
        const another = await containers.apply({ WAIT_TIMEOUT: "15", BACKUP_ID: "ba0123456789ab" });
        assert.match(another.output, /not protected within 15 s/);
        const same = await containers.apply({ WAIT_TIMEOUT: "15", BACKUP_ID: "0123456789abcdef" });
        // There is no stanza, so nothing is archived.
        assert.match(same.output, /WAL of this PostgreSQL does not arrive/);
    });
});
