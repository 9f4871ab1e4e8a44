import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { Azurite } from "../support/servers/kinds";
import type { Repository } from "./cloudStack";
import { cycle } from "./cycle";
import { outage } from "./outage";
import { shared, type Shared } from "./shared";

describe("a live stack on Azure Blob Storage (Azurite, TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
        await all.azurite.createContainer("backups");
    });

    function container(changes: Repository = {}): Repository {
        return {
            ...{
                name: "azure",
                type: "azure",
                account: Azurite.account,
                container: "backups",
                key: Azurite.key,
            },
            ...{ host: all.azurite.server.name, uriStyle: "path", caFile: "ca.crt" },
            ...changes,
        };
    }

    it("is refused with a wrong key, in words that say so, and nothing is changed", async () => {
        const { cloud } = all;
        const revision = await cloud.running.revision();
        const key = Buffer.from("another key of the same form").toString("base64");
        const up = await cloud.switchTo(container({ key }));
        assert.ok(!up.ok);
        assert.match(up.output, /credentials are wrong/);
        assert.equal(await cloud.running.revision(), revision);
        await all.assertUninterrupted();
    });

    it("tells a container that does not exist", async () => {
        const up = await all.cloud.switchTo(container({ container: "nowhere" }));
        assert.ok(!up.ok);
        assert.match(up.output, /no such bucket|no such container/);
    });

    it("moves there, archives under load, diff, full, expire, verify and restore", async () => {
        await all.cloud.mustSwitchTo(container());
        await all.assertUninterrupted();
        await cycle(all.cloud);
    });

    it("goes on while the server is away, and the backlog drains", () =>
        outage(all.cloud, all.azurite.server, 8));
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

    function bucket(changes: Repository = {}): Repository {
        return {
            ...{ name: "google", type: "gcs", bucket: "backups", keyType: "token", key: "a-token" },
            ...{ endpoint: all.google.server.name, caFile: "ca.crt" },
            ...changes,
        };
    }

    it("tells a bucket that does not exist", async () => {
        const up = await all.cloud.switchTo(bucket({ bucket: "nowhere" }));
        assert.ok(!up.ok);
        assert.match(up.output, /no such bucket/);
        await all.assertUninterrupted();
    });

    it("moves there, archives under load, diff, full, expire, verify and restore", async () => {
        await all.cloud.mustSwitchTo(bucket());
        await all.assertUninterrupted();
        await cycle(all.cloud);
    });

    it("goes on while the server is away, and the backlog drains", () =>
        outage(all.cloud, all.google.server, 8));
});
