import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { docker, mustDocker } from "../support/docker";
import { Restores, type Snapshot, type Wanted } from "../support/ledger/restores";

type At = Restores["ledger"]["at"];

/** The cluster is on timeline 2; what else there is: tests/support/ledger/make-ledger.sh. */
const TARGETS: Readonly<Record<string, (at: At) => readonly [Wanted, string]>> = {
    "a time, by a backup of the timeline before": (at) => [{ at: at("b1").commit.time }, "b1"],
    "what was before a time": (at) => [{ at: at("b3").commit.time, inclusive: false }, "b2"],
    "a position, past the backups of a timeline that was given up": (at) => [
        { at: at("b3").commit.lsn },
        "b3",
    ],
    "the end of the newest backup": () => [{ at: "immediate" }, "b1"],
    "the last commit of a timeline that was left": (at) => [{ at: at("a4").commit.time, timeline: 1 }, "a4"],
    "a restore point of a timeline that was given up": () => [{ at: "c2", timeline: 3 }, "c2"],
};

/** Labels of the backups, oldest first: full, diff and incr of timeline 1, diff of 2, incr of 3. */
type Labels = readonly string[];

const IMPOSSIBLE: Readonly<Record<string, (at: At, labels: Labels) => readonly [Wanted, RegExp]>> = {
    "a time before the oldest backup": () => [
        { at: "2020-01-01 00:00:00+00" },
        /is before the oldest backup of that history[^]*at: a time from \d{4}-.* to /,
    ],
    "a position before the oldest backup": () => [{ at: "0/1000028" }, /before the oldest backup/],
    "a time after the newest WAL": () => [
        { at: "2100-01-01T00:00:00Z" },
        /is after the newest WAL of timeline 2/,
    ],
    "a position behind the newest WAL": () => [{ at: "FF/28" }, /is behind the newest WAL of timeline 2/],
    "a time after the end of its timeline": (at) => [
        { at: at("b4").commit.time, timeline: 1 },
        /after the newest WAL of timeline 1/,
    ],
    "a time without a zone": () => [{ at: "2026-11-27 06:00:00" }, /has no zone: write .*\+00 for UTC/],
    "a time that there is not": () => [{ at: "2026-02-30 06:00:00+00" }, /is no time that there is/],
    "a duration": () => [{ at: "2h" }, /is another moment each time that it is read/],
    "an unknown repository": () => [
        { at: "latest", repository: "offsite" },
        /no repository offsite, but repo1/,
    ],
    "an unknown timeline": () => [{ at: "latest", timeline: 77 }, /timeline 77/],
    "an unknown backup": () => [
        { at: "latest", backup: "20200101-000000F" },
        /has no backup 20200101-000000F/,
    ],
    "a backup of another timeline": (_, labels) => [
        { at: "latest", backup: labels[4] ?? "" },
        /is on timeline 3, which is not part of the history of timeline 2/,
    ],
    "a backup from after its timeline was left": (_, labels) => [
        { at: "latest", backup: labels[2] ?? "" },
        /on timeline 1, which the history of timeline 2 had left/,
    ],
    "a backup that ended after the target": (at, labels) => [
        { at: at("b1").commit.time, backup: labels[3] ?? "" },
        /after the target/,
    ],
};

