import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { Aws } from "../support/servers/kinds";
import type { Credentials } from "../support/servers/s3Client";
import { amazon, pending, withoutAmazon } from "./amazon";
import type { CloudStack } from "./cloudStack";
import { cycle } from "./cycle";
import { blocksOf, Elsewhere, readerConfiguration } from "./reader";

const READERS = "docs/readers.md";

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

    it("a reader elsewhere reads with the commands of docs/readers.md, and can neither write nor delete", async () => {
        const [script = ""] = blocksOf(READERS, "sh");
        const configuration = await readerConfiguration(cloud, script);
        const [, key = ""] = /^repo1-s3-key=(.*)$/m.exec(configuration) ?? [];
        const [, secret = ""] = /^repo1-s3-key-secret=(.*)$/m.exec(configuration) ?? [];
        assert.notEqual(key, made.key);
        const elsewhere = await Elsewhere.make(cloud, configuration, aws.server.ca);
        try {
            const [info = "", restore = "", archiveGet = ""] = (blocksOf(READERS, "text")[0] ?? "").split(
                "\n",
            );
            assert.match(await elsewhere.mustType(info), /status: ok[^]*full backup: /);
            await elsewhere.mustType(restore);
            const [, first = ""] =
                /wal archive min\/max \(17\): (\w{24})/.exec(await elsewhere.mustType(info)) ?? [];
            await elsewhere.mustType(archiveGet.replace("000000010000000000000001", first));
            const pgbackrest = "pgbackrest --config=reader.conf --stanza=main";
            const [label = ""] = /(?<=full backup: )\S+/.exec(await elsewhere.mustType(info)) ?? [];
            for (const writes of [
                `${pgbackrest} --set=${label} --annotation=by=reader annotate`,
                `${pgbackrest} repo-rm archive/main/archive.info`,
                `${pgbackrest} repo-rm --recurse backup/main`,
            ]) {
                const { ok, output } = await elsewhere.type(writes);
                assert.ok(!ok && output.includes("AccessDenied"), `${writes}: ${output}`);
            }
        } finally {
            await elsewhere.remove();
        }
        const client = aws.client({ key, secret });
        const prefix = `${cloud.stack.name}/${cloud.stack.name}/`;
        const [version] = (await client.versions(bucket, prefix)).filter(({ marker }) => !marker);
        assert.ok(version !== undefined);
        const path = `/${bucket}/${version.key}`;
        assert.equal((await client.send("GET", path, { query: { versionId: version.id } })).status, 200);
        for (const [what, answer] of [
            ["deleting a version", client.delete(bucket, version.key, version.id)],
            ["deleting", client.delete(bucket, version.key)],
            ["writing", client.put(bucket, version.key, "x")],
            ["listing everything", client.send("GET", `/${bucket}`, { query: { "list-type": "2" } })],
            ["reading outside", client.send("GET", `/${bucket}/another/file`)],
            ["reading the policy", client.send("GET", `/${bucket}`, { query: { policy: "" } })],
        ] as const)
            assert.equal((await answer).status, 403, what);
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
