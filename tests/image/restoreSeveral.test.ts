import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { renderRepo } from "../../components/pgbackrest/repository";
import { renderRepositories } from "../../components/protection/state";
import { fileEnvironment } from "../../components/publication/publication";
import { PATIENCE } from "../support/containers";
import { eventually, mustDocker } from "../support/docker";
import { FILES } from "../support/inputs";
import { Restores } from "../support/ledger/restores";

const REPOSITORY = "/var/lib/pgbackrest";
const OFFSITE = `${REPOSITORY}/offsite`;
const PLACES = [
    ["local", REPOSITORY],
    ["offsite", OFFSITE],
] as const;

const numbered = PLACES.map(([name, path], index) => ({ name, number: index + 1, path }));
const environment = fileEnvironment([
    {
        name: "conf.d/repo.conf",
        content: renderRepo(
            numbered.map(({ number, path }) => ({
                number,
                options: new Map([
                    ["type", "posix"],
                    ["path", path],
                ]),
            })),
        ),
    },
    {
        name: "repositories.json",
        content: renderRepositories(
            numbered.map(({ name, number }) => ({ name, number, place: `posix:${name}` })),
        ),
    },
]);
const conf = FILES["pgbackrest.conf"].replace("[main]", "repo2-retention-full=8\n[main]");

describe("a restore with two repositories", function () {
    this.timeout(PATIENCE);
    let restores: Restores;
    let moment: string;
    let rows: readonly string[];

    before(async () => {
        restores = await Restores.create({
            setup: { environment, files: { ...FILES, "pgbackrest.conf": conf } },
        });
        // The same as the first: what the ledger has is in both.
        await shell(`rm -rf ${OFFSITE}/*; cp -a ${REPOSITORY}/archive ${REPOSITORY}/backup ${OFFSITE}`);
        await restores.write("in both");
    });
    after(() => restores.remove());

    const shell = (script: string) =>
        mustDocker(["exec", restores.containers.name("postgres"), "sh", "-euc", script]);
    const query = (sql: string) => restores.containers.query(sql);

    it("takes the first, and says so", async () => {
        const said = await restores.mustRun("both", { at: "latest" });
        assert.match(said, /the backup is \S+ .* of the repository local;/);
        assert.doesNotMatch(said, /WARNING/);
    });

    it("takes the next where the first is away, with what the first never got, and says so", async () => {
        await shell(
            `mkdir ${REPOSITORY}/away; mv ${REPOSITORY}/archive ${REPOSITORY}/backup ${REPOSITORY}/away`,
        );
        await query("insert into entries (moment) values ('without the first')");
        moment = await query("select clock_timestamp()");
        rows = (await query("select line from ledger")).split("\n");
        const said = await restores.mustRun("away", { at: "latest" });
        assert.match(said, /not in local yet: [0-9A-F]{24}; it is in offsite/);
        assert.match(said, /the backup is \S+ .* of the repository offsite;/);
        assert.match(said, /WARNING: the repository local cannot be read: .*What it alone has is not used/);
        assert.deepEqual(await restores.rows("away"), rows);
    });

    it("makes its timeline known to the one that is there", async () => {
        const said = await restores.mustRun("timed", { at: moment });
        assert.match(
            said,
            /PostgreSQL makes the new timeline known when the repository takes it; now: local:/,
        );
        assert.deepEqual(await restores.rows("timed"), rows);
        assert.match(await shell(`ls ${OFFSITE}/archive/main/17-1`), /^00000003\.history|00000004\.history/m);
    });

    it("is not of another than the one that is wished", async () => {
        const { ok, output } = await restores.run("wished", { at: "latest", repository: "local" });
        assert.ok(!ok, output);
        assert.match(output, /ERROR: the repository local cannot be read: /);
    });

    it("has all in the first again when that is back", async () => {
        await shell(`cd ${REPOSITORY}; mv away/* .; rmdir away`);
        const last = await query("select pg_walfile_name(pg_switch_wal())");
        await eventually(
            "it has caught up",
            async () => (await query("select last_archived_wal from pg_stat_archiver")) >= last,
        );
        const said = await restores.mustRun("back", { at: moment });
        assert.match(said, /of the repository local;/);
        assert.deepEqual(await restores.rows("back"), rows);
    });
});
