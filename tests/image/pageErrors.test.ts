import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { POSIX, edited } from "../support/inputs";
import { docker, eventually, mustDocker } from "../support/docker";

const TWO = edited("pgbackrest.conf", "retention-full=8", "retention-full=2");
const SECOND = { ...POSIX, PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/second" };

describe("a damaged page", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    let good: string[];
    let file: string;
    const memory = () => containers.memory();
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    /** What jq makes of pgBackRest's report about the stanza, line by line. */
    const report = async (filter: string) => {
        const script = `pgbackrest info --output=json | jq -r '.[0] | ${filter}'`;
        return (await containers.exec("backup", "sh", "-c", script)).stdout.trim().split("\n");
    };
    const labels = () => report(".backup[].label");
    const byHand = async (type = "full") => {
        const { ok, output } = await containers.exec(
            ...(["backup", "pgbackrest", "--stanza=main", `--type=${type}`, "backup"] as const),
        );
        assert.ok(ok, output);
    };
    const publish = async (...args: Parameters<Containers["setup"]>) => {
        const { ok, output } = await containers.setup(...args);
        assert.ok(ok, output);
    };
    const idle = () =>
        eventually("the service is idle", async () =>
            ((await containers.state())?.activity ?? "").startsWith("idle"),
        );
    const red = (text: RegExp) =>
        eventually(`health says ${String(text)}`, async () => text.test(await health()));

    before(async () => {
        containers = await Containers.create();
        await publish({ files: TWO });
        await containers.backup(["LOOK_EVERY=2"]);
        await containers.postgres();
        const { ok, output } = await containers.apply();
        assert.ok(ok, output);
        await containers.query(
            "create table precious as select i, md5(i::text) from generate_series(1, 20000) i",
        );
        await byHand();
        good = await labels();
        await eventually("it has seen the second", async () => (await memory())?.expired === good[1]);
        file = await containers.query("select pg_relation_filepath('precious')");
        await mustDocker(["stop", containers.name("postgres")]);
        await containers.shell(
            `printf damage | dd of=/var/lib/postgresql/data/${file} bs=1 seek=$((8192 * 3 + 4000)) conv=notrunc status=none`,
        );
        await containers.postgres();
        await containers.ready();
    });
    after(() => containers.remove());

    it("is found by the next full backup, which is not repeated before its schedule, and is told", async () => {
        const newest = ((await memory())?.newest.full ?? 0) * 1000;
        await eventually("another minute", () =>
            Promise.resolve(new Date().setUTCSeconds(0, 0) > newest + 2000),
        );
        const now = new Date();
        const due = `full ${now.getUTCMinutes()} ${now.getUTCHours()} * * *`;
        await publish({ files: { ...TWO, schedules: `${due}\ntimezone UTC\n` } });
        await red(
            new RegExp(
                `^UNHEALTHY: the backup \\S+F has page checksum errors: pg_data/${file} page 3\\. It has been so since .* UTC\\. ` +
                    `Nothing is expired until .*newest backup without is ${good[1] ?? ""}\\. Its disk has \\S+B left .*docs/damaged-page`,
            ),
        );
        await idle();
        await new Promise((resolve) => setTimeout(resolve, 5000));
        assert.deepEqual((await labels()).slice(0, 2), good);
        assert.equal((await labels()).length, 3);
        assert.match(await containers.logs("backup"), /ERROR: the backup \S+F has page checksum errors/);
    });

    it("lets nothing expire, whoever takes the backups: the good ones and their WAL stay", async () => {
        for (let i = 0; i < 4; i++) await byHand();
        await byHand("diff");
        assert.deepEqual(await report(".backup[].error"), [
            ...["false", "false"],
            ...["true", "true", "true", "true", "true", "true"],
        ]);
        const last = (await labels())[6] ?? "";
        await eventually("the service has looked", async () => (await health()).includes(last));
        await idle();
        assert.deepEqual((await labels()).slice(0, 2), good);
        assert.deepEqual(await report(".archive[0].min <= .backup[0].archive.start"), ["true"]);
    });

    it("is not forgotten with the state volume", async () => {
        const before = /since (.*) UTC\. Nothing/.exec(await health())?.[1];
        await docker(["stop", containers.name("backup")]);
        await containers.forgetState();
        await containers.backup(["LOOK_EVERY=2"]);
        await red(/page checksum errors/);
        await idle();
        assert.equal(/since (.*) UTC\. Nothing/.exec(await health())?.[1], before);
        assert.equal((await labels()).length, 8);
    });

    it("leaves an `up` green that has a good backup, with a warning; and is red at once where there is none", async () => {
        const green = await containers.apply();
        assert.ok(green.ok, green.output);
        assert.match(green.output, /NOTE: the backup .* has page checksum errors/);
        await publish({ files: TWO, environment: SECOND });
        const none = await containers.apply({ WAIT_TIMEOUT: "120" });
        assert.ok(!none.ok);
        assert.match(
            none.output,
            /ERROR: not protected: the backup .* page 3.* newest backup without is not there/,
        );
        await publish({ files: TWO });
    });

    it("is over after a full backup without: green by itself, and as many good ones are kept as retention says", async () => {
        await eventually("the backup after the way back", async () => (await labels()).length === 9);
        await idle();
        await containers.query("drop table precious; checkpoint");
        await byHand();
        await eventually("it is healthy", async () => (await health()).startsWith("protected"));
        await eventually("the rest has expired", async () => (await labels()).length === 2);
        assert.equal((await labels())[0], good[1]);
        assert.deepEqual(await report(".backup[].error"), ["false", "false"]);
        await idle();
        assert.equal((await containers.state())?.error, "");
        assert.equal((await memory())?.damagedPages, "");
    });
});
