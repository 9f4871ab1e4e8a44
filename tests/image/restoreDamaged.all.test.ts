import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { mustDocker } from "../support/docker";
import { Restores, type Snapshot, type Wanted } from "../support/ledger/restores";

/** The page of the table that is damaged, before the newest backup is taken. */
const PAGE = 3;
const ROWS = 20_000;

describe("restore, where the newest backup has found a damaged page,", function () {
    this.timeout(PATIENCE);
    let restores: Restores;
    let was: Snapshot;
    let file: string;
    /** Labels of that backup, and of the newest one without. */
    let damaged: string;
    let good: string;
    /** To a moment behind it. */
    let wanted: Wanted;
    let rows: readonly string[];

    before(async () => {
        restores = await Restores.create();
        const { containers } = restores;
        await containers.query(`create table precious as select i from generate_series(1, ${ROWS}) i`);
        file = await containers.query("select pg_relation_filepath('precious')");
        await mustDocker(["stop", containers.name("postgres")]);
        const place = `of=/var/lib/postgresql/data/${file} bs=1 seek=$((8192 * ${PAGE} + 4000))`;
        await containers.shell(`printf damage | dd ${place} conv=notrunc status=none`);
        await restores.move();
        await restores.backup("incr");
        const labels = await restores.labels();
        [damaged = "", good = ""] = [labels.at(-1), labels.at(-3)];
        // pgBackRest tells the end of a backup by the second, and what is in the same one may be before it.
        await containers.query("select pg_sleep(1)");
        const written = await restores.write("behind the damaged backup");
        wanted = { at: written.time };
        rows = written.rows;
        was = await restores.snapshot();
        await restores.stay("plans");
    });
    after(() => restores.remove());
    afterEach(() => restores.assertAsItWas(was));

    it("goes past it, says so, and has the page whole", async () => {
        const said = await restores.mustRun("sound", wanted);
        assert.match(said, new RegExp(`${damaged} of repo1: has found damaged pages\n`));
        assert.match(said, new RegExp(`${good} of repo1: chosen`));
        assert.doesNotMatch(said, /WARNING: the backup/);
        assert.equal((await restores.record("sound")).backup, good);
        assert.deepEqual(await restores.rows("sound", "select count(*) from precious"), [String(ROWS)]);
        assert.deepEqual(await restores.rows("sound"), rows);
    });

    it("refuses it by name, and says how it would be taken", async () => {
        const refused = await restores.plan("plans", { ...wanted, backup: damaged });
        assert.ok(refused !== undefined && "why" in refused, JSON.stringify(refused));
        assert.equal(refused.why, `the backup ${damaged} has found damaged pages`);
        const ways = refused.instead.join("\n");
        assert.match(ways, new RegExp(`^no backup: then the backup ${good} of repo1 serves`));
        assert.match(ways, new RegExp(`acceptDamage: true: then the backup ${damaged} of repo1 serves`));
    });

    it("takes it with acceptDamage, names file and page, and has the damage and all else", async () => {
        const warning = `the backup ${damaged} has found damaged pages, which come back with it: pg_data/${file} page ${PAGE}`;
        const accepts = { ...wanted, acceptDamage: true };
        const plan = await restores.plan("plans", accepts);
        assert.ok(plan !== undefined && "warnings" in plan, JSON.stringify(plan));
        assert.equal(plan.backup.label, damaged);
        assert.deepEqual(plan.warnings, [`${warning}. An older one without serves too: backup: ${good}`]);
        const said = await restores.mustRun("damaged", accepts);
        assert.ok(said.includes(`WARNING: ${warning}`), said);
        assert.equal((await restores.record("damaged")).backup, damaged);
        assert.deepEqual(await restores.rows("damaged"), rows);
        const broken = await restores.inVolume("damaged", "pg_checksums --check 2>&1 || true");
        assert.match(broken, new RegExp(`failed in file "[^"]*${file}", block ${PAGE}:`));
        assert.match(broken, /Bad checksums: +1$/m);
    });
});
