import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { docker, mustDocker } from "../support/docker";
import { PRIVATE_KEY } from "./certificate";
import { mainStack, PASSWORD, type MainStack } from "./mainStack";
import { processes, processFile } from "./processes";
import { SERVICES } from "./running";

/** Parts of the secrets that no escaping changes. */
const TRACES = [PASSWORD.slice(0, 12), PRIVATE_KEY.split("\n")[1] ?? ""];

function assertNoSecret(text: string, where: string): void {
    for (const trace of TRACES) assert.ok(!text.includes(trace), `${where} holds a secret`);
}

// First of all by its name: later tests change the stack.
describe("a new stack", function () {
    this.timeout(180_000);
    let main: MainStack;
    before(async () => {
        main = await mainStack();
    });

    it("is protected when up has ended", async () => {
        const { running, first } = main;
        assert.equal((await running.fullBackups()).length, 1);
        assert.equal(await running.inspect("apply", "{{.State.Status}} {{.State.ExitCode}}"), "exited 0");
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
        assert.match(health.output, /^protected/);
        const autoheal = '{{index .Config.Labels "autoheal"}}';
        assert.deepEqual(
            [await running.inspect("backup", autoheal), await running.inspect("postgres", autoheal)],
            ["false", ""],
        );
        const mtu = '{{index .Options "com.docker.network.driver.mtu"}}';
        assert.equal(await mustDocker(["network", "inspect", "--format", mtu, main.stack.name]), "1400");
        console.log(`        (up took ${first.up.seconds.toFixed(0)} s)`);
    });

    it("has Node.js and the service where backups are taken, and nothing of it beside the database", async () => {
        const has = async (role: "postgres" | "backup") =>
            (
                await main.running.exec(
                    role,
                    "sh",
                    "-c",
                    "for name in node backup-service.cjs; do command -v $name; done; true",
                )
            ).stdout;
        assert.match(await has("backup"), /node\n.*backup-service\.cjs\n/s);
        assert.equal(await has("postgres"), "");
    });

    it("has outputs that say what runs, with the connection as a secret", async () => {
        const { stack, running, repository } = main;
        const outputs = await stack.outputs();
        assert.deepEqual(outputs["repositories"], [
            { name: "host", type: "posix", location: `directory ${repository}` },
        ]);
        assert.ok((await running.revision()).endsWith(`-${String(outputs["revision"])}`));
        const shown = await stack.pulumi(["stack", "output"]);
        assert.match(shown.output, /connection +\[secret\]/);
        assertNoSecret(shown.output, "pulumi stack output");
        assert.equal(
            outputs["connection"],
            `postgresql://app:${encodeURIComponent(PASSWORD)}@${stack.name}-postgres:5432/app`,
        );
    });

    it("gives the application a connection that works, with TLS, and is no superuser", async () => {
        const { stack, running } = main;
        const url = `${String((await stack.outputs())["connection"])}?sslmode=require`;
        const query =
            "select current_user, usesuper, ssl from pg_user, pg_stat_ssl where usename = current_user and pid = pg_backend_pid()";
        assert.equal(await running.mustExec("backup", "psql", url, "-XAtc", query), "app|f|t");
        const refused = await running.exec(
            "backup",
            "psql",
            url,
            "-XAtc",
            "select pg_read_file('/etc/pgbackrest/conf.d/repo.conf')",
        );
        assert.match(refused.output, /permission denied/);
        const wrong = await running.exec("backup", "psql", url.replace("pw-", "qw-"), "-c", "select");
        assert.match(wrong.output, /password authentication failed/);
    });

    it("has no changes at a second preview, and none after a refresh", async () => {
        const { stack } = main;
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        const refresh = await stack.pulumi(["refresh", "--yes", "--skip-preview"]);
        assert.ok(refresh.ok, refresh.output);
        const again = await stack.preview("--expect-no-changes");
        assert.ok(again.ok, again.output);
        assertNoSecret(preview.output + refresh.output + again.output, "the output of pulumi");
    });

    it("changes nothing at a second up", async () => {
        const { stack, running } = main;
        const before = [...(await running.services()), await running.id("setup"), await running.id("apply")];
        const up = await stack.up("--expect-no-changes");
        assert.ok(up.ok, up.output);
        assert.deepEqual(
            [...(await running.services()), await running.id("setup"), await running.id("apply")],
            before,
        );
    });

    it("runs everything as uid 999, without capabilities, on read-only root file systems", async () => {
        const { running } = main;
        for (const role of SERVICES) {
            const pids = await containerProcesses(await running.inspect(role, "{{.Id}}"));
            assert.ok(pids.length > 1, `${role} has processes`);
            for (const pid of pids) {
                const status = statusOf(pid);
                assert.equal(status.get("Uid"), "999\t999\t999\t999");
                assert.equal(status.get("Gid"), "999\t999\t999\t999");
                for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
                    assert.match(status.get(set) ?? "", /^0+$/, set);
                assert.equal(status.get("NoNewPrivs"), "1");
            }
            const write = await running.exec(role, "touch", "/usr/local/bin/x");
            assert.match(write.output, /Read-only file system/);
        }
    });

    it("lets no consumer write the configuration", async () => {
        const { running } = main;
        for (const role of SERVICES) {
            const link = await running.exec(
                role,
                "touch",
                "/etc/pgbackrest/new",
                "/etc/pgbackrest/current/conf.d/repo.conf",
            );
            assert.equal(link.output.match(/Read-only file system/g)?.length, 2, link.output);
            const root = await docker([
                "exec",
                "--user",
                "0",
                running.name(role),
                "rm",
                "/etc/pgbackrest/current",
            ]);
            assert.match(root.output, /Read-only file system|Permission denied/);
            const mount = await running.mustExec(role, "grep", " /etc/pgbackrest ", "/proc/self/mounts");
            assert.match(mount, / ro,/);
            assert.match(await running.configuration(role, "conf.d/repo.conf"), /^repo1-path=/m);
            assert.match(await running.configuration(role, "pgbackrest.conf"), /^repo1-retention-full=8$/m);
        }
    });

    it("gives no consumer a credential or a variable that would override the configuration", async () => {
        const { running } = main;
        for (const role of [...SERVICES, "apply"] as const) {
            const environment = await running.inspect(role, "{{range .Config.Env}}{{println .}}{{end}}");
            assert.doesNotMatch(environment, /^(PGBACKREST_|PG)/m);
            assertNoSecret(environment, `the environment of ${role}`);
        }
        for (const role of SERVICES)
            for (const pid of await containerProcesses(await running.id(role))) {
                const environment = processFile(pid, "environ");
                // psql of a health check that happens to run has options for its own session.
                const found = environment.filter(
                    (line) =>
                        /^(PGBACKREST_|PG)/.test(line) &&
                        !/^PG(OPTIONS|CONNECT_TIMEOUT|DATA|SYSCONFDIR|LOCALEDIR)=/.test(line),
                );
                assert.deepEqual(found, []);
                assertNoSecret(environment.join("\n"), `the environment of a process of ${role}`);
            }
    });

    it("keeps secrets out of the state file, the logs, the output and the process lists", async () => {
        const { stack, running, first } = main;
        const state = join(stack.directory, "state");
        for (const entry of readdirSync(state, { recursive: true, withFileTypes: true, encoding: "utf8" }))
            if (entry.isFile())
                assertNoSecret(readFileSync(join(entry.parentPath, entry.name), "utf8"), entry.name);
        for (const role of ["setup", "postgres", "backup", "apply"] as const)
            assertNoSecret(await running.logs(role), `the log of ${role}`);
        assertNoSecret(first.up.output, "the output of up");
        assert.ok(
            [...first.commandLines].some((line) => line.includes("pgbackrest")),
            "processes were watched",
        );
        for (const line of first.commandLines) assertNoSecret(line, "a process list");
    });

    it("is healthy for the engine too", async () => {
        await main.running.becomesHealthy();
    });
});

/** Processes of a container, as the host sees them. */
async function containerProcesses(id: string): Promise<readonly number[]> {
    const top = await docker(["top", id, "-eo", "pid"]);
    const listed = new Set(top.stdout.split("\n").slice(1).map(Number));
    return processes().filter((pid) => listed.has(pid));
}

function statusOf(pid: number): ReadonlyMap<string, string> {
    const lines = readFileSync(`/proc/${pid}/status`, "utf8").split("\n");
    return new Map(
        lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
    );
}
