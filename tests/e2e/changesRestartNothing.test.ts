import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import { Client } from "./client";
import { mainStack, type MainStack } from "./mainStack";

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

describe("a change of the configuration", function () {
    this.timeout(180_000);
    let main: MainStack;
    let client: Client;
    before(async () => {
        main = await mainStack();
        client = await Client.connect(main.running, String((await main.stack.outputs())["connection"]));
    });
    after(async () => {
        await client.close();
    });

    it("of the retention replaces setup and apply only, reaches both services, and no client notices", async () => {
        const { stack, running } = main;
        const before = await state(main);
        stack.edit(TEMPLATE, (text) => text.replace("repo1-retention-full=8", "repo1-retention-full=7"));
        const preview = await stack.preview();
        assert.deepEqual(replaced(preview.output), [`${stack.name}-apply`, `${stack.name}-setup`]);
        assert.match(preview.output, /-.*repo1-retention-full=8/);
        assert.match(preview.output, /\+.*repo1-retention-full=7/);
        const answers = client.answers();

        const up = await stack.up();
        assert.ok(up.ok, up.output);
        const now = await state(main);
        assert.deepEqual(now.services, before.services);
        assert.equal(now.started, before.started);
        assert.notEqual(now.setup, before.setup);
        assert.notEqual(now.apply, before.apply);
        assert.notEqual(now.revision, before.revision);
        for (const role of ["postgres", "backup"] as const) {
            const help = await running.mustExec(
                role,
                "pgbackrest",
                "--log-level-console=off",
                "help",
                "expire",
                "repo1-retention-full",
            );
            assert.match(help, /^current: 7$/m);
        }
        assert.ok(client.answers() > answers + 20, "the client worked all the time");
        assert.equal(client.problem(), undefined);
        assert.equal((await running.fullBackups()).length, 1, "no backup was due");
    });

    it("of a setting that PostgreSQL reloads is reloaded", async () => {
        const { stack, running } = main;
        const before = await state(main);
        stack.configure({ settings: { work_mem: "7MB" } });
        const preview = await stack.preview();
        assert.deepEqual(replaced(preview.output), [`${stack.name}-apply`, `${stack.name}-setup`]);
        assert.doesNotMatch(preview.output, /restarts/);
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        assert.equal(await running.sql("show work_mem"), "7MB");
        assert.deepEqual((await state(main)).services, before.services);
        assert.equal((await state(main)).started, before.started);
        assert.equal(client.problem(), undefined);
    });

    it("that adds monitoring and notify restarts nothing, and both work", async () => {
        const { stack, running } = main;
        const before = await state(main);
        const url = "http://127.0.0.1:8099/secret-of-the-receiver";
        stack.configure({
            monitoring: { metrics: "on" },
            notify: { after: 1 },
        });
        const path = "pgbackrest:notify.webhooks.chat";
        for (const [key, value] of [
            ["url", url],
            ["body", "{{event}} {{name}}: {{text}}"],
            ["contentType", "text/plain"],
            ["insecure", "I accept that anyone on the way can read and change the messages"],
        ] as const) {
            const kind = key === "url" ? ["--secret"] : [];
            const set = await stack.pulumi(["config", "set", "--path", ...kind, `${path}.${key}`, value]);
            assert.ok(set.ok, set.output);
        }
        const up = await stack.up();
        assert.ok(up.ok && !up.output.includes(url), up.output);
        const now = await state(main);
        assert.deepEqual([now.services, now.started], [before.services, before.started]);
        assert.equal(client.problem(), undefined);
        const again = await stack.preview("--expect-no-changes");
        assert.ok(again.ok, again.output);
        const figures = `fetch("http://${stack.name}-backup:9464/metrics").then((a) => a.text()).then(console.log)`;
        assert.match(
            await running.mustExec("backup", "node", "-e", figures),
            /^protection_protected(?:\{.*\})? 1$/m,
        );
        // It listens where the service is, so that no other host has to reach this one.
        const receiver = `require("node:http").createServer((asked, answer) => asked.setEncoding("utf8").on("data",
            (text) => require("node:fs").appendFileSync("/tmp/got", text)).on("end", () => answer.end("ok"))).listen(8099, "127.0.0.1")`;
        const begun = await docker(["exec", "--detach", running.name("backup"), "node", "-e", receiver]);
        assert.ok(begun.ok, begun.output);
        await eventually(
            "the receiver has got it",
            async () => (await stack.launch(["notify", "test"], "ops").ended).ok,
        );
        assert.match(
            await running.mustExec("backup", "cat", "/tmp/got"),
            new RegExp(`^test ${stack.name}: A test: nothing has happened`),
        );
    });

    it("of the application's password is in force at once, and ends no session", async () => {
        const { stack, running } = main;
        const before = await state(main);
        const old = String((await stack.outputs())["connection"]);
        // What was added before goes with it.
        stack.configure({ monitoring: undefined, notify: undefined });
        await stack.configureSecret("password", "another-secret-2");
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        assert.ok(!up.output.includes("another-secret-2"), "the password is not shown");
        const url = String((await stack.outputs())["connection"]);
        assert.ok((await running.exec("backup", "psql", url, "-c", "select")).ok);
        assert.match(
            (await running.exec("backup", "psql", old, "-c", "select")).output,
            /authentication failed/,
        );
        assert.deepEqual((await state(main)).services, before.services);
        assert.equal(client.problem(), undefined);
    });

    it("that needs a restart is named in the preview, and restarts PostgreSQL once and alone", async () => {
        const { stack, running } = main;
        await running.sql("create table survivors as select generate_series(1, 1000) n");
        const before = await state(main);
        stack.configure({ settings: { work_mem: "7MB", max_connections: 57 } });
        const preview = await stack.preview();
        assert.match(
            preview.output,
            /-postgres restarts once \(only a restart changes max_connections to 57\)/,
        );
        const named = replaced(preview.output);
        for (const role of ["postgres", "setup"]) assert.ok(named.includes(`${stack.name}-${role}`), role);
        assert.ok(!named.includes(`${stack.name}-backup`));
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        assert.equal(await running.sql("show max_connections"), "57");
        assert.equal(await running.sql("select count(*) from survivors"), "1000");
        const now = await state(main);
        assert.equal(now.services[1], before.services[1], "the backup service goes on");
        assert.equal(await running.inspect("postgres", "{{.RestartCount}}"), "0");
        const log = await running.logs("postgres");
        assert.doesNotMatch(log, /not properly shut down|interrupted/, "the shutdown was clean");
        const again = await stack.preview("--expect-no-changes");
        assert.ok(again.ok, again.output);
        assert.doesNotMatch(again.output, /restarts once/);
    });
});

interface State {
    readonly services: readonly string[];
    readonly started: string;
    readonly revision: string;
    readonly setup: string;
    readonly apply: string;
}

async function state({ running }: MainStack): Promise<State> {
    return {
        services: await running.services(),
        started: await running.startTime(),
        revision: await running.revision(),
        setup: await running.id("setup"),
        apply: await running.id("apply"),
    };
}

/** Names of the resources that a preview replaces, sorted. */
function replaced(preview: string): readonly string[] {
    const urns = [...preview.matchAll(/\(replace\)\n(?:.*\n)??.*\[urn=.*::(\S+)\]/g)];
    return urns.map((match) => match[1] ?? "").sort();
}
