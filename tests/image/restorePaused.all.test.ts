import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { type Containers, HARDENED, PATIENCE, READ_ONLY } from "../support/containers";
import { eventually, mustDocker } from "../support/docker";
import { Restores, type Snapshot } from "../support/ledger/restores";

/** Where others find the publisher's socket. */
const AT = "/publisher";
/** Logs whoever connects. */
const PUBLISHER = `initdb --pgdata /tmp/data --auth trust --no-sync >/dev/null
    exec postgres -D /tmp/data -c listen_addresses= -c wal_level=logical -c fsync=off -c log_connections=on -c log_replication_commands=on`;
const SUBSCRIBE = `create subscription items connection 'host=${AT} user=postgres dbname=postgres' publication items`;
/** What a restore may run: nothing but recovery, and who looks. */
const OF_RECOVERY = ["background writer", "checkpointer", "client backend", "startup"];

const publisherOf = (containers: Containers): string[] => containers.mount("publisher", AT);

/**
 * A database that subscribes to another one, has a worker in it that begins by itself (of the kind that job schedulers are), and commands that
 * a recovery runs.
 */
describe("a paused restore", function () {
    this.timeout(PATIENCE);
    let restores: Restores;
    let was: Snapshot;
    /** When there was one row from the publisher. */
    let time: string;

    const sql = (query: string) => restores.containers.query(query);
    const publisher = (query: string) =>
        mustDocker([
            ...[
                "exec",
                restores.containers.name("publisher"),
                "psql",
                "-XAtq",
                "-U",
                "postgres",
                "-c",
                query,
            ],
        ]);
    /** What the publisher knows of the subscriber: how far it is, and who it is. */
    const slot = () => publisher("select confirmed_flush_lsn, active_pid from pg_replication_slots");
    /** Who has connected to the publisher, beside this test. */
    const connected = async () =>
        (await restores.containers.logs("publisher"))
            .split("\n")
            .filter((line) => /connection authorized|replication command/.test(line))
            .filter((line) => !line.includes("application_name=psql"));
    const items = () => sql("select string_agg(item::text, ' ' order by item) from items");
    const arrives = (item: number) =>
        eventually(`row ${item} is there`, async () => (await items()).split(" ").includes(String(item)));
    const look = async (query: string) =>
        (await restores.containers.exec("look", "psql", "-XAtqc", query)).stdout.trim().split("\n");
    const workers = () => look("select distinct backend_type from pg_stat_activity order by 1");
    /** The timelines of which something is in the archive. */
    const timelines = (wal: readonly string[]) => [
        ...new Set(wal.map((line) => /\/([0-9A-F]{8})[0-9A-F]*[.-]/.exec(line)?.[1])),
    ];

    before(async () => {
        restores = await Restores.create({
            options: publisherOf,
            settings: ["-c", "shared_preload_libraries=pg_prewarm"],
        });
        const { containers } = restores;
        await mustDocker([
            ...["run", "--detach", "--name", containers.name("publisher"), ...HARDENED, ...READ_ONLY],
            ...containers.mount("publisher", "/var/run/postgresql"),
            ...[containers.image, "bash", "-euc", PUBLISHER],
        ]);
        await containers.logged("publisher", "ready to accept connections");
        await publisher(
            "create table items (item int primary key); create publication items for table items",
        );
        await sql("create table items (item int primary key)");
        await sql(SUBSCRIBE);
        await publisher("insert into items values (1)");
        await arrives(1);
        // What a database that was a standby once has; here nothing of it counts.
        await sql(`alter system set primary_conninfo = 'host=${AT} user=postgres'`);
        for (const command of ["archive_cleanup_command", "recovery_end_command"])
            await sql(`alter system set ${command} = 'touch acted'`);
        // That is in no WAL.
        await restores.backup("incr");
        ({ time } = await restores.write("one row"));
        await publisher("insert into items values (2)");
        await arrives(2);
        assert.match(await slot(), /\|\d+$/);
        await sql("alter subscription items disable");
        await eventually("the slot is left", async () => (await slot()).endsWith("|"));
        await publisher("insert into items values (3)");
        was = await restores.snapshot();
    });
    after(() => restores.remove());

    for (const [what, at] of [
        ["at a moment", () => time],
        ["at the end of the WAL", () => "latest"],
    ] as const)
        it(`${what} does nothing by itself: its publisher, its jobs and the archive stay as they are`, async () => {
            const name = what.replaceAll(" ", "-").toLowerCase();
            const before = [await slot(), await connected()];
            await restores.mustRun(name, { at: at(), pause: true });
            await restores.look(name, { at: at(), pause: true });
            assert.deepEqual(await look("select subname from pg_subscription"), ["items"]);
            assert.deepEqual(
                (await workers()).filter((type) => !OF_RECOVERY.includes(type)),
                [],
            );
            const { ok, output } = await restores.containers.exec("look", "psql", "-c", "delete from items");
            assert.ok(!ok);
            assert.match(output, /read-only transaction/);
            await mustDocker(["stop", restores.containers.name("look")]);
            assert.deepEqual([await slot(), await connected()], before);
            assert.equal(await restores.inVolume(name, "find $PGDATA -name acted -o -name '*.ready'"), "");
            await restores.assertAsItWas(was);
            assert.deepEqual(timelines((await restores.snapshot()).wal), timelines(was.wal));
        });

    it("that is promoted does so only when PostgreSQL has moved there: the subscription goes on where the slot is", async () => {
        const before = [await slot(), await connected()];
        await restores.mustRun("at-a-moment", { at: time });
        assert.deepEqual([await slot(), await connected()], before);
        await restores.move("at-a-moment");
        await arrives(3);
        assert.equal(await items(), "1 3");
    });

    it("has what came between again when the subscription copies its tables anew, as docs/restore.md has it", async () => {
        await sql("drop subscription items");
        await sql("truncate items");
        await sql(SUBSCRIBE);
        await arrives(2);
        assert.equal(await items(), "1 2 3");
    });
});
