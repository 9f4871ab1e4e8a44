import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { CERTIFICATE } from "../e2e/certificate";
import { amazon, withoutAmazon } from "./amazon";
import { LOCAL, type Repository } from "./cloudStack";
import { cycle } from "./cycle";
import { outage } from "./outage";
import { shared, type Shared, USER } from "./shared";

describe("a live stack on S3 (versitygw, TLS with its own CA)", function () {
    this.timeout(300_000);
    let all: Shared;

    before(async () => {
        all = await shared();
        all.cloud.bundle(false);
    });

    function bucket(name: string, changes: Repository = {}): Repository {
        return {
            ...{ name: "cloud", type: "s3", bucket: name, region: "us-east-1", uriStyle: "path" },
            ...{ endpoint: all.gateway.server.name, caFile: "ca.crt", key: USER.key, keySecret: USER.secret },
            ...changes,
        };
    }

    async function switchTo(name: string): Promise<void> {
        const seconds = await all.cloud.mustSwitchTo(bucket(name));
        console.log(`        (up took ${seconds.toFixed(0)} s)`);
        await all.assertUninterrupted();
    }

    it("is refused with a wrong secret, in words that say so, and nothing is changed", async () => {
        const { cloud, gateway } = all;
        await gateway.administrator.createBucket("plain");
        await gateway.administrator.putPolicy("plain", rights("plain", `${cloud.stack.name}/`));
        const revision = await cloud.running.revision();
        const up = await cloud.switchTo(bucket("plain", { keySecret: `${USER.secret}x` }));
        assert.ok(!up.ok);
        assert.match(up.output, /credentials are wrong/);
        assert.ok(!up.output.includes(USER.secret), "the secret is not shown");
        assert.equal(await cloud.running.revision(), revision);
        await all.assertUninterrupted();
        await cloud.archived();
    });

    it("tells another bucket, another path, another host and another CA apart", async () => {
        const { cloud } = all;
        cloud.file("other.crt", CERTIFICATE);
        const mistakes: readonly [Repository, RegExp][] = [
            [{ bucket: "nowhere" }, /no such bucket/],
            [{ path: "/elsewhere" }, /lack a right/],
            [{ endpoint: "no-such-host" }, /host 'no-such-host' .*is not known/],
            [{ caFile: "other.crt" }, /not signed by the CA in caFile/],
        ];
        for (const [change, message] of mistakes) {
            const up = await cloud.switchTo(bucket("plain", change));
            assert.ok(!up.ok);
            assert.match(up.output, message);
        }
        await all.assertUninterrupted();
    });

    it("moves from a volume to a bucket whose policy allows one prefix, with a full backup at once", async () => {
        await switchTo("plain");
        const client = all.gateway.client(USER);
        assert.match((await client.put("plain", "outside", "x")).body, /AccessDenied/);
        const keys = await all.gateway.administrator.keys("plain");
        const prefix = `${all.cloud.stack.name}/${all.cloud.stack.name}/`;
        assert.ok(keys.length > 0 && keys.every((key) => key.startsWith(prefix)), keys.join("\n"));
    });

    it("plain bucket: archives under load, diff, full, expire, verify and restore", () => cycle(all.cloud));

    it("goes on while the server is away, and the backlog drains", async () => {
        // Needed later, and most of it is waiting too.
        if (withoutAmazon === "") void amazon().catch(() => undefined);
        await outage(all.cloud, all.gateway.server, 120);
    });

    it("survives a server that is killed during a backup", async () => {
        const { cloud, gateway } = all;
        const prefix = `${cloud.stack.name}/${cloud.stack.name}/backup/main/`;
        const before = new Set(await gateway.administrator.keys("plain", prefix));
        const backup = cloud.running.exec("backup", "pgbackrest", "--stanza=main", "--type=full", "backup");
        await eventually("the backup writes", async () =>
            (await gateway.administrator.keys("plain", prefix)).some((key) => !before.has(key)),
        );
        await gateway.server.kill();
        await new Promise((resolve) => setTimeout(resolve, 3000));
        await gateway.server.start();
        const { ok, output } = await backup;
        console.log(
            `        (the backup ${ok ? "went on and ended well" : `failed: ${/ERROR.*/.exec(output)?.[0] ?? ""}`})`,
        );
        await cloud.pgbackrest("--type=full", "backup");
        await cloud.archived();
        assert.match(await cloud.pgbackrest("--output=text", "--verbose", "verify"), /^ *status: ok/m);
        await all.assertUninterrupted();
    });

    it("versioned bucket: the same, and what expired is still there", async () => {
        const { cloud, gateway } = all;
        cloud.bundle(true);
        await gateway.administrator.createBucket("versioned", { versioned: true });
        await gateway.administrator.putPolicy("versioned", rights("versioned", `${cloud.stack.name}/`));
        await switchTo("versioned");
        await cycle(cloud);
        const versions = await gateway.administrator.versions("versioned");
        assert.ok(
            versions.some(({ marker }) => marker),
            "expire left delete markers",
        );
    });

    it("locked bucket: the same, and whoever has the stack's key cannot remove a version", async () => {
        const { cloud, gateway } = all;
        await gateway.administrator.createBucket("locked", { lockedDays: 1 });
        await gateway.administrator.putPolicy("locked", rights("locked", "", ["s3:*"]));
        await switchTo("locked");
        await cycle(cloud);
        const attacker = gateway.client(USER);
        const versions = (await attacker.versions("locked")).filter(({ marker }) => !marker);
        assert.ok(versions.length > 20);
        // Some forty of some thousand: each is a request.
        const step = Math.ceil(versions.length / 40);
        for (const { key, id } of versions.filter((_, index) => index % step === 0)) {
            const bypass = { "x-amz-bypass-governance-retention": "true" };
            const { status } = await attacker.delete("locked", key, id, bypass);
            assert.equal(status, 403, key);
        }
        const left = (await gateway.administrator.versions("locked")).filter(({ marker }) => !marker);
        assert.ok(left.length >= versions.length);
    });

    it("moves back to the volume, where the old backups still are, with a new full one", async () => {
        const { cloud } = all;
        const up = await cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
        await all.assertUninterrupted();
        await cloud.archived();
        assert.equal(await cloud.restoredChecksum(), await cloud.checksum());
    });
});

const OBJECTS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/** A bucket's policy that gives the stack's user what pgBackRest needs below a prefix, and nothing else. */
function rights(name: string, prefix: string, actions: readonly string[] = OBJECTS): object {
    const allow = { Effect: "Allow", Principal: { AWS: [USER.key] } };
    return {
        Version: "2012-10-17",
        Statement: [
            {
                ...allow,
                Action: ["s3:ListBucket", "s3:ListBucketVersions"],
                Resource: `arn:aws:s3:::${name}`,
            },
            { ...allow, Action: actions, Resource: `arn:aws:s3:::${name}/${prefix}*` },
        ],
    };
}
