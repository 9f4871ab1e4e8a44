import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { Load } from "../e2e/load";
import { signalBackup } from "../e2e/processes";
import { eventually } from "../support/docker";
import { LOCAL } from "./cloudStack";
import { move, rights } from "./s3Bucket";
import { shared, type Shared } from "./shared";

describe("a backup that the schedule has started (versitygw)", function () {
    this.timeout(300_000);
    let all: Shared;
    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
        await all.gateway.administrator.createBucket("switched");
        await all.gateway.administrator.putPolicy("switched", rights("switched", `${all.cloud.stack.name}/`));
        await move(all, "switched");
    });

    it("a switch of the repository stops the backup that runs, says so, and loses no WAL", async () => {
        const { cloud } = all;
        const { running, stack } = cloud;
        const held = running.mustExec("backup", "bash", "-c", signalBackup("STOP"));
        stack.configure({ schedules: { diff: "* * * * *" } });
        const scheduled = await stack.up();
        assert.ok(scheduled.ok, scheduled.output);
        await held;
        const waiting = await running.switchWal();
        const load = await Load.start(running, String((await stack.outputs())["connection"]));
        const up = load.during("a switch of the repository, a backup under way", () => cloud.switchTo(LOCAL));
        await eventually("it says so", async () =>
            (await running.logs("backup")).includes(
                "the repository or the stanza was changed: stopping the running diff backup",
            ),
        );
        await running.mustExec("backup", "bash", "-c", signalBackup("CONT"));
        const { ok, output } = await up;
        assert.ok(ok, output);
        assert.ok((await cloud.lastArchived()) >= waiting);
        await load.end((segment) => cloud.lastArchived().then((last) => last >= segment));
        stack.configure({ schedules: undefined });
        assert.ok((await stack.up()).ok);
        await cloud.archived();
        await all.assertUninterrupted();
    });
});
