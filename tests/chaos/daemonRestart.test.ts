import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { eventually, mustDocker } from "../support/docker";
import { TestStack } from "../support/stack";
import { builtImage } from "../support/containers";
import { noPrivateEngine, PrivateEngine } from "../e2e/privateEngine";
import { Running, SERVICES } from "../e2e/running";
import { UP } from "../e2e/secondStack";
import { freeze } from "../support/freeze";

const IMAGE = "pgbackrest-of-the-tests:1";

describe("a restart of the Docker daemon", function () {
    this.timeout(240_000);
    let engine: PrivateEngine | undefined;
    let stack: TestStack | undefined;
    let running: Running;
    let rows = 0;

    before(async function () {
        const reason = noPrivateEngine();
        if (reason !== undefined) {
            console.log(`    skipped: ${reason}`);
            this.skip();
        }
        engine = new PrivateEngine();
        await engine.start();
        await engine.load(await builtImage(), IMAGE);
        stack = await TestStack.create({
            repositories: [{ name: "local", type: "posix" }],
            dockerHost: engine.host,
            image: IMAGE,
        });
        await stack.mustUp();
        running = new Running(stack, engine.host);
        await running.sql("create table kept (n int primary key)");
    });
    after(async () => {
        try {
            await stack?.remove();
        } finally {
            await engine?.remove();
        }
    });

    for (const [how, signal] of [
        ["in order", "SIGTERM"],
        ["with kill -9", "SIGKILL"],
    ] as const)
        it(`that ends ${how}: all comes back, the data is intact, and the stack has no changes`, async () => {
            assert.ok(engine !== undefined && stack !== undefined);
            rows++;
            await running.sql(`insert into kept values (${rows})`);
            const identity = await running.sql("select system_identifier from pg_control_system()");
            const revision = await running.revision();
            const checkpointer = signal === "SIGTERM" ? await frozenCheckpointer(engine, running) : undefined;
            const stopped = engine.stop(signal);
            if (checkpointer !== undefined) {
                // Longer than the 10 s that Docker gives a container which says nothing.
                await new Promise((resolve) => setTimeout(resolve, 12_000));
                process.kill(checkpointer, "SIGCONT");
            }
            await stopped;
            await engine.start();

            for (const role of SERVICES)
                await eventually(
                    `${role} runs`,
                    async () => (await running.inspect(role, "{{.State.Running}}")) === "true",
                );
            await running.answers();
            const log = (await running.logs("postgres")).split("starting PostgreSQL").at(-1) ?? "";
            if (checkpointer !== undefined) assert.match(log, /database system was shut down at/);
            assert.equal(await running.sql("select count(*) from kept"), String(rows));
            assert.equal(await running.sql("select system_identifier from pg_control_system()"), identity);
            assert.equal(await running.revision(), revision);
            await running.segmentArrives(await running.switchWal());
            await eventually("the backup service is content", async () => (await running.healthCheck()).ok);
            assert.equal((await running.fullBackups()).length, 1);
            const preview = await stack.preview("--refresh", "--expect-no-changes");
            assert.ok(preview.ok, preview.output);
        });

    it("with kill -9 while a restore restores: the next up goes on with it", async () => {
        assert.ok(engine !== undefined && stack !== undefined);
        await running.sql("insert into kept values (0)");
        const moment = await running.sql("select clock_timestamp()");
        await running.sql("delete from kept");
        stack.configure({ restore: { name: "friday", at: moment } });
        const release = await running.holdArchiver();
        const up = stack.launch(UP);
        await running.runsIn("restore", up);
        const frozen = freeze(running.name("restore"), "restore", engine.host);
        await release();
        await frozen;
        await engine.stop("SIGKILL");
        assert.ok(!(await up.ended).ok);
        await engine.start();
        await running.answers();
        assert.equal(await running.sql("select count(*) from kept"), "0");

        const next = await stack.launch(UP).ended;
        assert.ok(next.ok, next.output);
        assert.match(await running.logs("restore"), /there are data already[^]* is restored/);
        assert.equal(await running.sql("select count(*) from kept"), String(rows + 1));
    });
});

/** Stops the process that every clean shutdown waits for, and gives its number on the host. */
async function frozenCheckpointer(engine: PrivateEngine, running: Running): Promise<number> {
    const top = await mustDocker(["top", running.name("postgres"), "-eo", "pid,args"], { host: engine.host });
    const pid = Number(/^\s*(\d+)\s+postgres: checkpointer/m.exec(top)?.[1]);
    process.kill(pid, "SIGSTOP");
    return pid;
}
