import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { mainStack, type MainStack } from "./mainStack";
import { segmentsBetween } from "./segments";

describe("WAL", function () {
    // On a busy machine each try of the archiver, and each look of the service, takes its time.
    this.timeout(400_000);
    let main: MainStack;
    before(async () => {
        main = await mainStack();
        await main.running.mustExec("postgres", "pgbench", "--initialize", "--quiet", "--scale=5");
    });

    it("that is written under load is in the repository, every segment of it", async () => {
        const { running } = main;
        const first = await running.sql("select pg_walfile_name(pg_current_wal_lsn())");
        const load = await running.exec("postgres", "pgbench", "--client=4", "--jobs=2", "--time=5");
        assert.ok(load.ok, load.output);
        await running.sql(
            "create table heavy as select repeat(md5(n::text), 20) from generate_series(1, 250000) n",
        );
        const last = await running.switchWal();
        await running.segmentArrives(last);
        const archived = await running.archivedSegments();
        const written = segmentsBetween(first, last);
        assert.ok(written.length > 3, `${written.join(" ")}: too few to prove anything`);
        assert.deepEqual(
            written.filter((segment) => !archived.has(segment)),
            [],
        );
        // It asks for each segment in turn, and hears of this one a little after it has arrived.
        await eventually(
            "PostgreSQL knows that the last one has arrived",
            async () => (await running.sql("select last_archived_wal from pg_stat_archiver")) >= last,
        );
        await running.pgbackrest("check");
    });

    it("waits while the repository is away, without harm to the database, and then all of it arrives", async () => {
        const { running, repository } = main;
        const started = await running.startTime();
        const services = await running.services();
        const first = await running.sql("select pg_walfile_name(pg_current_wal_lsn())");
        const failures = Number(await running.sql("select failed_count from pg_stat_archiver"));
        const written: string[] = [];
        chmodSync(repository, 0);
        try {
            for (let round = 0; round < 4; round++) {
                const load = await running.exec("postgres", "pgbench", "--client=2", "--time=1");
                assert.ok(load.ok, load.output);
                written.push(await running.switchWal());
            }
            await eventually(
                "archiving fails",
                async () =>
                    Number(await running.sql("select failed_count from pg_stat_archiver")) > failures + 1,
            );
            await eventually("health tells of it", async () => {
                const { ok, output } = await running.healthCheck();
                // By PostgreSQL, or by the service's own look.
                return !ok && /^UNHEALTHY: .*(WAL|not in force)/.test(output);
            });
            assert.ok(Number(await waiting(main)) >= 4, "segments wait");
        } finally {
            chmodSync(repository, 0o750);
        }
        // A new segment wakes the archiver, which otherwise tries again within a minute.
        const last = await running.switchWal();
        await running.segmentArrives(last, 90);
        await eventually("the backlog is gone", async () => (await waiting(main)) === "0");

        const archived = await running.archivedSegments();
        assert.deepEqual(
            segmentsBetween(first, last).filter((segment) => !archived.has(segment)),
            [],
        );
        assert.deepEqual(
            written.filter((segment) => !archived.has(segment)),
            [],
        );
        assert.equal(await running.startTime(), started);
        assert.deepEqual(await running.services(), services);
        assert.doesNotMatch(await running.logs("postgres"), /server process .* exited with exit code 103/);
        await eventually("the service is healthy again", async () => (await running.healthCheck()).ok, 90);
    });
});

/** How many segments wait to be archived. */
async function waiting({ running }: MainStack): Promise<string> {
    return running.sql("select count(*) from pg_ls_archive_statusdir() where name like '%.ready'");
}
