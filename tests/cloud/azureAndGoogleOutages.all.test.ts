import { before, describe, it } from "mocha";
import { bucket, container } from "./azureAndGoogle";
import { outage } from "./outage";
import { shared, type Shared } from "./shared";

describe("a live stack, while the server is away, goes on and the backlog drains", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(true);
    });

    it("on Azure Blob Storage", async () => {
        await all.azurite.createContainer("outages");
        await all.cloud.mustSwitchTo(container(all, { container: "outages" }));
        await outage(all.cloud, all.azurite.server, 8);
        await all.assertUninterrupted();
    });

    it("on Google Cloud Storage", async () => {
        await all.google.createBucket("outages");
        await all.cloud.mustSwitchTo(bucket(all, { bucket: "outages" }));
        await outage(all.cloud, all.google.server, 8);
        await all.assertUninterrupted();
    });
});
