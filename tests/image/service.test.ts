import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { renderHba, renderIdent } from "../../components/postgresql/accessRules";
import { checkTimezone } from "../../components/schedule/cron";
import zones from "../../components/schedule/zones.json";
import { builtImage, Containers, once, PATIENCE } from "../support/containers";
import { FILES } from "../support/inputs";
import { docker, eventually } from "../support/docker";

const Zones = v.object({ unknown: v.array(v.string()), theirs: v.array(v.string()) });

describe("time zones of previews and of the backup service", function () {
    this.timeout(PATIENCE);

    it("are those that the Node.js of the image knows", async () => {
        const script = `
            const known = (timeZone) => { try { new Intl.DateTimeFormat("en", { timeZone }); return true; } catch { return false; } };
            const unknown = ${JSON.stringify(zones)}.filter((zone) => !known(zone));
            console.log(JSON.stringify({ unknown, theirs: Intl.supportedValuesOf("timeZone") }));`;
        const { ok, stdout, output } = await once(await builtImage(), ["node", "-e", script]);
        assert.ok(ok, output);
        const { unknown, theirs } = v.parse(Zones, JSON.parse(stdout));
        assert.deepEqual(unknown, []);
        assert.ok(theirs.length > 300);
        assert.deepEqual(
            theirs.filter((zone) => checkTimezone(zone) !== undefined),
            [],
        );
    });
});

