import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Aws, Azurite, GoogleStorage, VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";

describe("the storage servers of the tests", function () {
    this.timeout(600_000);
    let servers: Servers;
    let s3: VersityGateway;
    let aws: Aws;

    before(async () => {
        servers = await Servers.create("s3", "aws", "azure", "gcs");
        [s3, aws] = await Promise.all([
            VersityGateway.start(servers),
            Aws.start(servers),
            Azurite.start(servers).then((azure) => azure.createContainer("backups")),
            GoogleStorage.start(servers).then((gcs) => gcs.createBucket("backups")),
        ]);
    });

    after(() => servers.remove());

    it("versitygw refuses a wrong secret and an unknown user", async () => {
        const user = { key: "some-user", secret: "some=secret" };
        await s3.createUser(user);
        assert.equal((await s3.client(user).send("GET", "/")).status, 200);
        assert.match(
            (await s3.client({ ...user, secret: "another" }).send("GET", "/")).body,
            /SignatureDoesNotMatch/,
        );
        assert.match(
            (await s3.client({ key: "nobody", secret: "x" }).send("GET", "/")).body,
            /InvalidAccessKeyId/,
        );
    });

    it("versitygw keeps every version of a locked bucket", async () => {
        await s3.administrator.createBucket("locked", { lockedDays: 1 });
        assert.equal((await s3.administrator.put("locked", "a/b+c=d", "one")).status, 200);
        assert.equal((await s3.administrator.put("locked", "a/b+c=d", "two")).status, 200);
        const versions = await s3.administrator.versions("locked");
        assert.equal(versions.length, 2);
        for (const { key, id } of versions)
            assert.match(
                (await s3.administrator.delete("locked", key, id)).body,
                /AccessDenied|ObjectLocked/,
            );
    });

    it("moto proves signatures of keys with special characters, and refuses a wrong secret", async () => {
        const client = aws.client();
        await client.createBucket("plain");
        assert.equal((await client.put("plain", "a/b+c=d (1)", "one")).status, 200);
        assert.deepEqual(await client.keys("plain", "a/b+"), ["a/b+c=d (1)"]);
        const wrong = aws.client({ ...Aws.administrator, secret: "another" });
        assert.match((await wrong.send("GET", "/plain")).body, /SignatureDoesNotMatch/);
        assert.match(
            (await aws.client({ key: "nobody", secret: "x" }).send("GET", "/")).body,
            /InvalidAccessKeyId/,
        );
    });
});
