import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { listed } from "../../components/protection/text";
import { Load } from "../e2e/load";
import { eventually, mustDocker, pause } from "../support/docker";
import * as azureAndGoogle from "./azureAndGoogle";
import { LOCAL, type Repository } from "./cloudStack";
import { bucket, rights } from "./s3Bucket";
import { shared, type Shared, USER } from "./shared";

/** How long each is away, in milliseconds: longer than pgBackRest's timeouts of a minute. */
const AWAY = 65_000;
const NAME = "five-kinds";
/** What the S3 repository is re-keyed to. */
const NEXT = { key: "stack-user-2", secret: "another=secret/of+the#user" };

describe("a stack with repositories of all five kinds, under load", function () {
    this.timeout(480_000);
    let all: Shared;
    let load: Load;
    let numbers: ReadonlyMap<string, number>;

    const s3 = (): Repository => bucket(all, NAME);
    const five = (): readonly Repository[] => [
        LOCAL,
        s3(),
        azureAndGoogle.container(all, { container: NAME }),
        azureAndGoogle.bucket(all, { bucket: NAME }),
        all.sftp.repository({ path: `${all.sftp.directory}/${NAME}` }),
    ];

    before(async () => {
        all = await shared();
        const { cloud, gateway, azurite, google } = all;
        cloud.bundle(true);
        await gateway.createUser(NEXT);
        await gateway.administrator.createBucket(NAME);
        await gateway.administrator.putPolicy(NAME, rights(NAME, "", undefined, [USER.key, NEXT.key]));
        await azurite.createContainer(NAME);
        await google.createBucket(NAME);
        const up = await cloud.switchTo(LOCAL);
        assert.ok(up.ok, up.output);
        load = await Load.start(cloud.running, String((await cloud.stack.outputs())["connection"]), 5);
    });
    after(() => load.close());

    /** With the clients at work; they notice nothing. */
    async function change(what: string, repositories: readonly Repository[]): Promise<void> {
        const { cloud } = all;
        const up = await load.during(what, () => cloud.switchTo(...repositories));
        assert.ok(up.ok, up.output);
        const preview = await cloud.stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        numbers = await cloud.numbers();
        await all.assertUninterrupted();
    }

    const configuration = (name: string): string =>
        `/etc/pgbackrest/current/archivers/${numbers.get(name) ?? ""}/pgbackrest.conf`;

    async function has(name: string, segment: string): Promise<boolean> {
        const list = ["--stanza=main", `--config=${configuration(name)}`, "repo-ls", "--recurse", "archive"];
        return (await all.cloud.running.mustExec("backup", "pgbackrest", ...list)).includes(segment);
    }

    /** From that one alone: a backup, and WAL behind it. */
    async function assertRestores(name: string): Promise<void> {
        await all.cloud.pgbackrest(`--repo=${numbers.get(name) ?? ""}`, "--type=incr", "backup");
        await all.cloud.load(1);
        const segment = await all.cloud.running.switchWal();
        await eventually(`${name} has ${segment}`, () => has(name, segment));
        const get = `pgbackrest --config=${configuration(name)} --stanza=main --no-archive-async archive-get %f "%p"`;
        const options = [`--repo=${numbers.get(name) ?? ""}`, `--recovery-option=restore_command=${get}`];
        assert.equal(await all.cloud.restoredChecksum(...options), await all.cloud.checksum(), name);
    }

    it("gets four beside its first without a restart, each with a full backup", async () => {
        await change("four repositories are added", five());
        for (const number of numbers.values())
            assert.match(await all.cloud.running.pgbackrest(`--repo=${number}`, "info"), /full backup: \S+/);
    });

    const NAMES = ["local", "cloud", "azure", "google", "nas"] as const;

    /** Takes one of them away; what it gives brings it back. */
    async function takeAway(name: (typeof NAMES)[number]): Promise<() => Promise<void>> {
        if (name === "local") {
            const allow = async (mode: string): Promise<void> => {
                await all.cloud.running.mustExec("backup", "chmod", mode, "/var/lib/pgbackrest");
            };
            await allow("0");
            return () => allow("750");
        }
        const kinds = { cloud: all.gateway, azure: all.azurite, google: all.google, nas: all.sftp };
        const { server } = kinds[name];
        if (name === "azure") {
            // It hangs; the others refuse connections.
            await pause(server.name);
            return () => mustDocker(["unpause", server.name]).then(() => undefined);
        }
        await server.stop();
        return () => server.start();
    }

    for (const name of NAMES)
        it(`goes on while ${name} is away for more than a minute: the others get all WAL, health names it, and it gets the rest`, async () => {
            const { running } = all.cloud;
            const others = [...numbers.keys()].filter((other) => other !== name);
            const isTold = async (): Promise<boolean> => {
                const { ok, output } = await running.healthCheck();
                return !ok && output.includes(`protected by ${listed(others)} only; repository ${name}: `);
            };
            let segment = "";
            await load.during(`${name} is away`, async () => {
                const minute = sleep(AWAY);
                const comeBack = await takeAway(name);
                try {
                    segment = await running.switchWal();
                    for (const other of others)
                        await eventually(`${other} has ${segment}`, () => has(other, segment));
                    // Of one that hangs PostgreSQL hears only after minutes.
                    if (name !== "azure") await eventually("health tells which one is away", isTold, 120);
                    else {
                        const info = await all.cloud.stack.launch(["info"], "ops").ended;
                        assert.match(info.output, /repository azure cannot be read/);
                        for (const other of others)
                            assert.match(info.output, new RegExp(`repository ${other}: \\d`));
                    }
                    await minute;
                } finally {
                    await comeBack();
                }
                await eventually(`${name} has ${segment}`, () => has(name, segment), 180);
                await eventually("all is well", async () => (await running.healthCheck()).ok, 150);
            });
            await all.assertUninterrupted();
        });

    it("restores from each of them alone", async () => {
        for (const name of numbers.keys()) await assertRestores(name);
    });

    it("goes on when one is taken out and another gets a new key", async () => {
        await change(
            "one is taken out, one re-keyed",
            five()
                .slice(0, -1)
                .map((repository) =>
                    repository["name"] === "cloud"
                        ? { ...repository, key: NEXT.key, keySecret: NEXT.secret }
                        : repository,
                ),
        );
        const conf = await all.cloud.running.configuration("backup", "current/conf.d/repo.conf");
        assert.ok(conf.includes(NEXT.key) && !conf.includes(`${USER.key}\n`));
        assert.equal(
            (await all.cloud.running.pgbackrest(`--repo=${numbers.get("cloud") ?? ""}`, "info")).match(
                /full backup: /g,
            )?.length,
            1,
        );
        await assertRestores("cloud");
    });
});