describe("the state of the backup service", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const idle = () =>
        eventually("the service is idle", async () =>
            ((await containers.state())?.activity ?? "").startsWith("idle"),
        );
    const fullBackups = async () =>
        Array.from((await containers.exec("backup", "pgbackrest", "info")).stdout.matchAll(/full backup: /g))
            .length;

    before(async () => {
        containers = await Containers.create();
        assert.ok((await containers.setup()).ok);
        await containers.postgres();
        await containers.backup();
        const { ok, output } = await containers.apply();
        assert.ok(ok, output);
        await idle();
    });
    after(() => containers.remove());

    const scrape = async (path = ""): Promise<string> =>
        (
            await containers.exec(
                ...["backup", "node", "-e"],
                `fetch("http://127.0.0.1:9464/metrics${path}").then((answer) => answer.text()).then(console.log, () => console.log("nothing"))`,
            )
        ).stdout;

    it("is told in metrics as soon as it is published that they are served, without a restart", async () => {
        assert.equal(await scrape(), "nothing\n");
        assert.ok((await containers.setup({ files: { ...FILES, "monitoring.json": '{"tls":false}' } })).ok);
        const { ok, output } = await containers.apply();
        assert.ok(ok, output);
        await eventually("metrics are served", async () =>
            (await scrape()).includes("protection_protected 1"),
        );
        const text = await scrape();
        for (const line of [
            'protection_backup_timestamp_seconds{repository="repo1",kind="full"} 1',
            'protection_repository_backups{repository="repo1"} 1',
            "protection_database_up 1",
            "protection_data_volume_free_bytes ",
        ])
            assert.ok(text.includes(`\n${line}`), `${line} in ${text}`);
        assert.doesNotMatch(await containers.logs("backup"), /no metrics/);
    });

    it("has PostgreSQL's own metrics beside it, asked by a role that may look and nothing else", async () => {
        const publish = async (serving: unknown): Promise<void> => {
            const access = { "pg_hba.conf": renderHba(false), "pg_ident.conf": renderIdent() };
            const files = { ...FILES, ...access, "monitoring.json": JSON.stringify(serving) };
            assert.ok((await containers.setup({ files })).ok);
            const { ok, output } = await containers.apply();
            assert.ok(ok, output);
        };
        await containers.query("create table seen as select 1 as n", "app");
        const role =
            "select rolcanlogin, rolsuper, rolpassword is null, (select string_agg(roleid::regrole::text, ',') from pg_auth_members where member = a.oid) from pg_authid a where rolname = 'pgbackrest_monitoring'";
        assert.equal(await containers.query(role), "");
        await publish({ tls: false, database: "app" });
        assert.equal(await containers.query(role), "t|f|t|pg_monitor");
        const has = (line: RegExp) =>
            eventually(String(line), async () => line.test(await scrape("/postgresql")), 60);
        await has(/^pg_up 1$/m);
        await has(/^pg_stat_user_tables_seq_scan\{[^}]*relname="seen"/m);
        const asked = await containers.exec(
            ...["backup", "psql", "-XAtq", "-U", "pgbackrest_monitoring", "-d", "app", "-c"],
            "set default_transaction_read_only = off; select * from seen",
        );
        assert.match(asked.output, /permission denied for table seen/);
        // In the container alone, and made anew when it has ended.
        const listeners = await containers.exec(
            "backup",
            "grep",
            "-c",
            "0100007F:23E3 .* 0A ",
            "/proc/net/tcp",
        );
        assert.equal(listeners.stdout.trim(), "1", listeners.output);
        const exporter =
            'for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" != prometheus-post ] || { grep VmRSS $p/status; kill ${p#/proc/}; }; done';
        const killed = await containers.exec("backup", "sh", "-c", exporter);
        assert.match(killed.stdout, /^VmRSS:.*\n$/, killed.output);
        await has(/^pg_up 1$/m);
        await docker(["stop", containers.name("postgres")]);
        await has(/^pg_up 0$/m);
        await docker(["start", containers.name("postgres")]);
        await containers.ready();
        await has(/^pg_up 1$/m);
        await publish({ tls: false });
        assert.match(await containers.query(role), /^f\|/);
        await eventually(
            "it is gone",
            async () => (await scrape("/postgresql")) === "/metrics is served\n\n",
        );
        assert.equal((await containers.exec("backup", "pgrep", "prometheus")).stdout, "");
    });

    for (const [what, place] of [
        ["the shell script", '{ cat "$c/stanza"; jq -r ".[0].place" "$c/repositories.json"; } | cksum'],
        ["release 0.1.0", 'jq -r ".[0].place" "$c/repositories.json" | cksum'],
    ] as const)
        it(`is taken over from the files of ${what}, which then go: no other full backup is taken`, async () => {
            await docker(["stop", containers.name("backup")]);
            await containers.forgetState();
            const { ok, output } = await containers.shell(
                `c=/etc/pgbackrest/current; cd /var/lib/pgbackrest-state; ${place} >place; echo 1700000000 >since; echo 1750000000 >verified; ` +
                    "echo idle >activity; basename $(readlink $c) | tee archiving >protected",
            );
            assert.ok(ok, output);
            await docker(["start", containers.name("backup")]);
            await idle();
            const memory = await containers.memory();
            assert.deepEqual([memory?.since, memory?.verified], [1_700_000_000, 1_750_000_000]);
            assert.equal(await fullBackups(), 1);
            const left = await containers.exec("backup", "ls", "-A", "/var/lib/pgbackrest-state");
            assert.equal(left.stdout, "drill.json\nlock\nstate.json\n");
        });

    it("is refused by the health check when it is old, and set aside when it cannot be read", async () => {
        await docker(["stop", containers.name("backup")]);
        await containers.changeState(".written = 1000");
        const state = containers.mount("state", "/var/lib/pgbackrest-state");
        const { ok, output } = await once(containers.image, ["healthcheck-pgbackrest.sh"], state);
        assert.ok(!ok);
        assert.match(output, /^UNHEALTHY: the backup service has said nothing for \d+ s; it said before: /);
        await containers.shell("echo nonsense >/var/lib/pgbackrest-state/state.json");
        await docker(["start", containers.name("backup")]);
        await idle();
        assert.match(await containers.logs("backup"), /ERROR: the state in state\.json cannot be read/);
        assert.equal(await fullBackups(), 1);
    });
});
