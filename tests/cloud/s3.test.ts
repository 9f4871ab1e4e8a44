import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { CloudStack, type Repository, type Uninterrupted } from "./cloudStack";
import { cycle } from "./cycle";

/** Characters that an INI parser, a shell or a URL would take for something else. */
const USER = { key: "stack-user", secret: `a=b+c/d#e;f"g'h\\i%j&k$l==` };

describe("a live stack on S3 (versitygw, TLS with its own CA)", function () {
    this.timeout(300_000);
    let servers: Servers;
    let gateway: VersityGateway;
    let cloud: CloudStack;
    let unchanged: Uninterrupted;

    before(async () => {
        servers = await Servers.create("s3");
        [gateway, cloud] = await Promise.all([VersityGateway.start(servers), CloudStack.create()]);
        await cloud.join(gateway.server);
        await gateway.createUser(USER);
        unchanged = await cloud.uninterrupted();
    });

    after(async () => {
        await cloud.remove();
        await servers.remove();
    });

    function bucket(name: string, changes: Repository = {}): Repository {
        return {
            ...{ name: "cloud", type: "s3", bucket: name, region: "us-east-1", uriStyle: "path" },
            ...{ endpoint: gateway.server.name, caFile: "ca.crt", key: USER.key, keySecret: USER.secret },
            ...changes,
        };
    }

    it("switches from a volume to a bucket, with a new full backup at once", async () => {
        await gateway.administrator.createBucket("plain");
        await gateway.administrator.putPolicy("plain", onlyPrefix("plain", ""));
        const seconds = await cloud.mustSwitchTo(bucket("plain"));
        console.log(`        (up took ${seconds.toFixed(0)} s)`);
        assert.deepEqual(await cloud.uninterrupted(), unchanged);
    });

    it("plain bucket: archives under load, diff, full, expire, verify and restore", () => cycle(cloud));
});

/** A user's rights on one prefix of a bucket, as a policy of the bucket. */
function onlyPrefix(name: string, prefix: string): object {
    const statement = (actions: readonly string[], resource: string): object => ({
        Effect: "Allow",
        Principal: { AWS: [USER.key] },
        Action: actions,
        Resource: resource,
    });
    return {
        Version: "2012-10-17",
        Statement: [
            statement(["s3:ListBucket"], `arn:aws:s3:::${name}`),
            statement(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], `arn:aws:s3:::${name}/${prefix}*`),
        ],
    };
}
