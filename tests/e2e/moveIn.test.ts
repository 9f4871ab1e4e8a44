import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { builtImage } from "../support/containers";
import { docker, eventually, mustDocker } from "../support/docker";
import { TestStack, type CommandResult } from "../support/stack";
import { OldSetup } from "./oldSetup";
import { Running } from "./running";
import { segmentsBetween } from "./segments";

const CHECKSUM = "select count(*) || ' ' || md5(string_agg(md5(o::text), '' order by id)) from orders o";

describe("a set-up of docker-compose that moves in", function () {
    this.timeout(300_000);
    let image: string;
    let stack: TestStack;
    let running: Running;
    let old: OldSetup;
    let checksum: string;
    let oldBackups: readonly string[];
    let oldStart: string;
    let up: CommandResult;

    before(async () => {
        image = await builtImage();
        stack = await TestStack.create({ stanza: "demo", database: "shop", role: "clerk" });
        running = new Running(stack);
        old = new OldSetup(stack.name, image);
        stack.configure({
            dataVolume: old.data,
            repositories: [{ name: "old", type: "posix", volume: old.repository }],
        });
        stack.edit("config/pgbackrest/pgbackrest.conf", (text) => text.replace("[main]", "[demo]"));

        await old.start();
        await old.sql("create database shop", "postgres");
        await old.sql("create role clerk login createdb password 'clerk-password'");
        await old.sql(`create table orders as select id, md5(id::text) as item from generate_series(1, 50000) as id;
            create index on orders (item); create table ticks (id bigserial primary key, text text)`);
        await old.sql("alter system set archive_command = 'pgbackrest archive-push %p'");
        await old.sql("alter system set work_mem = '7MB'");
        await old.sql("select pg_reload_conf()");
        await old.pgbackrest("stanza-create");
        await old.pgbackrest("--type=full", "backup");
        await old.sql("insert into orders select id, md5(id::text) from generate_series(50001, 60000) as id");
        await old.pgbackrest("--type=diff", "backup");
        checksum = await old.sql(CHECKSUM);
        const info = await old.pgbackrest("info", "--output=json");
        oldBackups = labels(info);
        oldStart = /"archive":\{"start":"([0-9A-F]{24})"/.exec(info)?.[1] ?? "";
        await old.write();
    });

    after(async () => {
        old.end();
        await stack.remove();
    });

    it("is told by the preview what becomes of each of its pieces", async () => {
        const preview = await stack.preview();
        assert.ok(preview.ok, preview.output);
        for (const line of [
            `Data volume ${old.data}: used where it is`,
            `Repository volume ${old.repository}: used where it is`,
            "Superuser: a role postgres is made",
            "postgresql.conf, pg_hba.conf and command line of the old set-up",
            "Role clerk and database shop: must be there, and stay as they are",
            "Old containers, networks, scripts and .env: not touched",
        ])
            assert.ok(preview.output.includes(line), `${line}\n${preview.output}`);
        assert.doesNotMatch(preview.output, new RegExp(`-postgres-data`));
    });

    it("is left alone while it still runs", async () => {
        const refused = await stack.up();
        assert.equal(refused.ok, false);
        assert.match(refused.output, /PostgreSQL still runs on the data volume/);
        assert.match(refused.output, /docker stop --time 120/);
        assert.ok(old.writes(), "the client goes on");
        assert.equal(await owners(old.data), "999:999");
        assert.match(await old.sql("show archive_command"), /archive-push/);
    });

    it("moves in with one restart, whoever its files belonged to", async () => {
        // Segments of its own beside those that the client fills.
        for (let round = 0; round < 2; round++) await old.sql("select pg_switch_wal()");
        await old.stop();
        // As the Alpine variant of the official image leaves them.
        await inVolumes("chown -R 70:70 /data /repository");
        up = await stack.up();
        assert.ok(up.ok, up.output);
        const starts = (await running.logs("postgres")).match(/ready to accept connections/g);
        assert.equal(starts?.length, 1);
        assert.equal(await running.inspect("postgres", "{{.RestartCount}}"), "0");
        assert.equal(await owners(old.data), "999:999");
        assert.equal(await owners(old.repository), "999:999");
    });

    it("hears what was found on the way", () => {
        for (const found of [
            /now, before to 70:70/,
            /ALTER SYSTEM count no longer .*: archive_command work_mem/,
            /data checksums are off/,
            /superusers may log in over the network.*legacy/,
            /old postgresql\.conf counts no longer.*: work_mem$/m,
        ])
            assert.match(up.output, found);
    });

    it("has all its data, roles and passwords", async () => {
        assert.equal(await running.sql(CHECKSUM, "shop"), checksum);
        assert.ok(Number(await running.sql("select max(id) from ticks", "shop")) >= old.lastTick());
        assert.equal(await running.sql("show archive_command"), 'archive-push-pgbackrest "%p"');
        const roles =
            "select string_agg(rolname || rolsuper || rolcreatedb, ' ' order by rolname) from pg_roles";
        assert.equal(
            await running.sql(`${roles} where rolname in ('clerk', 'legacy', 'postgres')`),
            "clerkfalsetrue legacytruetrue postgrestruetrue",
        );
        const url = `postgresql://clerk:clerk-password@${stack.name}-postgres/shop`;
        assert.equal(await running.mustExec("backup", "psql", url, "-XAtc", "select current_user"), "clerk");
        const outputs = await stack.outputs();
        assert.equal(outputs["connection"], `postgresql://clerk@${stack.name}-postgres:5432/shop`);
    });

    it("goes on with its backups and its WAL without a gap", async () => {
        await pgbackrest("--type=diff", "backup");
        const all = labels(await pgbackrest("info", "--output=json"));
        assert.equal(oldBackups.length, 2);
        assert.deepEqual(all.slice(0, 2), oldBackups);
        assert.equal(all.length, 3, "no full backup was needed");
        assert.ok(all[2]?.startsWith(`${oldBackups[0] ?? ""}_`), "the new one builds on the old full one");

        const last = await running.switchWal();
        const archived = await eventually("the last segment is in the repository", async () => {
            const list = await pgbackrest("repo-ls", "--recurse", "archive/demo");
            const segments = new Set([...list.matchAll(/\/([0-9A-F]{24})-/g)].map((match) => match[1]));
            return segments.has(last) && segments;
        });
        const written = segmentsBetween(oldStart, last);
        assert.ok(written.length > 5, `${written.length} segments are too few to prove anything`);
        assert.deepEqual(
            written.filter((segment) => !archived.has(segment)),
            [],
        );
        await pgbackrest("check");
        assert.match(await pgbackrest("verify", "--output=text", "--verbose"), /status: ok/);
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
    });

    it("is at home: nothing more to do, also when the adopt container is gone", async () => {
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        assert.doesNotMatch(preview.output, /Moving in/);
        const services = await running.services();
        await mustDocker(["rm", `${stack.name}-adopt`]);
        const again = await stack.up("--refresh");
        assert.ok(again.ok, again.output);
        assert.deepEqual(await running.services(), services);
    });

    it("survives destroy, and can go back", async () => {
        await running.sql("insert into ticks (id, text) values (0, 'written here')", "shop");
        const destroy = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.ok(destroy.ok, destroy.output);
        const left = await mustDocker(["volume", "ls", "--quiet", "--filter", `name=${stack.name}`]);
        assert.deepEqual(left.split("\n").sort(), [old.data, old.repository, `${stack.name}-old_run`].sort());

        await inVolumes("cd /data && mv postgresql.auto.conf.before-adoption postgresql.auto.conf");
        await old.startAgain();
        assert.equal(await old.sql(CHECKSUM), checksum);
        assert.equal(await old.sql("select text from ticks where id = 0"), "written here");
        assert.equal(await old.sql("show work_mem"), "7MB");
        await old.pgbackrest("check");
        await old.pgbackrest("--type=diff", "backup");
        assert.equal(labels(await old.pgbackrest("info", "--output=json")).length, 4);
    });

    function pgbackrest(...args: readonly string[]): Promise<string> {
        return running.mustExec("backup", "pgbackrest", "--stanza=demo", "--log-level-console=off", ...args);
    }

    /** The owners of all that is in a volume. */
    async function owners(volume: string): Promise<string> {
        const find = "find /volume -ignore_readdir_race -printf '%U:%G\\n' | sort -u";
        return mustDocker([
            "run",
            "--rm",
            "--network",
            "none",
            "--user",
            "0",
            "--volume",
            `${volume}:/volume`,
            image,
            "sh",
            "-c",
            find,
        ]);
    }

    async function inVolumes(script: string): Promise<void> {
        const volumes = ["--volume", `${old.data}:/data`, "--volume", `${old.repository}:/repository`];
        const result = await docker([
            "run",
            "--rm",
            "--network",
            "none",
            "--user",
            "0",
            ...volumes,
            image,
            "sh",
            "-ec",
            script,
        ]);
        assert.ok(result.ok, result.output);
    }
});

function labels(info: string): string[] {
    return [...info.matchAll(/"label":"(\d{8}-\d{6}[^"]*)"/g)].map((match) => match[1] ?? "");
}
