import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import type { DrillRecord } from "../../components/drill/record";
import { root } from "../../toolchain/paths";
import { Running } from "../e2e/running";
import { UP } from "../e2e/secondStack";
import { builtImage } from "../support/containers";
import { docker, eventually, mustDocker, removeAll } from "../support/docker";
import type { VersityGateway } from "../support/servers/kinds";
import { TestStack } from "../support/stack";
import { cycle } from "./cycle";
import { drilled } from "./drilled";
import { CHECKSUM, CloudStack, LOCAL } from "./cloudStack";
import { assertNothingGone, bucket, rights } from "./s3Bucket";
import { shared } from "./shared";

/** The commands of a section of docs/lost-host.md. */
function documented(section: string): readonly string[] {
    const page = readFileSync(join(root, "docs/lost-host.md"), "utf8");
    const [, rest = ""] = page.split(`## ${section}\n`);
    const commands = [...(rest.split(/^## /m)[0] ?? "").matchAll(/^.*npm run pulumi -- .*$/gm)];
    assert.ok(commands.length >= 4, section);
    return commands.map(([line]) => line);
}
const WITH_STATE = documented("The host is lost, and the state is there");
const WITHOUT_STATE = documented("The stack file is there, and the state is lost");

/** What `up` says where it makes no empty database. */
async function refusalOf(stack: TestStack): Promise<string> {
    const { exitCode, output } = await stack.launch(UP).ended;
    assert.equal(exitCode, 1, output);
    assert.match(output, /the data volume is empty/);
    const containers = await mustDocker(["ps", "--all", "--format", "{{.Names}}"]);
    assert.ok(!containers.includes(`${stack.name}-postgres`), containers);
    return output;
}

/** Types what the refusal says behind these words. */
async function typeChoice(
    stack: TestStack,
    refusal: string,
    choice: "Restore, up to" | "Or begin anew",
): Promise<void> {
    const [, lines = ""] = new RegExp(`${choice} .*\n([^]*? -- up\n)`).exec(refusal) ?? [];
    assert.match(lines, / up\n/);
    await type(stack, lines);
}

/** Types commands as people do, where nobody is asked. */
async function type(stack: TestStack, script: string): Promise<void> {
    const typed = await execa(
        "bash",
        [
            "-euc",
            script
                .replaceAll("npm run pulumi --", `"${process.execPath}" toolchain/launch.mjs pulumi`)
                .replace(/ up$/m, ` ${UP.join(" ")}`),
        ],
        { cwd: stack.directory, env: stack.environment, all: true, reject: false },
    );
    assert.equal(typed.exitCode, 0, typed.all);
}

/** The host with all that is on it is lost, and what is there on another one: the bucket, encrypted, and what somebody has kept. */
describe("a stack whose host is lost, and another that has its backups in the same bucket", function () {
    this.timeout(600_000);
    let gateway: VersityGateway;
    let cloud: CloudStack;
    let neighbour: CloudStack;
    let escrow: string;
    let rows: string;
    let drill: DrillRecord;
    let neighbours: readonly string[];

    before(async () => {
        const all = await shared();
        [gateway, neighbour] = [all.gateway, all.cloud];
        await gateway.administrator.createBucket("kept");
        await gateway.administrator.putPolicy("kept", rights("kept", ""));
        cloud = await CloudStack.create();
        await cloud.join(gateway.server);
        await cloud.mustSwitchTo(bucket(all, "kept", { name: "offsite" }));
        await neighbour.mustSwitchTo(bucket(all, "kept"));
        await cloud.load(2);
        await cloud.archived();
        rows = await cloud.checksum();
        drill = await drilled(cloud, { rows: { database: "app", sql: CHECKSUM, expect: rows } });
        escrow = join(cloud.stack.directory, "escrow.conf");
        const kept = await cloud.stack.launch(["escrow", "--file", escrow], "ops").ended;
        assert.ok(kept.ok, kept.output);
        const opens = await cloud.stack.launch(["escrow", "check", escrow], "ops").ended;
        assert.ok(opens.ok, opens.output);
        const has = await keys(cloud);
        await cycle(neighbour);
        assertNothingGone(has, await keys(cloud));
        neighbours = await keys(neighbour);
        await lose();
    });
    after(() => cloud.remove());

    /** What a stack has in the bucket. */
    const keys = ({ stack }: CloudStack) => gateway.administrator.keys("kept", `${stack.name}/`);

    /** The Docker host, with all that this stack had there. */
    async function lose(): Promise<void> {
        await gateway.server.leave(cloud.stack.name);
        await removeAll(cloud.stack.name);
    }

    it("was proven by a drill before, from its encrypted bucket", () => {
        assert.deepEqual([drill.result, drill.why, drill.repository], ["passed", "", "offsite"]);
    });

    it("comes back with plain pgBackRest, from what escrow has printed and nothing else", async () => {
        const copy = readFileSync(escrow, "utf8");
        const name = `${cloud.stack.name}-elsewhere`;
        await mustDocker(["network", "create", name]);
        await gateway.server.join(name);
        try {
            await mustDocker([
                ...["run", "--detach", "--network", name, "--user", "0", "--name", name],
                ...["--env", "PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                ...[cloud.image, "sleep", "infinity"],
            ]);
            const typed = (user: string, script: string, input = "") =>
                mustDocker(["exec", "--interactive", "--user", user, name, "bash", "-euc", script], {
                    input,
                });
            await typed("0", "cat >/tmp/KEPT", copy);
            const [asRoot = "", asPostgres = ""] = copy
                .split("# Then as postgres.")
                .map((part) => [...part.matchAll(/^# {3}(.*)$/gm)].map(([, line = ""]) => line).join("\n"));
            await typed("0", `cd /tmp; ${asRoot}`);
            await typed("postgres", asPostgres);
            const query = ["exec", "--user", "postgres", name, "psql", "-XAtq", "app", "-c"];
            await eventually(
                "recovery has ended",
                async () => (await docker([...query, "select pg_is_in_recovery()"])).stdout === "f\n",
            );
            assert.equal(await mustDocker([...query, CHECKSUM]), rows);
        } finally {
            await gateway.server.leave(name);
            await removeAll(name);
        }
    });

    it("is not made anew by up, which says what there is to choose from", async () => {
        const { stack } = cloud;
        const gone = await stack.launch(UP).ended;
        assert.equal(gone.exitCode, 1, gone.output);
        assert.match(gone.output, /-postgres-data is gone, with all that was in it\..*docs\/lost-host\.md/);
        await arrive(WITH_STATE[0] ?? "");
        const refusal = await refusalOf(stack);
        assert.match(
            refusal,
            /the repository offsite \(s3:.*\) holds a backup of the stanza main, the newest of/,
        );
        for (const line of WITH_STATE.slice(1)) assert.ok(refusal.includes(line), line);
    });

    it("begins anew in another place as that says, and what is there stays as it is", async () => {
        const { stack, running } = cloud;
        await typeChoice(stack, await refusalOf(stack), "Or begin anew");
        assert.equal(await running.sql("select to_regclass('rows') is null", "app"), "t");
        const opens = await stack.launch(["escrow", "check", escrow], "ops").ended;
        assert.ok(opens.ok, opens.output);
        await type(stack, "npm run pulumi -- config rm --path 'repositories[0].path'");
        await lose();
    });

    it("comes back on another host with its state, as docs/lost-host.md has it", async () => {
        const { stack } = cloud;
        await arrive(WITH_STATE[0] ?? "");
        await type(stack, WITH_STATE.slice(1).join("\n"));
        await isBack();
        await cloud.load(1);
        await cloud.archived();
        rows = await cloud.checksum();
        await lose();
    });

    it("comes back with its stack file alone and the passphrase that escrow has printed, as docs/lost-host.md has it", async () => {
        const { stack } = cloud;
        rmSync(join(stack.directory, "state"), { recursive: true });
        mkdirSync(join(stack.directory, "state"));
        const [init = "", passphrase = "", ...restore] = WITHOUT_STATE.map((line) =>
            line.replace("STACK", stack.name).replace("KEPT", escrow),
        );
        await type(stack, init);
        await type(stack, passphrase);
        await arrive("");
        await type(stack, restore.join("\n"));
        await isBack();
    });

    it("has touched nothing of the other's in all of that", async () => {
        assertNothingGone(neighbours, await keys(neighbour));
        assert.match(await neighbour.pgbackrest("--output=text", "--verbose", "verify"), /^ *status: ok/m);
    });

    /** Has this done on the new host; the network is new there, and the server not in it until it is there. */
    async function arrive(refresh: string): Promise<void> {
        const { stack } = cloud;
        if (refresh !== "") await type(stack, refresh);
        await stack.launch(UP).ended;
        await gateway.server.join(stack.name);
    }

    /** All that was archived is there, and the database is protected as it was. */
    async function isBack(): Promise<void> {
        const { stack, running } = cloud;
        assert.equal(await cloud.checksum(), rows);
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
    }
});

describe("a stack whose data volume is lost, beside its repository on the same host", function () {
    this.timeout(600_000);

    it("is refused an empty one, and begins anew with another stanza as that says", async () => {
        const stack = await TestStack.create({ repositories: [LOCAL], image: await builtImage() });
        try {
            await stack.mustUp();
            const users = ["setup", "postgres", "postgres-proof", "backup", "backup-proof"];
            await mustDocker(["rm", "--force", ...users.map((part) => `${stack.name}-${part}`)]);
            await mustDocker(["volume", "rm", `${stack.name}-postgres-data`]);
            const refreshed = await stack.pulumi(["refresh", "--yes", "--skip-preview"]);
            assert.ok(refreshed.ok, refreshed.output);
            await typeChoice(stack, await refusalOf(stack), "Or begin anew");
            const backups = await new Running(stack).exec("backup", "ls", "/var/lib/pgbackrest/backup");
            assert.equal(backups.stdout, "main\nmain-2\n");
        } finally {
            await stack.remove();
        }
    });
});
