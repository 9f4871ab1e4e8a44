import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import { mainStack, type MainStack } from "./mainStack";

/** Longer than Docker waits when nobody tells it: 10 s. */
const SLOW = 12_000;

describe("PostgreSQL under writes", function () {
    this.timeout(300_000);
    let main: MainStack;
    before(async () => {
        main = await mainStack();
        await main.running.sql("create table written (t text)");
    });

    /** Writes until the server goes; resolves when it writes, to what resolves when it has ended. */
    async function writer(): Promise<{ readonly ended: Promise<unknown> }> {
        const { running } = main;
        const position = async (): Promise<number> =>
            Number(await running.sql("select pg_current_wal_lsn() - '0/0'"));
        const begin = await position();
        const rows = "insert into written select repeat('x', 2000) from generate_series(1, 500)";
        const ended = running.exec(
            "postgres",
            "psql",
            "-qc",
            `do $$ begin loop ${rows}; commit; end loop; end $$`,
        );
        await eventually("it writes", async () => (await position()) > begin + 1_000_000);
        return { ended };
    }

    it("is not killed by docker stop, also when its checkpoint takes longer than Docker's 10 s", async () => {
        const { running } = main;
        const { ended } = await writer();
        const checkpointer = await running.sql(
            "select pid from pg_stat_activity where backend_type = 'checkpointer'",
        );
        await running.mustExec("postgres", "bash", "-c", `kill -STOP ${checkpointer}`);
        const stopped = docker(["stop", running.name("postgres")]);
        await new Promise((resolve) => setTimeout(resolve, SLOW));
        await running.exec("postgres", "bash", "-c", `kill -CONT ${checkpointer}`);
        assert.ok((await stopped).ok);
        await ended;
        assert.equal(await running.inspect("postgres", "{{.State.ExitCode}}"), "0");
        const log = (await running.logs("postgres")).split("starting PostgreSQL").at(-1) ?? "";
        assert.match(log, /database system is shut down$/m);
        assert.ok((await docker(["start", running.name("postgres")])).ok);
        await running.answers();
    });

    it("comes back from docker restart without a recovery, and the backup service ends in order too", async () => {
        const { running } = main;
        const { ended } = await writer();
        const restarted = await docker(["restart", running.name("postgres"), running.name("backup")]);
        assert.ok(restarted.ok, restarted.output);
        await ended;
        await running.answers();
        const log = (await running.logs("postgres")).split("starting PostgreSQL").at(-1) ?? "";
        assert.match(log, /database system was shut down at/);
        assert.match((await running.logs("backup")).split("\n").slice(-30).join("\n"), /backup: stopping/);
        await running.becomesHealthy();
    });
});
