import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { mustDocker } from "../support/docker";
import { freeze } from "../support/freeze";
import { POSIX } from "../support/inputs";
import { PASSPHRASE } from "../support/ledger/image";
import { Restores, type Snapshot } from "../support/ledger/restores";

/** The ledger's second repository. */
const ENCRYPTED = {
    ...POSIX,
    PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/encrypted",
    PGBACKREST_REPO1_CIPHER_TYPE: "aes-256-cbc",
    PGBACKREST_REPO1_CIPHER_PASS: PASSPHRASE,
};

describe("restore from an encrypted repository", function () {
    this.timeout(PATIENCE);
    let restores: Restores;
    let was: Snapshot;
    const at = (name: string) => restores.ledger.at(name);

    before(async () => {
        restores = await Restores.create({ setup: { environment: ENCRYPTED } });
        was = await restores.snapshot();
    });
    after(() => restores.remove());
    afterEach(() => restores.assertAsItWas(was));

    it("to what was before a position", async () => {
        await restores.mustRun("position", { at: at("b1").commit.lsn, inclusive: false });
        assert.deepEqual(await restores.rows("position"), at("a2").rows);
    });

    it("to a restore point", async () => {
        await restores.mustRun("point", { at: "b2" });
        assert.deepEqual(await restores.rows("point"), at("b2").rows);
    });

    it("repairs what it finds on its volume", async () => {
        await restores.inVolume(
            "point",
            `rm $PGDATA/restore.json $PGDATA/global/pg_control; touch $PGDATA/stranger
            find $PGDATA/base -type f -size +64k | head -n 20 | while read -r file; do
                printf damage | dd of="$file" bs=1 seek=9000 conv=notrunc status=none; done`,
        );
        assert.match(await restores.mustRun("point", { at: "b2" }), /there are data already/);
        assert.deepEqual(await restores.rows("point"), at("b2").rows);
        assert.equal(await restores.inVolume("point", "find $PGDATA -name stranger"), "");
    });

    for (const work of ["restore", "replay"] as const)
        it(`goes on after it was killed in its ${work}`, async () => {
            const wanted = { at: at("b3").commit.time };
            await restores.begin(`killed-in-${work}`, wanted);
            await freeze(restores.containers.name("restore"), work);
            await mustDocker(["kill", restores.containers.name("restore")]);
            const output = await restores.mustRun(`killed-in-${work}`, wanted);
            const isRestored = work === "restore";
            assert.equal(/there are data already[^]* is restored/.test(output), isRestored, output);
            assert.equal(output.includes(" is restored"), isRestored, output);
            assert.deepEqual(await restores.rows(`killed-in-${work}`), at("b3").rows);
        });

    it("goes on after it was killed before any file was there", async () => {
        await restores.inVolume(
            "begun",
            "mkdir $PGDATA/base $PGDATA/base/5; touch $PGDATA/backup.manifest.pgbackrest.tmp",
        );
        await restores.mustRun("begun", { at: at("b3").commit.time });
        assert.deepEqual(await restores.rows("begun"), at("b3").rows);
    });

    it("goes on after it was killed with a timeline of its own", async () => {
        const isThere =
            "ls /var/lib/pgbackrest/encrypted/archive/main/*/$(cd $PGDATA/pg_wal; ls *.history | tail -n 1)";
        await restores.inVolume(
            "point",
            `sed -i 's/"phase":"done"/"phase":"replaying"/' $PGDATA/restore.json; rm $(${isThere})`,
        );
        await restores.mustRun("point", { at: "b2" });
        assert.equal((await restores.record("point")).phase, "done");
        assert.match(await restores.inVolume("point", isThere), /\.history$/);
        assert.deepEqual(await restores.rows("point"), at("b2").rows);
    });

    it("believes no record that came with the backup", async () => {
        await restores.inVolume("point", "touch $PGDATA/backup.manifest; rm $PGDATA/PG_VERSION");
        assert.match(await restores.mustRun("point", { at: "b2" }), /is restored/);
        assert.deepEqual(await restores.rows("point"), at("b2").rows);
    });

    it("goes on from a pause at the end of the WAL, behind which no commit is", async () => {
        const wanted = { at: at("a4").commit.time, timeline: 1 };
        await restores.mustRun("paused", { ...wanted, pause: true });
        assert.equal((await restores.record("paused")).phase, "paused");
        await restores.mustRun("paused", wanted);
        assert.deepEqual(await restores.rows("paused"), at("a4").rows);
    });

    it("fails where a restore point is nowhere, and says how far it has looked", async () => {
        const { ok, output } = await restores.run("nowhere", { at: "no-such-point" });
        assert.ok(!ok);
        assert.match(output, /recovery ended before configured recovery target was reached[^]*last commit/);
    });
});
