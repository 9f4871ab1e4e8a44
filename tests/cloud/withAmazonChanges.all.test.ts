import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as v from "valibot";
import type { Aws } from "../support/servers/kinds";
import type { Credentials } from "../support/servers/s3Client";
import { amazon, pending, withoutAmazon } from "./amazon";
import type { CloudStack } from "./cloudStack";

describe(`changes of the prod stack's bucket, user and key (moto with IAM enforced)${pending}`, function () {
    this.timeout(400_000);
    let aws: Aws;
    let cloud: CloudStack;
    let bucket: string;
    let made: Credentials;

    before(async function () {
        if (withoutAmazon !== "") this.skip();
        ({ aws, cloud, bucket, made } = await amazon());
    });

    it("a public access block that somebody removed is found by a refreshing preview, and put back", async () => {
        const client = aws.client();
        const query = { publicAccessBlock: "" };
        await client.must("DELETE", `/${bucket}`, { query });
        const preview = await cloud.stack.preview("--refresh");
        assert.ok(preview.ok, preview.output);
        assert.match(preview.output, /BucketPublicAccessBlock/);
        const up = await cloud.stack.up("--refresh");
        assert.ok(up.ok, up.output);
        const { body } = await client.must("GET", `/${bucket}`, { query });
        for (const block of [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ])
            assert.match(body, new RegExp(`<${block}>true</${block}>`, "i"));
    });

    it("another keyGeneration makes a key that is proven, and deletes the old one when all is well", async () => {
        const { stack, running } = cloud;
        const entries = v.array(v.record(v.string(), v.unknown()));
        const [repository] = v.parse(entries, stack.setting("repositories"));
        const query = { "list-type": "2", prefix: `${stack.name}/${stack.name}/` };
        const works = async (credentials: Credentials): Promise<boolean> =>
            (await aws.client(credentials).send("GET", `/${bucket}`, { query })).status === 200;
        assert.ok(await works(made));
        const uninterrupted = await cloud.uninterrupted();
        const settings = stack.setting("settings");

        // Something else is wrong: the old key is in force, and must not be gone.
        stack.configure({
            repositories: [{ ...repository, keyGeneration: 2 }],
            settings: { DateStyle: "Mars" },
        });
        const red = await stack.up();
        assert.ok(!red.ok);
        assert.match(red.output, /-setup failed/);
        await cloud.archived();

        stack.configure({ settings });
        const green = await stack.up();
        assert.ok(green.ok, green.output);
        const configuration = await running.configuration("backup", "conf.d/repo.conf");
        const option = (name: string): string =>
            new RegExp(`^repo1-s3-${name}=(.*)$`, "m").exec(configuration)?.[1] ?? "";
        const next = { key: option("key"), secret: option("key-secret") };
        assert.notEqual(next.key, made.key);
        await cloud.archived();
        await cloud.pgbackrest("--type=incr", "backup");
        assert.deepEqual([await works(made), await works(next)], [false, true]);
        made = next;
        assert.deepEqual(await cloud.uninterrupted(), uninterrupted);
    });

    it("a reader whose name is taken out loses its key, which the preview says, and nothing else changes", async () => {
        const { stack } = cloud;
        const { readers } = v.parse(READERS, await stack.outputs());
        const { key, keySecret: secret } = readers.offsite.drills;
        const query = { "list-type": "2", prefix: `${stack.name}/${stack.name}/` };
        const reads = async (): Promise<number> =>
            (await aws.client({ key, secret }).send("GET", `/${bucket}`, { query })).status;
        assert.equal(await reads(), 200);
        const uninterrupted = await cloud.uninterrupted();
        const [repository] = v.parse(
            v.array(v.record(v.string(), v.unknown())),
            stack.setting("repositories"),
        );
        stack.configure({ repositories: [{ ...repository, readers: [] }] });
        const preview = await stack.preview();
        assert.match(
            preview.output,
            /reader drills of repository offsite goes: its user and key are deleted/,
        );
        assert.match(preview.output, /3 to delete/);
        const up = await stack.up();
        assert.ok(up.ok, up.output);
        assert.equal(await reads(), 403);
        assert.deepEqual(await cloud.uninterrupted(), uninterrupted);
        assert.ok(
            (await aws.client(made).keys(bucket, query.prefix)).length > 0,
            "the host's key still works",
        );
        const again = await stack.preview("--expect-no-changes");
        assert.ok(again.ok, again.output);
    });
});

const READERS = v.object({
    readers: v.object({
        offsite: v.object({ drills: v.object({ key: v.string(), keySecret: v.string() }) }),
    }),
});
