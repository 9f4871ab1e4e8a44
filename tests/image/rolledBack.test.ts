import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { docker, eventually } from "../support/docker";
import { edited, FILES, POSIX } from "../support/inputs";

/** Room for five segments. */
const SMALL_QUEUE = edited("pgbackrest.conf", "queue-max=4GiB", "queue-max=80MiB");

describe("PostgreSQL on an older copy of its data", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    const healthSays = (text: RegExp) =>
        eventually(`health says ${String(text)}`, async () => text.test(await health()));
    const labels = async () =>
        Array.from(
            (await containers.exec("backup", "pgbackrest", "info")).stdout.matchAll(/full backup: (\S+)/g),
            ([, label = ""]) => label,
        );
    const write = async (segments: number) => {
        let last = "";
        for (let written = 0; written < segments; written++)
            last = await containers.query(
                "insert into noise select random(); select pg_walfile_name(pg_switch_wal())",
            );
        return last;
    };
    const arrived = (segment: string) =>
        eventually(
            `${segment} has arrived`,
            async () => (await containers.query("select last_archived_wal from pg_stat_archiver")) >= segment,
        );
    /** As the host does it: at any moment, the data and the archiver's spool together. */
    const copy = async (from: string, to: string) => {
        const volumes = ["data", "spool", "data-before", "spool-before"];
        const mounts = volumes.flatMap((volume) => containers.mount(volume, `/copies/${volume}`));
        const script = `rm -rf /copies/${to}/*; cp -a /copies/${from}/. /copies/${to}/`;
        const { ok, output } = await containers.shell(script, ["--user", "0", ...mounts]);
        assert.ok(ok, output);
    };
    const rollBack = async () => {
        await docker(["kill", containers.name("postgres")]);
        await docker(["stop", containers.name("backup")]);
        for (const volume of ["data", "spool"]) await copy(`${volume}-before`, volume);
        await containers.postgres();
        await containers.ready();
        await write(1);
        await containers.logged("postgres", "[045]");
        // Its check is content with the segment of that name that is there.
        await containers.backup(["LOOK_EVERY=2"]);
    };

    before(async () => {
        containers = await Containers.create();
        const { ok, output } = await containers.setup({ files: SMALL_QUEUE });
        assert.ok(ok, output);
        await containers.postgres();
        await containers.backup(["LOOK_EVERY=2"]);
        await containers.ready();
        const applied = await containers.apply();
        assert.match(applied.output, /in force, protected/);
        await containers.query("create table noise (n double precision)");
        await arrived(await write(1));
        await docker(["stop", containers.name("postgres")]);
        for (const volume of ["data", "spool"]) await copy(volume, `${volume}-before`);
        await docker(["start", containers.name("postgres")]);
        await containers.ready();
        await arrived(await write(3));
    });
    after(() => containers.remove());

    it("is named, and no backup mixes it with what the repository has", async () => {
        await rollBack();
        await healthSays(
            /UNHEALTHY: the repository has another WAL segment 0000\w+ than PostgreSQL writes: .*Begin anew/,
        );
        assert.match((await containers.state())?.activity ?? "", /^no backup is taken/);
    });

    it("fills no disk: the queue limit holds, and behind the names a full backup closes it", async () => {
        const before = await labels();
        await write(8);
        await eventually("a full backup", async () => (await labels()).length > before.length);
        await healthSays(/^protected, idle/);
    });

    it("is protected again at once under another stanza", async () => {
        await rollBack();
        await healthSays(/the repository has another WAL segment/);
        const files = { ...FILES, "pgbackrest.conf": FILES["pgbackrest.conf"].replace("[main]", "[second]") };
        const published = await containers.setup({ files, environment: { ...POSIX, STANZA: "second" } });
        assert.ok(published.ok, published.output);
        assert.match((await containers.apply()).output, /in force, protected/);
        await healthSays(/^protected, idle/);
    });
});
