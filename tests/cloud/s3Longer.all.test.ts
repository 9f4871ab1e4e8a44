import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { LOCAL } from "./cloudStack";
import { cycle } from "./cycle";
import { move, rights } from "./s3Bucket";
import { shared, type Shared, USER } from "./shared";

describe("a live stack on S3 (versitygw), for longer", function () {
    this.timeout(480_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(false);
        await all.gateway.administrator.createBucket("longer");
        await all.gateway.administrator.putPolicy("longer", rights("longer", `${all.cloud.stack.name}/`));
        await move(all, "longer");
    });
    after(async () => {
        const up = await all.cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
    });

    it("survives a server that is killed during a backup", async () => {
        const { cloud, gateway } = all;
        const prefix = `${cloud.stack.name}/${cloud.stack.name}/backup/main/`;
        const before = new Set(await gateway.administrator.keys("longer", prefix));
        const backup = cloud.running.exec("backup", "pgbackrest", "--stanza=main", "--type=full", "backup");
        await eventually("the backup writes", async () =>
            (await gateway.administrator.keys("longer", prefix)).some((key) => !before.has(key)),
        );
        await gateway.server.kill();
        await new Promise((resolve) => setTimeout(resolve, 3000));
        await gateway.server.start();
        const { ok, output } = await backup;
        console.log(
            `        (the backup ${ok ? "went on and ended well" : `failed: ${/ERROR.*/.exec(output)?.[0] ?? ""}`})`,
        );
        await cloud.pgbackrest("--type=full", "backup");
        await cloud.archived();
        assert.match(await cloud.pgbackrest("--output=text", "--verbose", "verify"), /^ *status: ok/m);
        await all.assertUninterrupted();
    });

    it("versioned and locked bucket: the same, what expired is still there, and whoever has the stack's key cannot remove a version", async () => {
        const { cloud, gateway } = all;
        cloud.bundle(true);
        await gateway.administrator.createBucket("locked", { lockedDays: 1 });
        await gateway.administrator.putPolicy("locked", rights("locked", "", ["s3:*"]));
        await move(all, "locked");
        await cycle(cloud);
        assert.ok(
            (await gateway.administrator.versions("locked")).some(({ marker }) => marker),
            "expire left delete markers",
        );
        const attacker = gateway.client(USER);
        const versions = (await attacker.versions("locked")).filter(({ marker }) => !marker);
        assert.ok(versions.length > 20);
        // Some forty of some thousand: each is a request.
        const step = Math.ceil(versions.length / 40);
        for (const { key, id } of versions.filter((_, index) => index % step === 0)) {
            const bypass = { "x-amz-bypass-governance-retention": "true" };
            const { status } = await attacker.delete("locked", key, id, bypass);
            assert.equal(status, 403, key);
        }
        const left = (await gateway.administrator.versions("locked")).filter(({ marker }) => !marker);
        assert.ok(left.length >= versions.length);
    });
});
