import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as v from "valibot";
import { Aws } from "../support/servers/kinds";
import type { Credentials } from "../support/servers/s3Client";
import { amazon, withoutAmazon } from "./amazon";
import type { CloudStack } from "./cloudStack";
import { cycle } from "./cycle";

const pending = withoutAmazon === "" ? "" : ` - PENDING: ${withoutAmazon}`;

// moto checks no KMS rights, and is no AWS: what it allows says less than what it refuses.
describe(`the prod stack's bucket, user and key (moto with IAM enforced)${pending}`, function () {
    this.timeout(400_000);
    let aws: Aws;
    let cloud: CloudStack;
    let bucket: string;
    let made: Credentials;

    before(async function () {
        if (withoutAmazon !== "") this.skip();
        const stack = await amazon();
        ({ aws, cloud, bucket, made } = stack);
        console.log(`        (up took ${stack.seconds.toFixed(0)} s)`);
    });

    it("are made, and PostgreSQL archives, backs up and restores with exactly that key", async () => {
        assert.match(bucket, /-offsite-[0-9a-f]{8}$/);
        assert.notEqual(made.key, Aws.administrator.key);
        await cycle(cloud);
    });

    it("change nothing at a second preview", async () => {
        const preview = await cloud.stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("the key can do what pgBackRest needs under its prefix, and nothing else", async () => {
        const client = aws.client(made);
        const prefix = `${cloud.stack.name}/${cloud.stack.name}/`;
        const refused = async (
            what: string,
            answer: Promise<{ status: number; body: string }>,
        ): Promise<void> => {
            const { status, body } = await answer;
            assert.equal(status, 403, what);
            assert.match(body, /AccessDenied/, what);
        };
        assert.ok((await client.keys(bucket, prefix)).length > 0);
        assert.equal((await client.put(bucket, `${prefix}probe+=`, "x")).status, 200);
        assert.equal((await client.send("GET", `/${bucket}/${prefix}probe+=`)).body, "x");
        assert.equal((await client.delete(bucket, `${prefix}probe+=`)).status, 204);
        const versions = await client.versions(bucket, prefix);
        const [version] = versions.filter(({ marker }) => !marker);
        assert.ok(version !== undefined);
        const bypass = { "x-amz-bypass-governance-retention": "true" };
        await refused("deleting a version", client.delete(bucket, version.key, version.id));
        await refused("getting around the lock", client.delete(bucket, version.key, version.id, bypass));
        await refused(
            "listing everything",
            client.send("GET", `/${bucket}`, { query: { "list-type": "2" } }),
        );
        await refused(
            "listing another's",
            client.send("GET", `/${bucket}`, { query: { prefix: "another/" } }),
        );
        await refused("writing outside", client.put(bucket, "another/file", "x"));
        await refused("writing beside", client.put(bucket, prefix.replace(/\/$/, "x/file"), "x"));
        await refused("reading outside", client.send("GET", `/${bucket}/another/file`));
        for (const query of ["policy", "versioning", "lifecycle", "publicAccessBlock", "object-lock"]) {
            await refused(`reading ${query}`, client.send("GET", `/${bucket}`, { query: { [query]: "" } }));
            await refused(`changing ${query}`, client.send("PUT", `/${bucket}`, { query: { [query]: "" } }));
        }
        await refused("deleting the bucket", client.send("DELETE", `/${bucket}`));
        await refused("listing buckets", client.send("GET", "/"));
        await refused("making a bucket", client.send("PUT", "/another-bucket"));
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
            settings: { log_timezone: "Mars/Base" },
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

    it("are refused to be destroyed while they are protected, and nothing of them is gone", async () => {
        const client = aws.client();
        const destroy = await cloud.stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.ok(!destroy.ok);
        assert.match(destroy.output, /protected/);
        for (const query of [
            "policy",
            "publicAccessBlock",
            "versioning",
            "encryption",
            "lifecycle",
            "object-lock",
        ])
            assert.equal(
                (await client.send("GET", `/${bucket}`, { query: { [query]: "" } })).status,
                200,
                query,
            );
        assert.ok(
            (await aws.client(made).keys(bucket, `${cloud.stack.name}/${cloud.stack.name}/`)).length > 0,
            "the key still works",
        );
    });
});
