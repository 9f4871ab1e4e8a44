import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { Running } from "../e2e/running";
import { UP } from "../e2e/secondStack";
import { builtImage } from "../support/containers";
import { docker, eventually, mustDocker, removeAll } from "../support/docker";
import { VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { TestStack } from "../support/stack";
import { CHECKSUM, CloudStack, LOCAL } from "./cloudStack";
import { rights } from "./s3Bucket";
import { USER } from "./shared";

/** The commands of a section of docs/lost-host.md. */
function documented(section: string): readonly string[] {
    const page = readFileSync(join(root, "docs/lost-host.md"), "utf8");
    const [, rest = ""] = page.split(`## ${section}\n`);
    return [...(rest.split(/^## /m)[0] ?? "").matchAll(/^npm run .*$/gm)].map(([line]) => line);
}
const words = (line: string): readonly string[] => line.replace("npm run pulumi -- ", "").split(" ");

/** What `up` says where it makes no empty database. */
async function refusalOf(stack: TestStack): Promise<string> {
    const { exitCode, output } = await stack.launch(UP).ended;
    assert.equal(exitCode, 1, output);
    assert.match(output, /the data volume is empty/);
    const containers = await mustDocker(["ps", "--all", "--format", "{{.Names}}"]);
    assert.ok(!containers.includes(`${stack.name}-postgres`), containers);
    return output;
}

/** Types what the refusal says for an empty database in another place. */
async function typeAnew(stack: TestStack, refusal: string): Promise<void> {
    const [, lines = ""] = /Or begin anew .*\n([^]*? -- up\n)/.exec(refusal) ?? [];
    const script = lines
        .replaceAll("npm run pulumi --", `"${process.execPath}" toolchain/launch.mjs pulumi`)
        .replace(/ up$/m, ` ${UP.join(" ")}`);
    assert.match(script, / up /);
    const typed = await execa("bash", ["-euc", script], {
        ...{ cwd: stack.directory, env: stack.environment, all: true, reject: false },
    });
    assert.equal(typed.exitCode, 0, typed.all);
}

/** The host with all that is on it is lost, and what is there on another one: the bucket, encrypted, and what somebody has kept. */
describe("a stack whose host is lost", function () {
    this.timeout(600_000);
    let servers: Servers;
    let gateway: VersityGateway;
    let cloud: CloudStack;
    let escrow: string;
    let rows: string;

    before(async () => {
        servers = await Servers.create("s3");
        gateway = await VersityGateway.start(servers);
        await gateway.createUser(USER);
        await gateway.administrator.createBucket("kept");
        await gateway.administrator.putPolicy("kept", rights("kept", ""));
        cloud = await CloudStack.create();
        await cloud.join(gateway.server);
        await cloud.mustSwitchTo({
            ...{ name: "offsite", type: "s3", bucket: "kept", region: "us-east-1", uriStyle: "path" },
            ...{ endpoint: gateway.server.name, caFile: "ca.crt", key: USER.key, keySecret: USER.secret },
        });
        await cloud.load(2);
        await cloud.archived();
        rows = await cloud.checksum();
        escrow = join(cloud.stack.directory, "escrow.conf");
        const kept = await cloud.stack.launch(["escrow", "--file", escrow], "ops").ended;
        assert.ok(kept.ok, kept.output);
        const opens = await cloud.stack.launch(["escrow", "check", escrow], "ops").ended;
        assert.ok(opens.ok, opens.output);
        await lose();
    });
    after(async () => {
        await cloud.remove();
        await servers.remove();
    });

    /** The Docker host, with all that this stack had there. */
    async function lose(): Promise<void> {
        await gateway.server.leave(cloud.stack.name);
        await removeAll(cloud.stack.name);
    }

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
        const up = () => stack.launch(UP).ended;
        const gone = await up();
        assert.equal(gone.exitCode, 1, gone.output);
        assert.match(gone.output, /-postgres-data is gone, with all that was in it\..*docs\/lost-host\.md/);
        const [refresh = ""] = documented("The host is lost, and the state is there");
        assert.equal(refresh, "npm run pulumi -- refresh --yes");
        const refreshed = await stack.launch([...words(refresh), "--skip-preview", "--non-interactive"])
            .ended;
        assert.ok(refreshed.ok, refreshed.output);
        // The network of a stack is new then, and this server is not in it yet.
        await up();
        await gateway.server.join(stack.name);
        const refusal = await refusalOf(stack);
        assert.match(
            refusal,
            /the repository offsite \(s3:.*\) holds a backup of the stanza main, the newest of/,
        );
        for (const line of documented("The host is lost, and the state is there").slice(1))
            assert.ok(refusal.includes(line), line);
    });

    it("begins anew in another place as that says, and what is there stays as it is", async () => {
        const { stack, running } = cloud;
        await typeAnew(stack, await refusalOf(stack));
        assert.equal(await running.sql("select count(*) from pg_database where datname = 'app'"), "1");
        assert.equal(await running.sql("select to_regclass('rows') is null", "app"), "t");
        const opens = await stack.launch(["escrow", "check", escrow], "ops").ended;
        assert.ok(opens.ok, opens.output);
    });
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
            await typeAnew(stack, await refusalOf(stack));
            const backups = await new Running(stack).exec("backup", "ls", "/var/lib/pgbackrest/backup");
            assert.equal(backups.stdout, "main\nmain-2\n");
        } finally {
            await stack.remove();
        }
    });
});
