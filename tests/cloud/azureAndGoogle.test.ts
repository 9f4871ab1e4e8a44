import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { bucket, container } from "./azureAndGoogle";
import { cycle } from "./cycle";
import { shared, type Shared } from "./shared";

describe("a live stack on Azure Blob Storage (Azurite, TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
        await all.azurite.createContainer("backups");
    });

    it("is refused with a wrong key, in words that say so, and nothing is changed", async () => {
        const { cloud } = all;
        const revision = await cloud.running.revision();
        const key = Buffer.from("another key of the same form").toString("base64");
        const up = await cloud.switchTo(container(all, { key }));
        assert.ok(!up.ok);
        assert.match(up.output, /credentials are wrong/);
        assert.equal(await cloud.running.revision(), revision);
        await all.assertUninterrupted();
    });

    it("tells a container that does not exist", async () => {
        const up = await all.cloud.switchTo(container(all, { container: "nowhere" }));
        assert.ok(!up.ok);
        assert.match(up.output, /no such bucket|no such container/);
    });

    it("moves there, archives under load, diff, full, expire, verify and restore", async () => {
        await all.cloud.mustSwitchTo(container(all));
        await all.assertUninterrupted();
        await cycle(all.cloud);
    });
});

// fake-gcs-server takes every token: that a wrong one is refused cannot be shown with it.
describe("a live stack on Google Cloud Storage (fake-gcs-server behind TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
        await all.google.createBucket("backups");
    });

    it("tells a bucket that does not exist", async () => {
        const up = await all.cloud.switchTo(bucket(all, { bucket: "nowhere" }));
        assert.ok(!up.ok);
        assert.match(up.output, /no such bucket/);
        await all.assertUninterrupted();
    });

    it("moves there, archives under load, diff, full, expire, verify and restore", async () => {
        await all.cloud.mustSwitchTo(bucket(all));
        await all.assertUninterrupted();
        await cycle(all.cloud);
    });
});
