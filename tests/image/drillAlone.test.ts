import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { HARDENED, PATIENCE, READ_ONLY } from "../support/containers";
import { eventually, mustDocker } from "../support/docker";
import { Drills } from "../support/drilling";

const LIBRARIES = ["-c", "shared_preload_libraries=pg_stat_statements"];
const SLOT = "select slot_name, confirmed_flush_lsn, active from pg_replication_slots";

/** Nothing else than what the drill has switched off keeps it from the publisher. */
const REACHES = `create temp table reached (text text);
    copy reached from program 'psql -XAtq -h /publisher -U postgres -d postgres -c "select 1"'; table reached`;

/** Where the database of the repository subscribes to another one, which the container of the drill can reach. */
describe("a drill of a subscriber", function () {
    this.timeout(PATIENCE);
    let drills: Drills;
    let publisher: readonly string[];

    const published = (sql: string) =>
        mustDocker(["exec", drills.containers.name("publisher"), "psql", "-XAtq", "-c", sql]);

    before(async () => {
        drills = await Drills.create();
        const { containers } = drills;
        const make = "initdb --pgdata /tmp/data --no-sync --auth trust --set huge_pages=off >/tmp/log";
        const settings = "-c wal_level=logical -c listen_addresses= -c fsync=off";
        await mustDocker([
            ...["run", "--detach", "--name", containers.name("publisher"), ...HARDENED, ...READ_ONLY],
            ...containers.mount("publisher", "/var/run/postgresql"),
            ...[containers.image, "bash", "-euc", `${make}; exec postgres -D /tmp/data ${settings}`],
        ]);
        publisher = containers.mount("publisher", "/publisher");
        await containers.postgres(LIBRARIES, publisher);
        await containers.ready();
        await eventually(
            "the publisher answers",
            async () => (await containers.exec("publisher", "pg_isready", "--quiet")).ok,
        );
        await published("create table news (text text); create publication news for all tables");
        await containers.query("create extension pg_stat_statements; create table news (text text)");
        await containers.query(
            "create subscription news connection 'host=/publisher user=postgres dbname=postgres' publication news",
        );
        await published("insert into news values ('old')");
        await eventually(
            "it has come",
            async () => (await containers.query("select text from news")) === "old",
        );
        // It archives all that it has before it ends.
        await mustDocker(["stop", "--timeout", "60", containers.name("postgres")]);
        await published("insert into news values ('new')");
    });
    after(() => drills.remove());

    it("moves no slot of the publisher, and tries what extensions it has", async () => {
        const slot = await published(SLOT);
        assert.match(slot, /^news\|.*\|f$/);
        const ask = (sql: string, expect: string) => ({ database: "postgres", sql, expect });
        await drills.start({
            settings: LIBRARIES,
            options: publisher,
            queries: {
                reaches: ask(REACHES, "1"),
                subscribes: ask("select subname, subenabled from pg_subscription", "news|t"),
                isAsOld: ask("select text from news", "old"),
                extension: ask("select count(*) > 0 from pg_stat_statements", "t"),
                works: ask(
                    "select count(*) from pg_stat_activity where backend_type ~ 'worker|launcher'",
                    "0",
                ),
            },
        });
        const record = await drills.record();
        assert.equal(record.result, "passed", JSON.stringify(record));
        assert.equal(await published(SLOT), slot);
    });
});
