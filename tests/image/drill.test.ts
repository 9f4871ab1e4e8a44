import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { type DrillRecord, STEPS, type StepName } from "../../components/drill/record";
import { renderRepo } from "../../components/pgbackrest/repository";
import { renderRepositories } from "../../components/protection/state";
import { fileEnvironment } from "../../components/publication/publication";
import { PATIENCE } from "../support/containers";
import { docker, eventually, mustDocker } from "../support/docker";
import { Drills } from "../support/drilling";
import { FILES } from "../support/inputs";

const NOTHING_ELSE = {
    database: "postgres",
    sql: "select count(*) from pg_stat_activity where backend_type ~ 'worker|launcher|archiver|sender|receiver'",
    expect: "0",
};
/** It waits until it is killed. */
const FOR_EVER = { database: "postgres", sql: "select pg_sleep(3600)", expect: "" };

/** The first step that has not passed. */
function fallsAt({ steps }: DrillRecord): StepName | undefined {
    return steps.find(({ result }) => result !== "passed")?.name;
}

/** With the commit of a moment of timeline 2. */
function segmentOf(drills: Drills, moment: string): string {
    const { lsn } = drills.ledger.at(moment).commit;
    return `0000000200000000000000${lsn.slice(2, 4)}`;
}

describe("drill", function () {
    this.timeout(PATIENCE);
    let drills: Drills;

    before(async () => {
        drills = await Drills.create();
    });
    after(() => drills.remove());

    it("restores the newest state, tries it, and tells what it has found and what it has not looked at", async () => {
        const { rows, commit } = drills.ledger.at("b4");
        const expect = `\n${rows.join("\n")} `;
        const ledger = { database: "postgres", sql: "select line from ledger", expect };
        await drills.start({ queries: { ledger, nothingElse: NOTHING_ELSE }, rto: 3600, rpo: 365 * 86_400 });
        const record = await drills.record();
        const { result, why, by, timeline } = record;
        assert.deepEqual([result, why, by, timeline], ["passed", "", "hand", 2], JSON.stringify(record));
        assert.deepEqual(
            record.steps.map(({ name, result: of }) => [name, of]),
            STEPS.map((name) => [name, "passed"]),
        );
        assert.deepEqual(record.counts, {
            "postgres.public.bulk": Number(/bulk: (\d+) rows/.exec(rows.join("\n"))?.[1]),
            "postgres.public.entries": rows.filter((row) => row.startsWith("entry")).length,
        });
        assert.ok(record.bytes > 2 ** 20 && record.segments > 0 && (record.recoveryTime ?? 0) > 0);
        assert.equal(record.recoveryPoint, record.began - Math.floor(Date.parse(commit.time) / 1000));
        assert.match(record.notTested.join("\n"), /4 other backups of repo1/);
        assert.equal(await drills.left(), "");
    });

    it("leaves the repository to a backup, and goes on after it", async () => {
        // A file that nobody writes: the restore waits in it.
        await drills.damage(
            "for file in backup/main/2*/bundle/*; do mv $file $file.kept; mkfifo $file; done",
        );
        await drills.order(0, false);
        const drill = drills.run();
        await drills.during("it restores", ({ text }) => text.startsWith("restoring"));
        await drills.order(0, true);
        await drills.during("it has stepped aside", ({ phase }) => phase === "aside");
        const { output } = await drills.containers.exec("drill", "sh", "-c", "cat /proc/[0-9]*/comm");
        assert.ok(!output.includes("pgbackrest"), output);
        await drills.damage('for file in backup/main/2*/bundle/*.kept; do mv $file "${file%.kept}"; done');
        await drills.order(0, false);
        const { ok, output: said } = await drill;
        assert.ok(ok, said);
        assert.match(said, /^aside: waiting for a backup/m);
        const record = await drills.newest();
        assert.equal(record.result, "passed");
        assert.match(record.notTested.join("\n"), /rto: the drill waited for a backup/);
        assert.equal(await drills.left(), "");
    });

    it("begins when the backup service wants one, once", async () => {
        await drills.start({ queries: { forEver: FOR_EVER } });
        const before = await drills.many();
        await drills.order(Math.floor(Date.now() / 1000), false);
        await drills.during("it asks", ({ by, text }) => by === "schedule" && text === "query forEver");
        const { exitCode, output } = await drills.run();
        assert.equal(exitCode, 2, output);
        assert.match(output, /a drill runs already: queries: query forEver/);
        assert.equal(await drills.many(), before);
    });

    it("that was killed is noted, and nothing is left of it", async () => {
        const before = await drills.many();
        assert.notEqual(await drills.left(), "");
        const container = drills.containers.name("drill");
        await docker(["kill", container]);
        await mustDocker(["start", container]);
        await drills.begun(2);
        assert.equal(await drills.many(), before + 1);
        const { result, why } = await drills.newest();
        assert.deepEqual([result, why], ["unverified", "it was killed (queries: query forEver)"]);
        assert.equal(await drills.left(), "");
        assert.equal(await drills.running(), undefined);
    });

    it("fails where a query does not give what is expected, or it takes too long, or too much is lost", async () => {
        const wrong = { database: "postgres", sql: "select count(*), 'x' from entries", expect: "7|x" };
        const broken = { database: "no_such", sql: "select 1", expect: "1" };
        await drills.start({ queries: { wrong, broken }, rto: 0, rpo: 0 });
        const record = await drills.record();
        assert.equal(record.result, "failed");
        assert.match(
            record.why,
            /^queries: query wrong: expected "7\|x", got "6\|x"; query broken: .*"no_such"/,
        );
        assert.match(record.why, /took queries \d+ s after the restore began, and rto is 0 s/);
        assert.match(record.why, /commit was \d+ s old when the drill began, and rpo is 0 s/);
        assert.equal(record.steps.at(-1)?.result, "passed");
    });

    it("fails where a file of the backup is damaged that only a restore reads", async () => {
        await drills.start();
        await drills.damage(`for file in backup/main/2*/bundle/*; do cp $file $file.kept
            size=$(stat -c %s $file); head -c $((size / 2)) /dev/zero | dd of=$file bs=1M conv=notrunc status=none; done`);
        const record = await drills.record();
        await drills.damage('for file in backup/main/2*/bundle/*.kept; do mv $file "${file%.kept}"; done');
        assert.deepEqual([record.result, fallsAt(record)], ["failed", "restore"], JSON.stringify(record));
        assert.match(record.why, /^restore: pgbackrest restore failed: /);
        assert.deepEqual(record.steps.at(-1)?.text, "restore has failed");
        assert.equal(await drills.left(), "");
    });

    it("fails where WAL is damaged, and names where it ends", async () => {
        const segment = segmentOf(drills, "b4");
        await drills.damage(`cd archive/main/17-1/0000000200000000; cp ${segment}-* /var/lib/pgbackrest/
            for file in ${segment}-*; do printf damage >$file; done`);
        const record = await drills.record();
        await drills.damage(`mv ${segment}-* archive/main/17-1/0000000200000000/`);
        assert.deepEqual([record.result, fallsAt(record)], ["failed", "replay"], JSON.stringify(record));
        assert.match(
            record.why,
            new RegExp(`the WAL ends behind .*, and the newest segment .* is ${segment}`),
        );
        assert.equal(record.recoveryPoint, undefined);
    });

    it("fails where WAL is missing, and names it", async () => {
        const segment = segmentOf(drills, "b2");
        await drills.damage(`mv archive/main/17-1/0000000200000000/${segment}-* .`);
        const record = await drills.record();
        await drills.damage(`mv ${segment}-* archive/main/17-1/0000000200000000/`);
        assert.deepEqual([record.result, fallsAt(record)], ["failed", "restore"], JSON.stringify(record));
        assert.match(record.why, new RegExp(`needs WAL that is missing: ${segment}`));
    });

    it("is not green where there is no room, and says how much lacks", async () => {
        const small = "/var/lib/postgresql/data:uid=999,gid=999,mode=0700,size=64m";
        await drills.start({ data: ["--tmpfs", small] });
        const record = await drills.record();
        assert.equal(record.result, "unverified");
        assert.match(record.why, /^no room: \d+\.\d GiB lack on the disk of the scratch volume/);
    });

    it("restores of several repositories the one that is wanted, whatever the others are, and by hand the first that can serve", async () => {
        await drills.damage("mkdir offsite; cp -a archive backup offsite/");
        const published = [
            { name: "local", number: 1, place: "posix:local" },
            { name: "offsite", number: 2, place: "posix:offsite" },
        ];
        const repositories = published.map(({ name, number }) => ({
            number,
            options: new Map([
                ["type", "posix"],
                ["path", name === "local" ? "/var/lib/pgbackrest" : "/var/lib/pgbackrest/offsite"],
            ]),
        }));
        const environment = fileEnvironment([
            { name: "conf.d/repo.conf", content: renderRepo(repositories) },
            { name: "repositories.json", content: renderRepositories(published) },
        ]);
        const conf = FILES["pgbackrest.conf"].replace("[main]", "repo2-retention-full=8\n\n[main]");
        const schedules = `${FILES.schedules}drill 30 3 * * 3\n`;
        const files = { ...FILES, "pgbackrest.conf": conf, schedules };
        const setup = await drills.containers.setup({ environment, files });
        assert.ok(setup.ok, setup.output);
        await drills.damage("mv backup/main backup/away");
        await drills.start();
        const before = await drills.many();
        await drills.order(Math.floor(Date.now() / 1000), false, "local");
        await eventually("local was tried", async () => (await drills.many()) > before);
        const local = await drills.newest();
        assert.notEqual(local.result, "passed", JSON.stringify(local));
        assert.deepEqual([local.by, local.repository], ["schedule", "local"]);
        const unknown = await drills.tell("run", "--repository", "nowhere");
        assert.equal(unknown.exitCode, 2, unknown.output);
        assert.match(unknown.output, /there is no repository nowhere, but local, offsite/);
        const { ok, output } = await drills.run();
        assert.ok(ok, output);
        assert.match(output, /^repository: offsite$/m);
        const record = await drills.newest();
        assert.deepEqual([record.result, record.repository], ["passed", "offsite"]);
        assert.doesNotMatch(record.notTested.join(), /the repository/);
    });
});
