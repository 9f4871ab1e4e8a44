import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { eventually, mustDocker } from "../support/docker";
import { edited } from "../support/inputs";

const RESERVE = 16 * 2 ** 20;

describe("a repository on a full disk", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    const onDisk = async (script: string) =>
        (await containers.exec("disk", "sh", "-c", script)).stdout.trim();
    const reserve = async () =>
        Number(await onDisk("stat --format %s /var/lib/pgbackrest/reserve-for-expire"));
    const backups = async () =>
        (await containers.exec("backup", "pgbackrest", "--stanza=main", "info")).stdout.match(
            /full backup: /g,
        )?.length ?? 0;

    before(async () => {
        containers = await Containers.create();
        // In memory, and as long as somebody has it mounted.
        const disk = ["--opt", "type=tmpfs", "--opt", "device=tmpfs"];
        await mustDocker([
            ...["volume", "create", "--driver", "local", ...disk],
            ...["--opt", "o=size=128m,uid=999,gid=999,mode=0750", containers.name("repo")],
        ]);
        await mustDocker([
            ...["run", "--detach", "--name", containers.name("disk"), "--network", "none"],
            ...containers.mount("repo", "/var/lib/pgbackrest"),
            ...[containers.image, "sleep", "infinity"],
        ]);
        const { ok, output } = await containers.setup();
        assert.ok(ok, output);
        await containers.postgres();
        await containers.backup();
        await containers.ready();
        await containers.query(
            "create table noise as select string_agg(md5(random()::text), '') as t from generate_series(1, 700000) as i group by i / 40",
        );
        const applied = await containers.apply();
        assert.match(applied.output, /in force, protected/);
        const { ok: taken } = await containers.exec(
            "backup",
            "pgbackrest",
            "--stanza=main",
            "--type=full",
            "backup",
        );
        assert.ok(taken);
    });
    after(() => containers.remove());

    it("says so, and gives its reserve for nothing that would not help", async () => {
        await eventually("the reserve is there", async () => (await reserve()) === RESERVE);
        await onDisk("head -c 200M /dev/zero >/var/lib/pgbackrest/filler");
        assert.equal(await onDisk("df --output=avail /var/lib/pgbackrest | tail -n 1"), "0");
        await eventually("health says it", async () =>
            /UNHEALTHY: the repository is full: .* Retention keeps all that it holds\. Lower repo1-retention-full/.test(
                await health(),
            ),
        );
        assert.equal(await reserve(), RESERVE);
        await containers.query("insert into noise select 1; select pg_switch_wal()");
    });

    it("takes a smaller retention, expires by itself, and goes on with WAL and backups", async () => {
        const published = await containers.setup({
            files: edited("pgbackrest.conf", "retention-full=8", "retention-full=1"),
        });
        assert.ok(published.ok, published.output);
        assert.match(published.output, /NOTE: repository .* is full, so it was read only/);
        const { output } = await containers.apply();
        assert.match(output, /in force, protected/);
        assert.equal(await backups(), 1);
        await eventually("it is healthy", async () => (await health()).startsWith("protected, idle"));
        await eventually("the reserve is there again", async () => (await reserve()) === RESERVE);
        const taken = await containers.exec("backup", "pgbackrest", "--stanza=main", "--type=diff", "backup");
        assert.ok(taken.ok, taken.output);
    });

    it("refuses another place that is full", async () => {
        await onDisk("head -c 200M /dev/zero >/var/lib/pgbackrest/filler2");
        const refused = await containers.setup({
            environment: {
                PGBACKREST_REPO1_TYPE: "posix",
                PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/other",
            },
        });
        assert.ok(!refused.ok);
        assert.match(refused.output, /its disk is full: free space or move it/);
    });
});
