import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import { Client } from "./client";
import { holdProgram, killAll } from "./processes";
import { finishes, secondStackUp, type SecondStack, UP } from "./secondStack";

const PAGE = join(import.meta.dirname, "../../docs/rotate.md");

describe("the application's generated password", function () {
    this.timeout(180_000);
    let second: SecondStack;
    before(async () => {
        second = await secondStackUp();
    });
    const connection = async (): Promise<string> => String((await second.stack.outputs())["connection"]);
    const logsIn = async (url: string): Promise<boolean> =>
        (await second.running.exec("backup", "psql", url, "-c", "select")).ok;

    it("is another one with another passwordGeneration, and nothing restarts and no session ends", async () => {
        const { stack, running } = second;
        const [old, services, revision] = [
            await connection(),
            await running.services(),
            await running.revision(),
        ];
        const client = await Client.connect(running, old);
        stack.configure({ passwordGeneration: 2 });
        await stack.mustUp();
        const url = await connection();
        assert.notEqual(url, old);
        assert.deepEqual([await logsIn(old), await logsIn(url)], [false, true]);
        assert.equal(client.problem(), undefined);
        assert.deepEqual(await running.services(), services);
        assert.equal(await running.revision(), revision, "no new configuration is published for it");
        await client.close();
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("is in the outputs after an up that was killed between apply and its end, once up has run again", async () => {
        const { stack, running } = second;
        stack.configure({ passwordGeneration: 3 });
        const release = await running.holdApply();
        try {
            const up = stack.launch(UP);
            await running.runsIn("apply", up);
            holdProgram(stack);
            await release();
            await eventually(
                "apply has ended",
                async () => (await running.inspect("apply", "{{.State.Status}}")) === "exited",
                120,
            );
            killAll(stack);
            await up.ended;
        } finally {
            await release();
        }
        assert.equal(await logsIn(await connection()), false, "the outputs have the old one");
        const told = await stack.launch(["stack", "output"]).ended;
        assert.match(told.output, /outputs may be those of the one before/);
        await finishes(second);
        assert.equal(await logsIn(await connection()), true);
    });

    it("needs no overlap where two roles share a group, as docs/rotate.md has it", async () => {
        const { running } = second;
        const sql = /psql app <<'SQL'\n([^]*?)\nSQL\n/.exec(readFileSync(PAGE, "utf8"))?.[1];
        assert.ok(sql !== undefined);
        const made = await docker(
            ["exec", "--interactive", running.name("postgres"), "psql", "-v", "ON_ERROR_STOP=1", "app"],
            { input: sql },
        );
        assert.ok(made.ok, made.output);
        await running.sql("alter role blue password 'b'; alter role green password 'g'");
        const as = (role: string, password: string, query: string) => {
            const url = (user: string): string => `postgresql://${user}@${running.name("postgres")}/app`;
            return running.exec("backup", "psql", "-XAtqc", query, url(`${role}:${password}`));
        };
        assert.ok((await as("blue", "b", "create table shared ()")).ok);
        assert.ok((await as("green", "g", "alter table shared add column n int")).ok);
        assert.equal(
            (await as("green", "g", "select tableowner from pg_tables where tablename = 'shared'")).stdout,
            "app\n",
        );
        await running.sql("alter role blue password null");
        assert.ok(!(await as("blue", "b", "select")).ok);
        await running.sql("drop table shared; drop role blue; drop role green", "app");
    });
});
