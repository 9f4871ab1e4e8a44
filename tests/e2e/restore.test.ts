import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, mustDocker } from "../support/docker";
import { finishes, type SecondStack, secondStackUp } from "./secondStack";

describe("a restore", function () {
    this.timeout(400_000);
    let second: SecondStack;
    /** The moment at which there was one row. */
    let moment: string;
    /** And that at which there were two. */
    let later: string;
    const rows = () => second.running.sql("select string_agg(x::text, ' ' order by x) from t");
    const volumes = async () => {
        const { name } = second.stack;
        const list = await mustDocker(["volume", "ls", "--quiet", "--filter", `name=^${name}-postgres-data`]);
        return list
            .split("\n")
            .map((volume) => volume.slice(name.length + 1))
            .sort();
    };
    const look = (query: string) =>
        docker(["exec", `${second.stack.name}-postgres-look`, "psql", "-XAtqc", query]);

    before(async () => {
        second = await secondStackUp();
        await second.running.sql("create table t (x int); insert into t values (1)");
        moment = await second.running.sql("select clock_timestamp()");
        await second.running.sql("insert into t values (2)");
    });

    it("to what cannot be is refused by the preview, with what can", async () => {
        const { stack } = second;
        stack.configure({ restore: { name: "look", at: "2020-01-01 00:00Z" } });
        const preview = await stack.preview();
        assert.ok(!preview.ok, preview.output);
        assert.match(preview.output, /pgbackrest:restore: .* is before the oldest backup.*Possible: at: /);
    });

    it("that pauses is beside the running database, read-only, and lets it go on", async () => {
        const { stack, running } = second;
        const services = await running.services();
        stack.configure({ restore: { name: "look", at: moment, pause: true } });
        const preview = await stack.preview();
        assert.ok(preview.ok, preview.output);
        assert.match(preview.output, /What restore look will do:\s[^]*: chosen: /);
        await finishes(second);
        assert.deepEqual(await running.services(), services);
        assert.equal((await look("select x from t")).stdout.trim(), "1");
        assert.match((await look("insert into t values (9)")).output, /read-only/);
    });

    it("goes on to a later moment, without beginning anew", async () => {
        const { stack, running } = second;
        later = await running.sql("select clock_timestamp()");
        await running.sql("insert into t values (3)");
        stack.configure({ restore: { name: "look", at: later, pause: true } });
        await finishes(second);
        assert.equal((await look("select count(*) from t")).stdout.trim(), "2");
        const logs = (await docker(["logs", `${stack.name}-restore`])).output;
        assert.doesNotMatch(logs, /is restored/);
    });

    it("is promoted: PostgreSQL moves to it once, and the old data stay", async () => {
        const { stack, running } = second;
        stack.configure({ restore: { name: "look", at: later, pause: false } });
        const preview = await stack.preview();
        assert.match(preview.output, /DANGER .*moves from the data in volume \S+-postgres-data to those in/);
        await finishes(second);
        assert.equal(await rows(), "1 2");
        assert.deepEqual(await volumes(), ["postgres-data", "postgres-data-look"]);
        await running.sql("insert into t values (4)");
    });

    it("after a restore goes to the newest, and leaves nothing behind", async () => {
        const { stack } = second;
        stack.configure({ restore: { name: "newest" } });
        await finishes(second);
        assert.equal(await rows(), "1 2 4");
        assert.deepEqual(await volumes(), ["postgres-data", "postgres-data-look", "postgres-data-newest"]);
    });

    it("is left by naming the volume to go back to", async () => {
        const { stack } = second;
        stack.configure({ restore: { volume: `${stack.name}-postgres-data` } });
        await finishes(second);
        assert.equal(await rows(), "1 2 3");
    });
});
