import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { OlderCopy } from "./olderCopy";

describe("PostgreSQL on an older copy of its data", function () {
    this.timeout(PATIENCE);
    let older: OlderCopy;
    before(async () => {
        older = await OlderCopy.create();
    });
    after(() => older.containers.remove());

    it("is named, and no backup mixes it with what the repository has", async () => {
        await older.setBack();
        await older.healthSays(
            /UNHEALTHY: the repository has another WAL segment 0000\w+ than PostgreSQL writes: .*Begin anew/,
        );
        assert.match((await older.containers.state())?.activity ?? "", /^no backup is taken/);
    });
});
