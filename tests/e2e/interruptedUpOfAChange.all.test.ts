import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { killAll } from "./processes";
import { finishes, secondStackUp, type SecondStack, UP } from "./secondStack";

describe("an up that is interrupted in a change", function () {
    this.timeout(300_000);
    let second: SecondStack;
    before(async () => {
        second = await secondStackUp();
    });

    // One that is killed behind that, when it has published, is in changesUnderLoad.all.test.ts.
    it("with kill -9 of all its processes while setup runs in a change, comes to its end when it is run again", async () => {
        const { stack, running } = second;
        const services = await running.services();
        stack.edit("config/pgbackrest/pgbackrest.conf", (text) =>
            text.replace(
                /^(repo1-retention-full=)(\d+)$/m,
                (_, option, number) => `${String(option)}${Number(number) + 1}`,
            ),
        );
        const up = stack.launch(UP);
        await running.runsIn("setup", up);
        killAll(stack);
        await up.ended;
        await finishes(second);
        assert.deepEqual(await running.services(), services);
    });
});
