import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { POSIX, edited } from "../support/inputs";
import { docker, eventually, mustDocker } from "../support/docker";
import { Probe } from "../support/probe";

const TWO = edited("pgbackrest.conf", "retention-full=8", "retention-full=2");
const SECOND = { ...POSIX, PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/second" };

interface Report {
    readonly archive: readonly { readonly min: string }[];
    readonly backup: readonly {
        readonly label: string;
        readonly error?: boolean;
        readonly archive: { readonly start: string };
    }[];
}

describe("a damaged page", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    let good: string[];
    let file: string;
    const state = async (name: string) =>
        (await containers.exec("backup", "cat", `/var/lib/pgbackrest-state/${name}`)).stdout.trim();
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    const report = async (): Promise<Report> => {
        const { stdout } = await containers.exec("backup", "pgbackrest", "info", "--output=json");
        const [stanza] = JSON.parse(stdout) as [Report];
        return stanza;
    };
    const labels = async () => (await report()).backup.map(({ label }) => label);
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
        eventually("the service is idle", async () => (await state("activity")).startsWith("idle"), 90);
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
        await eventually("it has seen the second", async () => (await state("expired")) === good[1]);
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
        const newest = Number(await state("newest-full")) * 1000;
        await eventually(
            "another minute",
            () => Promise.resolve(new Date().setUTCSeconds(0, 0) > newest + 2000),
            70,
        );
        const now = new Date();
        const due = `full ${now.getUTCMinutes()} ${now.getUTCHours()} * * *`;
        await publish({ files: { ...TWO, schedules: `${due}\ntimezone UTC\n` } });
        await red(
            new RegExp(
                `^UNHEALTHY: the backup \\S+F has page checksum errors: pg_data/${file} page 3\\. It has been so since .* UTC\\. ` +
                    `Nothing is expired until .*newest backup without is ${good[1] ?? ""}\\. Its disk has \\S+B left .*README`,
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
        const { backup, archive } = await report();
        assert.deepEqual(
            backup.map(({ error }) => error),
            [false, false, true, true, true, true, true, true],
        );
        await eventually("the service has looked", async () =>
            (await health()).includes(backup[6]?.label ?? ""),
        );
        await idle();
        assert.deepEqual((await labels()).slice(0, 2), good);
        assert.ok((archive[0]?.min ?? "f") <= (backup[0]?.archive.start ?? ""));
    });

    it("is not forgotten with the state volume", async () => {
        const before = /since (.*) UTC\. Nothing/.exec(await health())?.[1];
        await docker(["stop", containers.name("backup")]);
        await containers.shell("rm -f /var/lib/pgbackrest-state/*");
        await containers.backup(["LOOK_EVERY=2"]);
        await red(/page checksum errors/);
        await idle();
        assert.equal(/since (.*) UTC\. Nothing/.exec(await health())?.[1], before);
        assert.equal((await labels()).length, 8);
    });

    it("leaves an `up` green that has a good backup, with a warning; and is red at once where there is none", async () => {
        const green = await containers.apply();
        assert.ok(green.ok, green.output);
        assert.match(green.output, /WARNING: the backup .* has page checksum errors/);
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
        await eventually("the backup after the way back", async () => (await labels()).length === 9, 90);
        await idle();
        await containers.query("drop table precious; checkpoint");
        await byHand();
        await eventually("it is healthy", async () => /^protected/.test(await health()));
        await eventually("the rest has expired", async () => (await labels()).length === 2);
        const { backup } = await report();
        assert.equal(backup[0]?.label, good[1]);
        assert.deepEqual(
            backup.map(({ error }) => error),
            [false, false],
        );
        await idle();
        assert.equal(await state("error"), "");
        assert.equal(await state("damaged-pages"), "");
    });
});

describe("how long a repository's disk lasts", function () {
    this.timeout(PATIENCE);
    const GIB = 2 ** 30;
    const DAY = 86400;

    it("is told from what came in since the oldest backup", async () => {
        const cases = [
            [100 * GIB, 10 * GIB, 10 * DAY, /has 100GiB left, at the present pace enough for 99 days/],
            [0, 10 * GIB, 10 * DAY, /has 0B left, at the present pace enough for 0 days/],
            [100 * GIB, 10 * GIB, DAY - 1, /has 100GiB left \(how long that lasts cannot be told/],
            [2 ** 50, 1, 30 * DAY, /enough for years/],
            [2 ** 50, 0, 30 * DAY, /enough for years/],
        ] as const;
        const probe = await Probe.start();
        try {
            const told = await probe.run(
                cases.map(([free, stored, seconds]) => ({
                    files: {},
                    command: `. /usr/local/lib/pgbackrest/page-errors.sh; disk_lasts ${free} ${stored} ${seconds}`,
                })),
            );
            cases.forEach(([, , , expected], i) => {
                assert.match(told[i] ?? "", expected);
            });
        } finally {
            await probe.stop();
        }
    });
});
