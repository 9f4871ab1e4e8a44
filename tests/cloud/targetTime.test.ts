import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import { Aws } from "../support/servers/kinds";
import { shared, type Shared } from "./shared";

// On moto: versitygw stamps an old version with the time of its deletion, so it cannot serve this.
describe("a versioned bucket whose objects were all deleted (moto behind TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
    });

    it("is restored as of before that, with repo-target-time", async () => {
        const { cloud, aws } = all;
        const client = aws.client();
        cloud.bundle(true);
        await client.createBucket("history", { versioned: true });
        await cloud.mustSwitchTo({
            ...{ name: "history", type: "s3", bucket: "history", region: "us-east-1", uriStyle: "path" },
            ...{ endpoint: aws.server.name, caFile: "ca.crt" },
            ...{ key: Aws.administrator.key, keySecret: Aws.administrator.secret },
        });
        await all.assertUninterrupted();
        await cloud.load(2);
        await cloud.archived();
        const checksum = await cloud.checksum();
        // Times of versions are whole seconds.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const time = await cloud.running.sql("select to_char(now(), 'YYYY-MM-DD HH24:MI:SSOF')");
        await new Promise((resolve) => setTimeout(resolve, 1500));

        // A segment may arrive meanwhile.
        await eventually("nothing is there", async () => {
            await client.deleteAll("history");
            return (await client.keys("history")).length === 0;
        });
        await assert.rejects(cloud.restoredChecksum(), /unable to load info file|FileMissing|no backup/);
        assert.equal(await cloud.restoredChecksum("--repo=1", `--repo-target-time=${time}`), checksum);
        const wish = { name: "before", at: "latest", inclusive: true, pause: false, acceptDamage: false };
        const plan = (more: object) =>
            docker(
                [
                    ...["exec", "--interactive", cloud.running.name("backup")],
                    ...["restore-database.sh", "plan"],
                ],
                { input: JSON.stringify({ ...wish, ...more }) },
            );
        const asItIs = await plan({});
        assert.ok(!asItIs.output.includes('"backup":'), asItIs.output);
        const asItWas = await plan({ repositoryTime: time });
        assert.match(asItWas.output, /"repositoryTime":.*"backup":\{"label":"\d{8}-\d{6}F"/);
    });
});