describe("restore", function () {
    this.timeout(PATIENCE);
    let restores: Restores;
    let was: Snapshot;
    const at: At = (name) => restores.ledger.at(name);
    /** A shell command beside the database, which has the repository too. */
    const beside = (command: string) =>
        mustDocker(["exec", restores.containers.name("postgres"), "sh", "-euc", command]);

    before(async () => {
        restores = await Restores.create();
        was = await restores.snapshot();
    });
    after(() => restores.remove());

    describe("leaves database and backups as they are", () => {
        afterEach(() => restores.assertAsItWas(was));

        for (const [index, [what, target]] of Object.entries(TARGETS).entries())
            it(`to ${what}`, async () => {
                const [wanted, moment] = target(at);
                await restores.mustRun(`target-${index}`, wanted);
                assert.deepEqual(await restores.rows(`target-${index}`), at(moment).rows);
            });

        it("does nothing where it is done, and refuses another target under the same name", async () => {
            const record = await restores.record("target-0");
            assert.match(
                await restores.mustRun("target-0", { at: at("b1").commit.time }),
                /done: nothing to do/,
            );
            const other = await restores.run("target-0", { at: at("b3").commit.time });
            assert.ok(!other.ok);
            assert.match(other.output, /Another target needs another name/);
            assert.deepEqual(await restores.record("target-0"), record);
        });

        it("goes on after it was killed", async () => {
            await restores.begin("killed", { at: at("b3").commit.time });
            await restores.containers.logged("restore", "is restored");
            await docker(["kill", restores.containers.name("restore")]);
            await restores.mustRun("killed", { at: at("b3").commit.time });
            assert.deepEqual(await restores.rows("killed"), at("b3").rows);
        });
    });

    describe("refuses, with what is possible instead,", () => {
        let labels: Labels;
        const refuses = async (wanted: Wanted, says: RegExp) => {
            const { exitCode, output } = await restores.tell("refused", wanted);
            assert.equal(exitCode, 1, output);
            assert.match(output, says);
            const files = ["find", "/var/lib/postgresql/data", "-mindepth", "1"];
            assert.equal(await mustDocker(["exec", restores.containers.name("stay"), ...files]), "");
        };

        before(async () => {
            const info = await beside(
                "pgbackrest --stanza=main --output=json info | jq -r '.[0].backup[].label'",
            );
            labels = info.split("\n");
            await restores.stay("refused");
        });
        after(() => restores.assertAsItWas(was));

        for (const [what, impossible] of Object.entries(IMPOSSIBLE))
            it(what, () => refuses(...impossible(at, labels)));

        it("what is behind missing WAL", async () => {
            const segment = `0000000200000000000000${at("b3").commit.lsn.slice(2, 4)}`;
            const archive = "cd /var/lib/pgbackrest/archive/main/17-1/0000000200000000";
            await beside(`${archive}; mv ${segment}-* /var/lib/pgbackrest/`);
            await refuses({ at: at("b4").commit.time }, new RegExp(`needs WAL that is missing: ${segment}`));
            await beside(`${archive}; mv /var/lib/pgbackrest/${segment}-* .`);
        });
    });

    describe("after a restore", () => {
        let first: Awaited<ReturnType<Restores["write"]>>;

        it("has what was written until it took over, archives and backs up on its timeline", async () => {
            await restores.write("before the restore");
            await restores.mustRun("latest", { at: "latest" });
            const { rows } = await restores.write("meanwhile");
            await restores.move("latest");
            assert.deepEqual((await restores.containers.query("select line from ledger")).split("\n"), rows);
            first = await restores.write("after the restore");
            await restores.backup("incr", "latest");
            await restores.write("after its backup");
        });

        it("goes to a moment before that one, and to one after it", async () => {
            await restores.mustRun("again", { at: at("b3").commit.time });
            assert.deepEqual(await restores.rows("again"), at("b3").rows);
            await restores.mustRun("after", { at: first.time });
            assert.deepEqual(await restores.rows("after"), first.rows);
        });

        it("follows the history of the database that runs, on the way back to the first volume too", async () => {
            await restores.move();
            const { time, rows } = await restores.write("back again");
            await restores.mustRun("back", { at: time });
            assert.deepEqual(await restores.rows("back"), rows);
        });

        it("is not done again where its data are lost: the newest that there was is", async () => {
            await restores.move("again");
            const { rows } = await restores.write("after that");
            await mustDocker(["stop", restores.containers.name("postgres")]);
            await restores.inVolume("again", "find $PGDATA -mindepth 1 -delete");
            const { ok, output } = await restores.run("again", { at: at("b3").commit.time });
            assert.ok(!ok, output);
            assert.match(
                output,
                /restore again to .* was done before, and its data are lost: it began timeline \d/,
            );
            await restores.mustRun("again-2", { at: "latest" });
            assert.deepEqual(await restores.rows("again-2"), rows);
        });
    });
});
