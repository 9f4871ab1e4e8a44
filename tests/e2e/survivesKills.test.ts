import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { mainStack, type MainStack } from "./mainStack";
import { processOf, startsAgain } from "./processes";

describe("after kill -9", function () {
    this.timeout(180_000);
    let main: MainStack;
    let rows = 0;
    before(async () => {
        main = await mainStack();
        await main.running.sql("create table kept (n int primary key)");
    });

    /** Commits a row that must be there for ever, and that its WAL segment is not archived yet. */
    async function commit(): Promise<void> {
        rows++;
        await main.running.sql(`insert into kept values (${rows})`);
    }

    async function allIsWell(): Promise<void> {
        const { running } = main;
        await running.answers();
        assert.equal(
            await running.sql("select string_agg(n::text, ',' order by n) from kept"),
            Array.from({ length: rows }, (_, i) => i + 1).join(","),
        );
        await running.segmentArrives(await running.switchWal(), 90);
        await eventually("the backup service is content", async () => (await running.healthCheck()).ok, 90);
    }

    async function killed(pid: number, role: "postgres" | "backup"): Promise<void> {
        const again = await startsAgain(main.running, role);
        process.kill(pid, "SIGKILL");
        await again();
    }

    it("of a server process, PostgreSQL recovers by itself", async () => {
        const { running } = main;
        await commit();
        const services = await running.services();
        const checkpointer = await running.sql(
            "select pid from pg_stat_activity where backend_type = 'checkpointer'",
        );
        await running.mustExec("postgres", "bash", "-c", `kill -9 ${checkpointer}`);
        await eventually("the server has recovered", async () => {
            const other = await running.exec(
                "postgres",
                "psql",
                "-XAtc",
                "select pid from pg_stat_activity where backend_type = 'checkpointer'",
            );
            return other.ok && other.stdout.trim() !== checkpointer;
        });
        await allIsWell();
        assert.deepEqual(await running.services(), services);
    });

    it("of PostgreSQL itself, its container starts again and the data is all there", async () => {
        await commit();
        await killed(await processOf(main.running, "postgres", "postgres"), "postgres");
        await allIsWell();
    });

    it("of the backup service, it starts again", async () => {
        await commit();
        await killed(await processOf(main.running, "backup", "backup-service.cjs"), "backup");
        await allIsWell();
    });

    it("of the first processes of both containers, both start again", async () => {
        const { running } = main;
        await commit();
        await Promise.all(
            (["postgres", "backup"] as const).map(async (role) =>
                killed(Number(await running.inspect(role, "{{.State.Pid}}")), role),
            ),
        );
        await allIsWell();
    });

    it("the stack has no changes, and up goes on", async () => {
        const { stack } = main;
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        const refresh = await stack.up("--refresh", "--expect-no-changes");
        assert.ok(refresh.ok, refresh.output);
    });
});
