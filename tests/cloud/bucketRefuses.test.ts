import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { mustDocker } from "../support/docker";
import { Aws } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { TestStack } from "../support/stack";
import { pending, withoutAmazon } from "./amazon";

const ENVIRONMENT = {
    AWS_ACCESS_KEY_ID: Aws.administrator.key,
    AWS_SECRET_ACCESS_KEY: Aws.administrator.secret,
    AWS_EC2_METADATA_DISABLED: "true",
};

/** In the container of moto, which has a client for all of AWS. */
const KEY_STATES = `
import boto3, json
kms = boto3.client("kms", endpoint_url="http://127.0.0.1:5000", region_name="eu-central-1")
keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in kms.list_keys()["Keys"]]
print(json.dumps(keys))
`;

/** The program's component alone: without containers, its bucket can be destroyed in seconds. */
const program = (name: string, endpoint: string): string => `
import { loadAmazon } from "./components/repository/s3/classes";
import { BackupBucket } from "./components/repository/s3/bucket";

export const outputs = loadAmazon().then((amazon) => {
    const endpoint = ${JSON.stringify(endpoint)};
    const aws = new amazon.Provider("aws", {
        region: "eu-central-1",
        endpoints: [{ s3: endpoint, iam: endpoint, sts: endpoint, kms: endpoint }],
        s3UsePathStyle: true,
        skipCredentialsValidation: true,
        skipRequestingAccountId: true,
        skipMetadataApiCheck: true,
    });
    const bucket = { versioning: false, lock: undefined, kms: true, noncurrentDays: undefined, tags: {}, role: undefined, readers: [] };
    const repository = new BackupBucket(
        "offsite",
        {
            ...{ name: ${JSON.stringify(name)}, stack: "dev", repository: "offsite", amazon, region: "eu-central-1", path: "/x", bucket },
            ...{ noncurrentDays: 30, tagging: false, hasKmsKey: false, keyGeneration: 1, protect: false },
        },
        { providers: { aws } },
    );
    return { bucket: repository.place.bucket };
});
`;

describe(`a bucket of an unprotected stack that refuses to be destroyed (moto)${pending}`, function () {
    this.timeout(300_000);
    let servers: Servers;
    let aws: Aws;
    let stack: TestStack;

    before(async function () {
        if (withoutAmazon !== "") this.skip();
        Object.assign(process.env, ENVIRONMENT);
        servers = await Servers.create("aws");
        aws = await Aws.start(servers);
        stack = await TestStack.create({});
        const endpoint = await aws.endpoint();
        stack.edit("index.ts", () => program(stack.name, endpoint));
        await stack.mustUp();
    });

    after(async () => {
        for (const name of Object.keys(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
        await stack.remove();
        await servers.remove();
    });

    const keyStates = async (): Promise<readonly string[]> => {
        const environment = Object.entries(ENVIRONMENT).flatMap(([name, value]) => [
            "--env",
            `${name}=${value}`,
        ]);
        const answer = await mustDocker([
            "exec",
            ...environment,
            aws.server.name,
            "python3",
            "-c",
            KEY_STATES,
        ]);
        return v.parse(v.array(v.string()), JSON.parse(answer));
    };

    it("keeps the key of KMS, without which nothing in it can be read", async () => {
        const { bucket } = await stack.outputs();
        await aws.client().put(String(bucket), "x/backup", "a backup");
        const destroy = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.ok(!destroy.ok);
        assert.match(destroy.output, /BucketNotEmpty/);
        assert.deepEqual(await keyStates(), ["Enabled"]);
    });

    it("goes when it is empty, and the key after it", async () => {
        const { bucket } = await stack.outputs();
        await aws.client().delete(String(bucket), "x/backup");
        const destroy = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        assert.ok(destroy.ok, destroy.output);
        assert.deepEqual(await keyStates(), ["PendingDeletion"]);
    });
});
