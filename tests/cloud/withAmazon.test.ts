import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { findPlugins } from "../../toolchain/pulumi";
import { findTerraformAws } from "../../toolchain/terraformAws";
import { Aws } from "../support/servers/kinds";
import type { Credentials } from "../support/servers/s3Client";
import { CloudStack } from "./cloudStack";
import { cycle } from "./cycle";
import { shared } from "./shared";

const missing =
    findPlugins() === "official" || findTerraformAws() !== undefined
        ? ""
        : " - PENDING: Pulumi's AWS plugin cannot be downloaded here, and no Terraform AWS provider is on this machine";

/** As a careful team would run it: what Pulumi.prod.yaml says, as far as it concerns the repository. */
const SETTINGS = {
    protect: true,
    options: {
        global: { "repo1-bundle": "y", "repo1-block": "y", "compress-type": "zst", "compress-level": "1" },
    },
};
const REGION = "eu-central-1";

// moto checks no KMS rights, and is no AWS: what it allows says less than what it refuses.
describe(`a bucket, user and key that the program makes (moto with IAM enforced)${missing}`, function () {
    this.timeout(400_000);
    let aws: Aws;
    let cloud: CloudStack | undefined;
    let bucket = "";
    let made: Credentials;

    before(async function () {
        if (missing !== "") this.skip();
        process.env["AWS_ACCESS_KEY_ID"] = Aws.administrator.key;
        process.env["AWS_SECRET_ACCESS_KEY"] = Aws.administrator.secret;
        process.env["AWS_EC2_METADATA_DISABLED"] = "true";
        aws = (await shared()).aws;
        cloud = await CloudStack.create(SETTINGS);
        await cloud.join(aws.server);
    });

    after(async () => {
        for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"])
            Reflect.deleteProperty(process.env, name);
        await cloud?.remove();
    });

    function stack(): CloudStack {
        assert.ok(cloud !== undefined);
        return cloud;
    }

    it("are made, and PostgreSQL archives and backs up with exactly that key", async () => {
        const endpoint = await aws.endpoint();
        stack().stack.configure({
            aws: {
                region: REGION,
                endpoints: { s3: endpoint, iam: endpoint, sts: endpoint, kms: endpoint },
                s3UsePathStyle: true,
                skipCredentialsValidation: true,
                skipRequestingAccountId: true,
                skipMetadataApiCheck: true,
            },
        });
        const seconds = await stack().mustSwitchTo({
            ...{ name: "offsite", type: "s3", region: REGION, uriStyle: "path", caFile: "ca.crt" },
            ...{
                endpoint: aws.server.name,
                lock: { mode: "governance", days: 7 },
                tags: { team: "database" },
            },
        });
        console.log(`        (up took ${seconds.toFixed(0)} s)`);
        const configuration = await stack().running.configuration("backup", "conf.d/repo.conf");
        const option = (name: string): string =>
            new RegExp(`^repo1-s3-${name}=(.*)$`, "m").exec(configuration)?.[1] ?? "";
        bucket = option("bucket");
        made = { key: option("key"), secret: option("key-secret") };
        assert.notEqual(made.key, Aws.administrator.key);
        await cycle(stack());
    });

    it("change nothing at a second preview", async () => {
        const preview = await stack().stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    });

    it("the key can do what pgBackRest needs under its prefix, and nothing else", async () => {
        const client = aws.client(made);
        const prefix = `${stack().stack.name}/${stack().stack.name}/`;
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
        const preview = await stack().stack.preview("--refresh");
        assert.ok(preview.ok, preview.output);
        assert.match(preview.output, /BucketPublicAccessBlock/);
        const up = await stack().stack.up("--refresh");
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

    it("are refused to be destroyed while they are protected, and nothing of them is gone", async () => {
        const client = aws.client();
        const destroy = await stack().stack.pulumi(["destroy", "--yes", "--skip-preview"]);
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
            (await aws.client(made).keys(bucket, `${stack().stack.name}/`)).length > 0,
            "the key still works",
        );
    });
});
