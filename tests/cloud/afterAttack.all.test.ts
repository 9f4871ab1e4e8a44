import assert from "node:assert/strict";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { docker, eventually, removeAll } from "../support/docker";
import type { Aws } from "../support/servers/kinds";
import type { Credentials, Version } from "../support/servers/s3Client";
import { UP } from "../e2e/secondStack";
import { makeAmazon, pending, withoutAmazon } from "./amazon";
import type { CloudStack } from "./cloudStack";
import { blocksOf, Elsewhere, readerConfiguration } from "./reader";
import { allServers } from "./shared";

const PAGE = "docs/after-an-attack.md";
const [INFO = "", , RESTORE = ""] = blocksOf(PAGE, "text");
const [SCRIPT = ""] = blocksOf("docs/readers.md", "sh");
/** The time that the page writes. */
const TIME = "2026-11-27 05:59:00+00";

// moto: versitygw stamps an old version with the time of its deletion.
describe(`a versioned, locked bucket after a thief had the host's key (moto with IAM enforced)${pending}`, function () {
    this.timeout(600_000);
    let aws: Aws;
    let cloud: CloudStack | undefined;
    let bucket: string;
    let made: Credentials;
    let prefix: string;
    let rows: string;
    let moment: string;
    let before_: readonly Version[];
    let reader: string;

    before(async function () {
        if (withoutAmazon !== "") this.skip();
        ({ aws } = await allServers());
        ({ bucket, made } = await makeAmazon(aws, (stack) => {
            cloud = stack;
        }));
    });
    after(async () => {
        await cloud?.remove();
    });

    const there = (): CloudStack => {
        assert.ok(cloud !== undefined);
        return cloud;
    };
    const isVersion = ({ marker }: Version): boolean => !marker;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1500));

    it("has all that was archived, and then somebody overwrites and deletes all of it", async () => {
        const { stack, running } = there();
        prefix = `${stack.name}/${stack.name}/`;
        reader = await readerConfiguration(there(), SCRIPT);
        await there().load(2);
        await there().archived();
        rows = await there().checksum();
        // Times of versions are whole seconds.
        await pause();
        moment = await running.sql("select to_char(now(), 'YYYY-MM-DD HH24:MI:SSOF')");
        await pause();
        before_ = (await aws.client().versions(bucket, prefix)).filter(isVersion);
        assert.ok(before_.length > 10);
        // The host is his; its database would archive on.
        await docker(["kill", running.name("postgres"), running.name("backup")]);

        const thief = aws.client(made);
        for (const key of await thief.keys(bucket, prefix)) {
            const hides = /\.info(?:\.copy)?$/.test(key)
                ? await thief.put(bucket, key, "garbage")
                : await thief.delete(bucket, key);
            assert.ok(hides.status < 300, `${key}: ${hides.status}`);
        }
        const left = await thief.keys(bucket, prefix);
        assert.ok(left.length > 0 && left.every((key) => /\.info(?:\.copy)?$/.test(key)), left.join(" "));
    });

    it("still has every version, and refuses to have any deleted with that key", async () => {
        const thief = aws.client(made);
        const bypass = { "x-amz-bypass-governance-retention": "true" };
        const [version] = before_;
        assert.ok(version !== undefined);
        for (const headers of [{}, bypass])
            assert.equal((await thief.delete(bucket, version.key, version.id, headers)).status, 403);
        for (const query of ["versioning", "lifecycle", "object-lock", "policy"])
            assert.equal((await thief.send("PUT", `/${bucket}`, { query: { [query]: "" } })).status, 403);
        const now = new Set((await aws.client().versions(bucket, prefix)).map(({ id }) => id));
        assert.deepEqual(
            before_.filter(({ id }) => !now.has(id)),
            [],
        );
    });

    it("shows a reader nothing of now, and all of the moment before, as the page has it", async () => {
        const elsewhere = await Elsewhere.make(there(), reader, aws.server.ca);
        try {
            const then = await elsewhere.mustType(INFO.replace(TIME, moment));
            assert.match(then, /status: ok[^]*full backup: /);
            const now = await elsewhere.type(INFO.replace(/--repo-target-time='.*?' /, ""));
            assert.doesNotMatch(now.output, /status: ok|full backup: /);
        } finally {
            await elsewhere.remove();
        }
    });

    it("gives the database back on another host, with the commands of the page", async () => {
        const { stack, running } = there();
        await aws.server.leave(stack.name);
        await removeAll(stack.name);
        // aws s3 rm --recursive: what can be seen is hidden.
        const administrator = aws.client();
        for (const key of await administrator.keys(bucket, prefix)) await administrator.delete(bucket, key);

        // The network is new there, and the server comes into it as soon as there is one.
        const joined = eventually("the network is there", async () => {
            const { ok } = await docker(["network", "inspect", stack.name]);
            if (ok) await aws.server.join(stack.name);
            return ok;
        });
        const script = RESTORE.replace(TIME, moment)
            .replaceAll("npm run pulumi --", `"${process.execPath}" toolchain/launch.mjs pulumi`)
            .replace(/ up$/m, ` ${UP.join(" ")}`);
        const typed = await execa("bash", ["-euc", script], {
            cwd: stack.directory,
            env: stack.environment,
            all: true,
            reject: false,
        });
        assert.equal(typed.exitCode, 0, typed.all);
        await joined;
        assert.equal(await there().checksum(), rows);
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
        assert.equal((await there().backups()).length, 1, "a full backup is in the new stanza");
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        const answer = await aws
            .client(made)
            .send("GET", `/${bucket}`, { query: { "list-type": "2", prefix } });
        assert.equal(answer.status, 403, "the old key is gone");
    });

    it("goes on from there: archives, backs up, and restores what is written now", async () => {
        await there().load(1);
        await there().archived();
        await there().pgbackrest("--type=incr", "backup");
        assert.equal(await there().restoredChecksum(), await there().checksum());
    });
});
