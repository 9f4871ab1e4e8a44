import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { readDrills } from "../../components/drill/record";
import { root } from "../../toolchain/paths";
import { docker, eventually, mustDocker } from "../support/docker";
import { finishes, type SecondStack, secondStackUp } from "./secondStack";

const PAGE = readFileSync(join(root, "docs/drills.md"), "utf8");
const [declare = "", up = "", ...commands] = [...PAGE.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(
    ([, block = ""]) => block.trim().split("\n"),
);
/** What each command of the page has to say once a drill has passed. */
const SAID: readonly (readonly [command: RegExp, said: RegExp])[] = [
    [/ops -- drill list/, /^the newest of 1 drill has passed\n20\S+ \S+\tschedule\tpassed\t[^]*\t20\S+F/m],
    [
        /ops -- drill show/,
        /^the drill of 20\S+ \S+ UTC \(by schedule\) has passed after [^]*\nrestored: 20\S+ of the repository local, timeline \d+: [^]*\nchecksums\tpassed\t/m,
    ],
    [/ops -- drill run/, /^the drill of 20\S+ \S+ UTC \(by hand\) has passed after /m],
    [/drill-database\.sh run/, /^restore: (?:looking|restoring)[^]*^passed$/m],
    [/drill-database\.sh list/, /"result":"passed"/],
    [/drill-database\.sh show/, /^null$/],
];

describe("drills of a stack", function () {
    this.timeout(600_000);
    let second: SecondStack;
    let services: readonly string[];
    before(async () => {
        second = await secondStackUp();
        services = await second.running.services();
        await second.running.sql("create table drilled as select generate_series(1, 1000) as n", "app");
    });
    const type = (command: string) =>
        execa("bash", ["-c", command.replaceAll("salespider", second.stack.name)], {
            ...{ all: true, reject: false, stdin: "ignore" },
            cwd: second.stack.directory,
            env: second.stack.environment,
        });
    const typed = async (command: string): Promise<string> => {
        const { exitCode, all } = await type(command.replace(/-- up$/, "-- up --yes --skip-preview"));
        assert.equal(exitCode, 0, `${command}\n${all}`);
        return all;
    };
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
        assert.match(await typed("npm run ops -- status"), /^drills are off$/m);
        stack.configure({ drill: { queries, rto: "1h" } });
        // As docs/drills.md has it.
        await typed(declare);
        await typed(up);
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

    it("are in status, history, and the plan of a restore", async () => {
        assert.match(await typed("npm run ops -- status"), /^drill: passed \d+ \S+ ago: back in \d+ /m);
        assert.match(await typed("npm run ops -- history"), /\tdrill\twell\t\d+ \S+\tby schedule, 20\S+F/);
        assert.match(await typed("npm run ops -- restore plan"), /at the speed of the last drill/);
    });

    for (const command of commands)
        it(`are looked at and made by hand: ${command}`, async () => {
            const said = SAID.find(([of]) => of.test(command))?.[1];
            assert.ok(said !== undefined, `nothing is expected of ${command}`);
            assert.match(await typed(command), said);
        });

    it("end at ^C of who made one by hand, and nothing is left of it", async () => {
        const { stack } = second;
        const ask = async (word: string) =>
            mustDocker(["exec", `${stack.name}-drill`, "drill-database.sh", word]);
        const before = await ask("list");
        const run = stack.launch(["drill", "run"], "ops");
        await eventually("it runs", async () => (await ask("show")) !== "null", 120);
        run.signal("SIGINT");
        assert.equal((await run.ended).exitCode, 130, run.output());
        await eventually("none runs", async () => (await ask("show")) === "null", 60);
        assert.equal(await ask("list"), before);
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
