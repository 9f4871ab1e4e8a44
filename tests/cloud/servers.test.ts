import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { mustDocker } from "../support/docker";
import { Aws, type VersityGateway } from "../support/servers/kinds";
import { allServers } from "./shared";

describe("the storage servers of the tests", function () {
    this.timeout(600_000);
    let s3: VersityGateway;
    let aws: Aws;

    before(async () => {
        const { gateway, azurite, google, ...all } = await allServers();
        s3 = gateway;
        aws = all.aws;
        await azurite.createContainer("answers");
        await google.createBucket("answers");
    });

    it("versitygw refuses a wrong secret and an unknown user", async () => {
        const user = { key: "some-user", secret: "some=secret" };
        await s3.createUser(user);
        assert.equal((await s3.client(user).send("GET", "/")).status, 200);
        assert.match(
            (await s3.client({ ...user, secret: "another" }).send("GET", "/")).body,
            /SignatureDoesNotMatch/,
        );
        assert.match(
            (await s3.client({ key: "nobody", secret: "x" }).send("GET", "/")).body,
            /InvalidAccessKeyId/,
        );
    });

    it("versitygw keeps every version of a locked bucket", async () => {
        await s3.administrator.createBucket("versions", { lockedDays: 1 });
        assert.equal((await s3.administrator.put("versions", "a/b+c=d", "one")).status, 200);
        assert.equal((await s3.administrator.put("versions", "a/b+c=d", "two")).status, 200);
        const versions = await s3.administrator.versions("versions");
        assert.equal(versions.length, 2);
        for (const { key, id } of versions)
            assert.match(
                (await s3.administrator.delete("versions", key, id)).body,
                /AccessDenied|ObjectLocked/,
            );
    });

    it("moto proves signatures of keys with special characters, and refuses a wrong secret", async () => {
        const client = aws.client();
        await client.createBucket("signed");
        assert.equal((await client.put("signed", "a/b+c=d (1)", "one")).status, 200);
        assert.deepEqual(await client.keys("signed", "a/b+"), ["a/b+c=d (1)"]);
        const wrong = aws.client({ ...Aws.administrator, secret: "another" });
        assert.match((await wrong.send("GET", "/signed")).body, /SignatureDoesNotMatch/);
        assert.match(
            (await aws.client({ key: "nobody", secret: "x" }).send("GET", "/")).body,
            /InvalidAccessKeyId/,
        );
    });

    it("moto decides by the policies of user and bucket, with their conditions", async () => {
        const { key: administrator, secret } = Aws.administrator;
        const made = await mustDocker([
            ...[
                "exec",
                "--env",
                `AWS_ACCESS_KEY_ID=${administrator}`,
                "--env",
                `AWS_SECRET_ACCESS_KEY=${secret}`,
            ],
            ...[aws.server.name, "python3", "-c", MAKE_USER],
        ]);
        const [key = "", userSecret = ""] = made.split(" ");
        const client = aws.client({ key, secret: userSecret });
        assert.equal((await client.put("policies", "mine/a", "x")).status, 200);
        assert.deepEqual(await client.keys("policies", "mine/"), ["mine/a"]);
        assert.match((await client.put("policies", "other/a", "x")).body, /AccessDenied/);
        await assert.rejects(client.keys("policies", ""), /AccessDenied/);
        const both = "<Delete><Object><Key>mine/a</Key></Object><Object><Key>other/a</Key></Object></Delete>";
        const deletion = { query: { delete: "" }, body: both };
        assert.match((await client.send("POST", "/policies", deletion)).body, /AccessDenied/);
        assert.equal((await client.delete("policies", "mine/a")).status, 204);
    });
});

/** A user with rights on one prefix, in a bucket that nobody may use without TLS. */
const MAKE_USER = `
import boto3, json
services = {'endpoint_url': 'http://127.0.0.1:5000', 'region_name': 'us-east-1'}
s3, iam = boto3.client('s3', **services), boto3.client('iam', **services)
bucket = 'arn:aws:s3:::policies'
def policy(*statements): return json.dumps({'Version': '2012-10-17', 'Statement': statements})
s3.create_bucket(Bucket='policies')
s3.put_bucket_policy(Bucket='policies', Policy=policy({
    'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*', 'Resource': [bucket, bucket + '/*'],
    'Condition': {'Bool': {'aws:SecureTransport': 'false'}}}))
iam.create_user(UserName='one')
iam.put_user_policy(UserName='one', PolicyName='rights', PolicyDocument=policy(
    {'Effect': 'Allow', 'Action': ['s3:PutObject', 's3:DeleteObject'], 'Resource': bucket + '/mine/*'},
    {'Effect': 'Allow', 'Action': 's3:ListBucket', 'Resource': bucket, 'Condition': {'StringLike': {'s3:prefix': 'mine/*'}}}))
key = iam.create_access_key(UserName='one')['AccessKey']
print(key['AccessKeyId'], key['SecretAccessKey'])
`;
