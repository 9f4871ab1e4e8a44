import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { hostKey } from "../support/sshKeys";
import { cycle } from "./cycle";
import { shared, type Shared } from "./shared";

describe("a live stack on a server over SFTP (OpenSSH)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
    });

    it("is refused while the server is another than the stack knows, and nothing is changed", async () => {
        const { cloud, sftp } = all;
        const revision = await cloud.running.revision();
        const up = await cloud.switchTo(sftp.repository({ hostKeys: [hostKey()] }));
        assert.ok(!up.ok);
        assert.match(up.output, /it is another server than the one whose keys hostKeys has/);
        assert.equal(await cloud.running.revision(), revision);
        await all.assertUninterrupted();
    });

    it("moves there, archives under load, diff, full, expire, verify and restore", async () => {
        await all.cloud.mustSwitchTo(all.sftp.repository());
        await all.assertUninterrupted();
        await cycle(all.cloud);
    });
});
