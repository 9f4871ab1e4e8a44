import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { killAll } from "../e2e/processes";
import { finishes, UP } from "../e2e/secondStack";
import { LOCAL, type Repository } from "./cloudStack";
import { assertNothingGone, bucket, rights } from "./s3Bucket";
import { shared, type Shared } from "./shared";

const PAGE = readFileSync(resolve(import.meta.dirname, "../..", "docs/new-passphrase.md"), "utf8");

describe("a new passphrase, as docs/new-passphrase.md gives it", function () {
    this.timeout(300_000);
    let all: Shared;
    let old: Repository;
    let renewed: Repository;

    before(async () => {
        all = await shared();
        const { administrator } = all.gateway;
        const { name } = all.cloud.stack;
        await administrator.createBucket("passphrases");
        await administrator.putPolicy("passphrases", rights("passphrases", `${name}/`));
        old = bucket(all, "passphrases", { path: `/${name}/2026` });
        renewed = bucket(all, "passphrases", { name: "renewed", path: `/${name}/2027` });
        await all.cloud.mustSwitchTo(old);
    });

    /** `up` is killed when setup is at work; another one does all. */
    async function upAfterOneThatIsKilled(): Promise<void> {
        const { stack, running } = all.cloud;
        const killed = stack.launch(UP);
        await running.runsIn("setup", killed);
        killAll(stack);
        await killed.ended;
        await finishes({ stack, running });
        await all.assertUninterrupted();
    }

    const passphrases = async (): Promise<Readonly<Record<string, unknown>>> => {
        const { passphrases: found } = await all.cloud.stack.outputs();
        assert.ok(typeof found === "object" && found !== null);
        return Object.fromEntries(Object.entries(found));
    };

    it("begins with a second repository in another path, which has one of its own", async () => {
        const { cloud } = all;
        await cloud.configure(old, renewed);
        const preview = await cloud.stack.preview();
        assert.match(
            preview.output,
            /repository renewed is new: .* starts empty and gets a full backup at once/,
        );
        assert.doesNotMatch(preview.output, /restarts once/);
        await upAfterOneThatIsKilled();
        const { cloud: first, renewed: second } = await passphrases();
        assert.ok(typeof first === "string" && typeof second === "string" && first !== second);
    });

    it("has all in both of them then", async () => {
        const { cloud } = all;
        await cloud.load(2);
        await cloud.archived();
        const checksum = await cloud.checksum();
        for (const number of [1, 2])
            assert.equal(await cloud.restoredChecksum(`--repo=${number}`), checksum, `repo${number}`);
    });

    it("ends when the old one is taken out, which stays as it is, and readable with its passphrase", async () => {
        const { cloud, gateway } = all;
        const keys = async () =>
            (await gateway.administrator.keys("passphrases")).filter((key) => key.includes("/2026/"));
        const before = await keys();
        await cloud.configure(renewed);
        const preview = await cloud.stack.preview();
        assert.match(
            preview.output,
            /repository cloud gets no more backups\. The old backups stay in .* Their passphrase stays in the output passphrases/,
        );
        await upAfterOneThatIsKilled();
        // What was on its way when `before` was listed has arrived by now.
        const was = await keys();
        assertNothingGone(before, was);
        await cloud.load(2);
        await eventually("its WAL goes to the new one alone", async () => {
            await cloud.archived();
            return (await cloud.restoredChecksum()) === (await cloud.checksum());
        });
        assert.deepEqual(await keys(), was);
        const { cloud: passphrase } = await passphrases();
        const [, command = ""] = /^```sh\n([^]*?)^```$/m.exec(PAGE) ?? [];
        const typed = command
            .replace("salespider-backup", cloud.running.name("backup"))
            .replace("/sales/2026", String(old["path"]));
        assert.ok(typed.includes(cloud.running.name("backup")) && typed.includes(String(old["path"])));
        const environment = { PGBACKREST_REPO2_CIPHER_PASS: String(passphrase) };
        const { stdout: read } = await execa("sh", ["-euc", typed], { env: environment });
        assert.match(read, /full backup: \S+/);
    });

    it("leaves the stack as any other", async () => {
        const up = await all.cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
        await all.assertUninterrupted();
    });
});
