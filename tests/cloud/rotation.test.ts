import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Load } from "../e2e/load";
import { LOCAL, type Repository } from "./cloudStack";
import { shared, type Shared, USER } from "./shared";

/** Another user of the server, whose rights are the same. */
const NEXT = { key: "next-user", secret: "secret-of-the-next-key" };

describe("credentials of a bucket that exists (versitygw)", function () {
    this.timeout(300_000);
    let all: Shared;
    let load: Load;
    before(async () => {
        all = await shared();
        const { gateway, cloud } = all;
        await gateway.createUser(NEXT);
        await gateway.administrator.createBucket("rotated");
        await allow(USER.key, NEXT.key);
        cloud.bundle(true);
        await cloud.mustSwitchTo(bucket(USER));
        load = await Load.start(cloud.running, String((await cloud.stack.outputs())["connection"]));
    });
    after(async () => {
        const up = await all.cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
    });

    const bucket = ({ key, secret }: typeof USER): Repository => ({
        ...{ name: "cloud", type: "s3", bucket: "rotated", region: "us-east-1", uriStyle: "path" },
        ...{ endpoint: all.gateway.server.name, caFile: "ca.crt", key, keySecret: secret },
    });
    async function allow(...users: readonly string[]): Promise<void> {
        const rights = { Effect: "Allow", Principal: { AWS: users }, Action: ["s3:*"] };
        await all.gateway.administrator.putPolicy("rotated", {
            Version: "2012-10-17",
            Statement: ["arn:aws:s3:::rotated", "arn:aws:s3:::rotated/*"].map((Resource) => ({
                ...rights,
                Resource,
            })),
        });
    }

    it("stay as they are when the new ones do not work", async () => {
        const { cloud } = all;
        const revision = await cloud.running.revision();
        const wrong = bucket({ ...NEXT, secret: "a-wrong-secret" });
        const up = await load.during("a key that does not work", () => cloud.switchTo(wrong));
        assert.ok(!up.ok);
        assert.match(up.output, /credentials are wrong/);
        assert.ok(!up.output.includes("a-wrong-secret"));
        assert.equal(await cloud.running.revision(), revision);
        await cloud.archived();
        await all.assertUninterrupted();
    });

    it("rotate without a restart or a new backup, and then nothing uses or holds the old ones", async () => {
        const { cloud } = all;
        const up = await load.during("rotation of a key", () => cloud.switchTo(bucket(NEXT)));
        assert.ok(up.ok, up.output);
        await allow(NEXT.key);
        await cloud.archived();
        assert.equal((await cloud.backups()).length, 1);
        await cloud.pgbackrest("--type=incr", "backup");
        const old = await cloud.running.exec("backup", "grep", "-rl", USER.key, "/etc/pgbackrest/");
        assert.equal(old.output, "");
        await load.end();
        await all.assertUninterrupted();
    });
});
