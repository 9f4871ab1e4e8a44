import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { readDrills } from "../../components/drill/record";
import { docker, eventually, mustDocker } from "../support/docker";
import { finishes, type SecondStack, secondStackUp } from "./secondStack";

const SCHEDULE = "0 4 1 1 *";

describe("drills of a stack", function () {
    this.timeout(600_000);
    let second: SecondStack;
    let services: readonly string[];
    before(async () => {
        second = await secondStackUp();
        services = await second.running.services();
        await second.running.sql("create table drilled as select generate_series(1, 1000) as n", "app");
    });
    const volumes = async (): Promise<string[]> => {
        const { name } = second.stack;
        const list = await mustDocker(["volume", "ls", "--quiet", "--filter", `name=^${name}-drill-`]);
        return list
            .split("\n")
            .map((volume) => volume.slice(name.length + 1))
            .sort();
    };

    it("are switched on without a restart, and the first one passes by itself and is told in the sentence of health", async () => {
        const { stack, running } = second;
        const queries = { rows: { sql: "select count(*) = 1000 from drilled", expect: true } };
        stack.configure({ drill: { schedule: SCHEDULE, queries, rto: "1h" } });
        await stack.mustUp();
        assert.deepEqual(await running.services(), services);
        // What was declared is what the engine has: else the provider would see a change for ever.
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        await eventually(
            "a drill has passed",
            async () => {
                const { ok, output } = await running.healthCheck();
                assert.doesNotMatch(output, /drill of .* (?:has failed|could not)/);
                return ok && /proven by a drill \d+ \S+ ago: /.test(output);
            },
            400,
        );
        const list = await mustDocker(["exec", `${stack.name}-drill`, "drill-database.sh", "list"]);
        const [first, ...more] = readDrills(list);
        assert.deepEqual(more, []);
        assert.deepEqual(
            [first?.by, first?.result, first?.repository],
            ["schedule", "passed", "local"],
            list,
        );
        assert.equal(first?.steps.find(({ name }) => name === "queries")?.result, "passed", list);
        assert.equal(first.counts["app.public.drilled"], 1000, list);
    });

    it("see neither the data nor the socket of the database, and of the repository they change nothing", async () => {
        const { stack } = second;
        const mounts = await mustDocker([
            ...["inspect", `${stack.name}-drill`, "--format"],
            "{{range .Mounts}}{{.Name}} {{.RW}}\n{{end}}",
        ]);
        const told = mounts
            .trim()
            .split("\n")
            .map((line) => line.slice(stack.name.length + 1))
            .sort();
        assert.deepEqual(told, [
            ...["backup-state false", "drill-data true", "drill-spool true", "drill-state true"],
            ...["pgbackrest-config false", "pgbackrest-repo false"],
        ]);
    });

    it("go without a restart when they are switched off, with what they have on the host but what was found", async () => {
        const { stack, running } = second;
        assert.deepEqual(await volumes(), ["drill-data", "drill-spool", "drill-state"]);
        stack.configure({ drill: "off" });
        await finishes(second);
        assert.deepEqual(await running.services(), services);
        assert.deepEqual(await volumes(), ["drill-state"]);
        assert.ok(!(await docker(["inspect", `${stack.name}-drill`])).ok);
        assert.doesNotMatch((await running.healthCheck()).output, /drill/);
        stack.configure({ drill: undefined });
    });
});
