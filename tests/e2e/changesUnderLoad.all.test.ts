import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { eventually } from "../support/docker";
import { Load } from "./load";
import { mainStack, type MainStack, PASSWORD } from "./mainStack";
import { killAll, signalBackup } from "./processes";

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";
const UP = ["up", "--yes", "--skip-preview", "--non-interactive"];

describe("under load, with WAL flowing", function () {
    this.timeout(180_000);
    let main: MainStack;
    let load: Load;
    let kept: { services: readonly string[]; started: string; settings: Record<string, unknown> };
    before(async () => {
        main = await mainStack();
        const { stack, running } = main;
        kept = {
            services: await running.services(),
            started: await running.startTime(),
            settings: v.parse(v.record(v.string(), v.unknown()), stack.setting("settings") ?? {}),
        };
        await running.sql(
            "create table load as select repeat(md5(n::text), 30) from generate_series(1, 30000) n",
        );
        load = await Load.start(running, String((await stack.outputs())["connection"]));
    });
    after(async () => {
        main.stack.configure({ schedules: undefined, settings: kept.settings });
        await main.stack.mustUp();
        await main.running.sql("drop table load");
    });

    async function nothingRestarted(): Promise<void> {
        assert.deepEqual(await main.running.services(), kept.services);
        assert.equal(await main.running.startTime(), kept.started);
    }
    const inForce = async (): Promise<readonly string[]> =>
        Promise.all([
            main.running.revision(),
            main.running.configuration("backup", "pgbackrest.conf"),
            main.running.configuration("postgres", "postgresql.conf"),
        ]);
    const edit = (from: RegExp, to: string): void => {
        const { stack } = main;
        stack.edit(TEMPLATE, (text) => {
            assert.match(text, from);
            return text.replace(from, to);
        });
    };

    it("schedules change, and a backup that they start goes on through a change of the template", async () => {
        const { stack, running } = main;
        const diffs = async (): Promise<readonly string[]> =>
            (await running.logs("backup")).split("diff backup: running");
        const earlier = (await diffs()).length;
        // As soon as a backup runs it is stopped for as long as the test wants.
        const held = running.mustExec("backup", "bash", "-c", signalBackup("STOP"));
        stack.configure({ schedules: { diff: "* * * * *" } });
        await load.during("schedules", () => stack.mustUp());
        await held;
        const before = await running.revision();
        edit(/^process-max=\d+$/m, "process-max=1");
        await load.during("template, a backup under way", async () => {
            const up = stack.launch(UP);
            await eventually("the change is published", async () => (await running.revision()) !== before);
            assert.match(
                await running.mustExec("backup", "ls", "/etc/pgbackrest/revisions"),
                new RegExp(before),
            );
            await running.mustExec("backup", "bash", "-c", signalBackup("CONT"));
            const { ok, output } = await up.ended;
            assert.ok(ok, output);
        });
        // A minute later the next one may have begun.
        assert.match((await diffs())[earlier] ?? "", /backup command end: completed successfully/);
        const revisions = await running.mustExec("backup", "ls", "/etc/pgbackrest/revisions");
        assert.equal(revisions, await running.revision(), "the old revision and its secrets are gone");
        await nothingRestarted();
    });

    it("retention and a PostgreSQL setting that reloads change", async () => {
        const { stack, running } = main;
        edit(/^repo1-retention-full=\d+$/m, "repo1-retention-full=6");
        await load.during("retention", () => stack.mustUp());
        stack.configure({ schedules: undefined, settings: { ...kept.settings, work_mem: "11MB" } });
        await load.during("a setting that reloads", () => stack.mustUp());
        assert.equal(await running.sql("show work_mem"), "11MB");
        await nothingRestarted();
    });

    it("what is wrong is refused by the preview or by setup, and changes nothing", async () => {
        const { stack } = main;
        const before = await inForce();
        const good = stack.setting("settings");
        for (const [where, setting, said] of [
            ["refused by the preview", { work_mem: "lots" }, /work_mem/],
            ["refused by setup", { DateStyle: "Mars" }, /-setup failed with exit code 1[^]*DateStyle/i],
        ] as const) {
            stack.configure({ settings: { ...kept.settings, ...setting } });
            const up = await load.during(where, () => stack.up());
            assert.ok(!up.ok);
            assert.match(up.output, said);
            assert.deepEqual(await inForce(), before);
        }
        stack.configure({ settings: good });
        await load.during("the next good one", () => stack.mustUp());
        await nothingRestarted();
    });

    it("an up is killed after it has published, and the next one comes to its end", async () => {
        const { stack, running } = main;
        const before = await running.revision();
        edit(/^repo1-retention-full=\d+$/m, "repo1-retention-full=5");
        await load.during("kill -9", async () => {
            const up = stack.launch(UP);
            await eventually("the change is published", async () => (await running.revision()) !== before);
            killAll(stack);
            await up.ended;
        });
        const { ok, output } = await load.during("the next up", () => stack.launch(UP).ended);
        assert.ok(ok, output);
        assert.match(await running.configuration("backup", "pgbackrest.conf"), /^repo1-retention-full=5$/m);
        await nothingRestarted();
    });

    it("the application's password changes, and changes back", async () => {
        const { stack } = main;
        for (const [what, password] of [
            ["another password", "another-password-of-the-app"],
            ["the first password again", PASSWORD],
        ] as const) {
            await stack.configureSecret("password", password);
            await load.during(what, () => stack.mustUp());
        }
        await nothingRestarted();
    });

    it("no WAL was lost", () => load.end());
});
