import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { docker, eventually } from "../support/docker";
import { FILES, POSIX } from "../support/inputs";
import { OlderCopy } from "./olderCopy";

const NAMED = /the repository has another WAL segment/;

describe("PostgreSQL on an older copy of its data, and the ways out", function () {
    this.timeout(PATIENCE);
    let older: OlderCopy;
    const backups = async () =>
        (await older.containers.exec("backup", "pgbackrest", "info")).stdout.match(/full backup: /g)
            ?.length ?? 0;

    before(async () => {
        older = await OlderCopy.create();
    });
    after(() => older.containers.remove());

    it("takes what the repository has, which is newer, with a restore", async () => {
        const { containers } = older;
        const rows = Number(await containers.query("select count(*) from noise"));
        await older.setBack();
        await older.healthSays(NAMED);
        assert.ok(Number(await containers.query("select count(*) from noise")) < rows - 1);
        await docker(["stop", containers.name("backup")]);
        await docker(["stop", "--time", "60", containers.name("postgres")]);
        const restored = await containers.shell(
            "rm -rf /var/spool/pgbackrest/*; pgbackrest --stanza=main --log-level-file=off --delta restore",
            [...containers.mount("spool", "/var/spool/pgbackrest"), "--tmpfs", "/tmp:mode=1777"],
        );
        assert.ok(restored.ok, restored.output);
        await containers.postgres();
        await containers.ready();
        await eventually(
            "the recovery has ended",
            async () => (await containers.query("select pg_is_in_recovery()")) === "f",
        );
        // The last one's commit is behind the switch of the segment, and so was never archived.
        assert.equal(Number(await containers.query("select count(*) from noise")), rows - 1);
        await containers.backup(["LOOK_EVERY=2"]);
        await older.healthSays(/^protected, idle/);
    });

    it("fills no disk: the queue limit holds, and behind the names a full backup closes it", async () => {
        await older.setBack();
        await older.healthSays(NAMED);
        const taken = await backups();
        await older.write(9);
        await eventually("a full backup", async () => (await backups()) > taken);
        await older.healthSays(/^protected, idle/);
    });

    it("is protected again at once under another stanza", async () => {
        await older.setBack();
        await older.healthSays(NAMED);
        const files = { ...FILES, "pgbackrest.conf": FILES["pgbackrest.conf"].replace("[main]", "[second]") };
        const { containers } = older;
        const published = await containers.setup({ files, environment: { ...POSIX, STANZA: "second" } });
        assert.ok(published.ok, published.output);
        assert.match((await containers.apply()).output, /in force, protected/);
        await older.healthSays(/^protected, idle/);
    });
});
