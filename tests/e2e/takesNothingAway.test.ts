import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { after, before, describe, it } from "mocha";
import { TestStack } from "../support/stack";
import { removeSecondStack, secondStackUp, type SecondStack } from "./secondStack";

describe("what Docker would refuse", function () {
    this.timeout(240_000);
    let second: SecondStack;
    let busy: Server;
    let port: number;
    before(async () => {
        second = await secondStackUp();
        busy = createServer();
        port = await new Promise((resolve) => {
            busy.listen(0, "127.0.0.1", () => {
                const address = busy.address();
                resolve(typeof address === "object" && address !== null ? address.port : 0);
            });
        });
    });
    after(() => busy.close());

    it("of CPUs is refused in the preview already", async () => {
        second.stack.configure({ cpus: 1000, backupCpus: 999 });
        const { ok, output } = await second.stack.preview();
        assert.ok(!ok);
        assert.match(output, /pgbackrest:cpus: 1000: the Docker host has \d+: give at most that many/);
        assert.match(output, /pgbackrest:backupCpus: 999: the Docker host/);
    });

    it("of a port is found before the running PostgreSQL is touched", async () => {
        const { stack, running } = second;
        stack.configure({ cpus: undefined, backupCpus: undefined, port });
        const services = await running.services();
        const { ok, output } = await stack.up();
        assert.ok(!ok);
        assert.match(output, /-port-proof\):\n *error: .*(?:already allocated|address already in use)/);
        assert.deepEqual(await running.services(), services);
        assert.equal(await running.sql("select 1"), "1");
    });

    it("of a port for metrics is found before the running backup service is touched", async () => {
        const { stack, running } = second;
        stack.configure({ port: undefined, monitoring: { port } });
        const services = await running.services();
        const { ok, output } = await stack.up();
        assert.ok(!ok);
        assert.match(output, /-metrics-proof\):\n *error: .*(?:already allocated|address already in use)/);
        assert.deepEqual(await running.services(), services);
        busy.close();
        stack.configure({ monitoring: undefined });
    });

    describe("another clone with the same name", () => {
        let clone: TestStack;
        before(async () => {
            const { stack, running } = second;
            await running.sql("create table kept as select 42 as n");
            clone = await TestStack.create({
                ...{ name: stack.name, port },
                repositories: [{ name: "local", type: "posix" }],
            });
        });
        // What it has taken over is no longer the second stack's.
        after(async () => {
            await clone.remove();
            await removeSecondStack();
        });

        it("is refused before anything is made, and told whose it is", async () => {
            const { stack, running } = second;
            const services = await running.services();
            const preview = await clone.preview();
            const up = await clone.up();
            for (const { ok, output } of [preview, up]) {
                assert.ok(!ok);
                assert.match(
                    output,
                    new RegExp(
                        `pgbackrest:name: ${stack.name} is in use on this Docker host.*They are of stack ${stack.name} in ${stack.directory} on `,
                    ),
                );
            }
            assert.doesNotMatch((await clone.pulumi(["stack", "export"])).output, /docker:index/);
            assert.deepEqual(await running.services(), services);
        });

        it("takes over what a lost state had made, by its mark, in one up, with all data and backups", async () => {
            const { running } = second;
            const [backup] = await running.fullBackups();
            const identity = await running.sql("select system_identifier from pg_control_system()");
            const [, mark] = /takeOver to (m\w+)/.exec((await clone.preview()).output) ?? [];
            clone.configure({ takeOver: mark });
            const up = await clone.up();
            assert.ok(up.ok, up.output);
            assert.match(up.output, /Taking over what has the mark/);
            assert.equal(await running.sql("select n from kept"), "42");
            assert.equal(await running.sql("select system_identifier from pg_control_system()"), identity);
            assert.deepEqual(await running.fullBackups(), [backup]);
            assert.match(
                await running.logs("postgres"),
                /database system was shut down at/,
                "stopped cleanly",
            );
            clone.configure({ takeOver: undefined });
            const again = await clone.preview("--expect-no-changes");
            assert.ok(again.ok, again.output);
        });
    });
});
