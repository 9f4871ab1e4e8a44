import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { FILES, extended } from "../support/inputs";
import { docker, eventually } from "../support/docker";

const limit = (memory: string) => ["--memory", memory, "--memory-swap", memory];
const GREEDY = "compress-type=zst\ncompress-level=22\nprocess-max=1";

describe("without enough memory", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const health = async () => (await containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    const publish = async (section: string) => {
        const files = section === "" ? FILES : extended("pgbackrest.conf", `${section}\n${GREEDY}`);
        const { ok, output } = await containers.setup({ files });
        assert.ok(ok, output);
    };
    /** How many processes of a container were killed for want of memory. */
    const killed = async (part: string) => {
        const files = "/sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control";
        const { stdout } = await containers.exec(
            ...([part, "sh", "-c", `sed -n 's/^oom_kill //p' ${files} 2>/dev/null`] as const),
        );
        return Number(stdout);
    };

    before(async () => {
        containers = await Containers.create();
        await publish("[global:backup]");
        await containers.backup([], limit("128m"));
        await containers.postgres([], limit("500m"));
    });
    after(() => containers.remove());

    it("a backup says that it ran out of it and which setting to raise, and is taken when there is enough", async () => {
        const { ok, output } = await containers.apply({ WAIT_FOR: "archiving" });
        assert.ok(ok, output);
        await containers.logged(
            "backup",
            /ERROR: full backup failed: .* - out of memory \(backupMemory\): raise pgbackrest:backupMemory/,
        );
        await eventually("health tells it", async () =>
            /there is no full backup yet: .*out of memory \(backupMemory\)/.test(await health()),
        );
        await publish("");
        const green = await containers.apply();
        assert.ok(green.ok, green.output);
    });

    it("an archiver dies alone: no session ends, PostgreSQL goes on, and WAL arrives once it needs less", async () => {
        const started = await containers.query("select pg_postmaster_start_time()");
        // The largest process of the container, in a session that must not end.
        const session = docker(["exec", "--interactive", containers.name("postgres"), "psql", "-XAtq"], {
            input: `do $$ declare t text := repeat('x', 150000000); begin perform pg_sleep(45); raise warning 'lived on with %', length(t); end $$;`,
        });
        await publish("[global:archive-push]");
        const before = await killed("postgres");
        await containers.query(
            "create table waits as select generate_series(1, 1000); select pg_switch_wal()",
        );
        await eventually("one is killed", async () => (await killed("postgres")) > before);
        await eventually("and again", async () => (await killed("postgres")) > before + 1, 120);
        assert.match((await session).output, /lived on with 150000000/);
        assert.equal(await containers.query("select pg_postmaster_start_time()"), started);
        assert.doesNotMatch(
            await containers.logs("postgres"),
            /terminating any other active server processes|server process .* was terminated/,
        );
        await publish("");
        const last = await containers.query("select pg_walfile_name(pg_current_wal_insert_lsn())");
        await containers.query("drop table waits; select pg_switch_wal()");
        await eventually(
            "WAL arrives",
            async () => (await containers.query("select last_archived_wal from pg_stat_archiver")) >= last,
            120,
        );
    });
});
