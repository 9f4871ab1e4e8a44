import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { mustDocker } from "../support/docker";
import { mainStack, type MainStack } from "./mainStack";
import { secondStackUp, type SecondStack } from "./secondStack";

describe("two stacks on one host", function () {
    this.timeout(240_000);
    let main: MainStack;
    let second: SecondStack;
    before(async () => {
        main = await mainStack();
        second = await secondStackUp();
    });

    it("are both protected, each with its own data, configuration and backups", async () => {
        const marker = "create table if not exists whose as select";
        await main.running.sql(`${marker} 'main' as name`);
        await second.running.sql(`${marker} 'second' as name`);
        assert.equal(await main.running.sql("select name from whose"), "main");
        assert.equal(await second.running.sql("select name from whose"), "second");
        const identities = new Set<string>();
        for (const { stack, running } of [main, second]) {
            assert.ok((await running.healthCheck()).ok);
            await running.segmentArrives(await running.switchWal());
            identities.add(await running.sql("select system_identifier from pg_control_system()"));
            identities.add((await running.revision()).replace(/^.*-/, ""));
            const objects = await objectsOf(stack.name);
            assert.equal(objects.filter((name) => name.startsWith("container ")).length, 6);
        }
        assert.equal(identities.size, 4);
    });

    it("each reach only their own database over the network", async () => {
        const other = await second.running.exec(
            "backup",
            "pg_isready",
            "--timeout=1",
            "--host",
            `${main.stack.name}-postgres`,
        );
        assert.equal(other.ok, false);
        const own = await second.running.exec(
            "backup",
            "pg_isready",
            "--timeout=3",
            "--host",
            `${second.stack.name}-postgres`,
        );
        assert.ok(own.ok, own.output);
    });

    it("do not touch each other: destroy of one leaves nothing of it, and the other as it was", async () => {
        const services = await main.running.services();
        const revision = await main.running.revision();
        const destroy = await second.stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.ok(destroy.ok, destroy.output);
        assert.deepEqual(await objectsOf(second.stack.name), []);
        assert.deepEqual(await main.running.services(), services);
        assert.equal(await main.running.revision(), revision);
        assert.ok((await main.running.healthCheck()).ok);
        const images = await mustDocker(["image", "ls", "--format", "{{.Repository}}"]);
        assert.ok(images.includes(`${second.stack.name}-pgbackrest`), "the image stays");
    });

    it("come up anew after destroy, empty and protected", async () => {
        const up = await second.stack.up();
        assert.ok(up.ok, up.output);
        assert.equal(await second.running.sql("select to_regclass('whose') is null"), "t");
        assert.equal((await second.running.fullBackups()).length, 1);
    });
});

/** Containers, volumes and networks whose names begin like this. */
async function objectsOf(name: string): Promise<readonly string[]> {
    const list = async (kind: string, args: readonly string[]): Promise<readonly string[]> =>
        (
            await mustDocker([
                ...args,
                "--filter",
                `name=${name}`,
                "--format",
                kind === "container" ? "{{.Names}}" : "{{.Name}}",
            ])
        )
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => `${kind} ${line}`);
    return [
        ...(await list("container", ["ps", "--all"])),
        ...(await list("volume", ["volume", "ls"])),
        ...(await list("network", ["network", "ls"])),
    ];
}
