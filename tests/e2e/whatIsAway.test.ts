import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { eventually, mustDocker } from "../support/docker";
import { secondStackUp, type SecondStack, UP } from "./secondStack";

const PAGE = join(import.meta.dirname, "../../docs/lost-volume.md");

describe("up, where a part of the stack is away", function () {
    this.timeout(300_000);
    let second: SecondStack;
    before(async () => {
        second = await secondStackUp();
        await second.running.sql("create table kept as select 1 as n");
    });

    async function isWell(): Promise<void> {
        const { running, stack } = second;
        await running.answers();
        await eventually("the backup service is content", async () => (await running.healthCheck()).ok);
        assert.equal(await running.sql("select n from kept"), "1");
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    }

    it("starts a stopped PostgreSQL, and makes a removed backup service again", async () => {
        const { stack, running } = second;
        await mustDocker(["stop", running.name("postgres")]);
        await mustDocker(["rm", "--force", running.name("backup")]);
        const up = await stack.launch(UP).ended;
        assert.ok(up.ok, up.output);
        assert.match(up.output, /-postgres was stopped: started/);
        assert.match(up.output, /-backup is gone: it is made again/);
        await isWell();
    });

    it("as plain Pulumi has it, sees a stopped PostgreSQL with --refresh, as docs/troubleshooting.md says", async () => {
        const { stack, running } = second;
        await mustDocker(["stop", running.name("postgres")]);
        const up = await stack.up("--refresh");
        assert.ok(up.ok, up.output);
        await isWell();
    });

    it("refuses to make an empty database in place of one that is gone, and restores it as docs/lost-volume.md says", async () => {
        const { stack, running } = second;
        await running.segmentArrives(await running.switchWal());
        const users = ["setup", "postgres", "postgres-proof", "backup", "backup-proof"];
        await mustDocker(["rm", "--force", ...users.map((part) => `${stack.name}-${part}`)]);
        await mustDocker(["volume", "rm", `${stack.name}-postgres-data`]);
        const up = await stack.launch(UP).ended;
        assert.equal(up.exitCode, 1, up.output);
        assert.match(
            up.output,
            /The volume \S+-postgres-data is gone, with all that was in it\..*nothing was changed/,
        );
        assert.doesNotMatch(up.output, /^ +at .*:\d+:\d+\)?$/m);

        const commands = /```text\n([^]*?)^```$/m.exec(readFileSync(PAGE, "utf8"))?.[1];
        assert.ok(commands !== undefined);
        const script = commands
            .replaceAll("npm run pulumi --", `"${process.execPath}" toolchain/launch.mjs pulumi`)
            .replace(/ up$/m, ` ${UP.join(" ")}`);
        const restored = await execa("bash", ["-euc", script], {
            ...{ all: true, reject: false, stdin: "ignore" },
            cwd: stack.directory,
            env: stack.environment,
        });
        assert.equal(restored.exitCode, 0, restored.all);
        await isWell();
    });
});
