import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { amazon, withoutAmazon } from "./amazon";
import { LOCAL, type Repository } from "./cloudStack";
import { cycle } from "./cycle";
import { outage } from "./outage";
import { bucket, move, rights } from "./s3Bucket";
import { shared, type Shared, USER } from "./shared";

describe("a live stack on S3 (versitygw, TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(false);
    });

    it("is refused with a wrong secret, in words that say so, and nothing is changed", async () => {
        const { cloud, gateway } = all;
        await gateway.administrator.createBucket("plain");
        await gateway.administrator.putPolicy("plain", rights("plain", `${cloud.stack.name}/`));
        const revision = await cloud.running.revision();
        const up = await cloud.switchTo(bucket(all, "plain", { keySecret: `${USER.secret}x` }));
        assert.ok(!up.ok);
        assert.match(up.output, /credentials are wrong/);
        assert.ok(!up.output.includes(USER.secret), "the secret is not shown");
        assert.equal(await cloud.running.revision(), revision);
        await all.assertUninterrupted();
        await cloud.archived();
    });

    // What pgBackRest finds without an answer of the server, another host and another CA, is in tests/image.
    it("tells another bucket and another path apart", async () => {
        const { cloud } = all;
        const mistakes: readonly [Repository, RegExp][] = [
            [{ bucket: "nowhere" }, /no such bucket/],
            [{ path: "/elsewhere" }, /lack a right/],
        ];
        for (const [change, message] of mistakes) {
            const up = await cloud.switchTo(bucket(all, "plain", change));
            assert.ok(!up.ok);
            assert.match(up.output, message);
        }
        await all.assertUninterrupted();
    });

    it("moves from a volume to a bucket whose policy allows one prefix, with a full backup at once", async () => {
        await move(all, "plain");
        const client = all.gateway.client(USER);
        assert.match((await client.put("plain", "outside", "x")).body, /AccessDenied/);
        const keys = await all.gateway.administrator.keys("plain");
        const prefix = `${all.cloud.stack.name}/${all.cloud.stack.name}/`;
        assert.ok(keys.length > 0 && keys.every((key) => key.startsWith(prefix)), keys.join("\n"));
    });

    it("plain bucket: archives under load, diff, full, expire, verify and restore", () => cycle(all.cloud));

    it("goes on while the server is away, and the backlog drains", async () => {
        // Needed later, and most of it is waiting too.
        if (withoutAmazon === "") void amazon().catch(() => undefined);
        await outage(all.cloud, all.gateway.server, 8);
    });

    it("moves back to the volume, where the old backups still are, with a new full one", async () => {
        const { cloud } = all;
        const up = await cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
        await all.assertUninterrupted();
        await cloud.archived();
        assert.equal(await cloud.restoredChecksum(), await cloud.checksum());
    });
});
