import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE, type Setup } from "../support/containers";
import { escrowFile } from "../../toolchain/operations/escrowFile";
import { root } from "../../toolchain/paths";
import { docker, eventually, mustDocker } from "../support/docker";

const DATA = "/var/lib/postgresql/data";
/** The commands of docs/lost-host.md for the day when the state is lost, too: as root, and as postgres. */
const documented = [
    ...readFileSync(join(root, "docs/lost-host.md"), "utf8")
        .replace(/^[^]*^## The state is lost too$/m, "")
        .matchAll(/^```text\n([^]*?)\n```$/gm),
].map(([, script = ""]) => script);
const PASSPHRASE = "a=b;c # d";
/** Where the path is a directory of the volume, so that another one is another repository. */
const at = (path: string) => ({
    PGBACKREST_REPO1_TYPE: "posix",
    PGBACKREST_REPO1_PATH: `/var/lib/pgbackrest${path}`,
    PGBACKREST_REPO1_CIPHER_TYPE: "aes-256-cbc",
    PGBACKREST_REPO1_CIPHER_PASS: PASSPHRASE,
});

describe("an empty data volume", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const setup = (path: string, more: Setup = {}) =>
        containers.setup({
            environment: at(path),
            mounts: [
                ...containers.mount("repo", "/var/lib/pgbackrest"),
                ...containers.mount("data", DATA, "ro"),
            ],
            ...more,
        });
    const published = () => containers.shell("readlink /etc/pgbackrest/current");
    const isEmpty = async () => {
        assert.equal((await containers.shell(`ls -A ${DATA} | grep -vx initdb.unfinished`)).output, "");
    };

    before(async () => {
        containers = await Containers.create();
        const first = await setup("");
        assert.ok(first.ok, first.output);
        await containers.postgres();
        await containers.backup();
        const applied = await containers.apply();
        assert.ok(applied.ok, applied.output);
        await containers.query("create table kept as select 'after the backup' as text");
        const segment = await containers.query("select pg_walfile_name(pg_switch_wal())");
        const last = () => containers.query("select last_archived_wal from pg_stat_archiver");
        await eventually("the row is archived", async () => (await last()) >= segment);
        await mustDocker([
            "rm",
            "--force",
            ...["postgres", "backup", "setup"].map((one) => containers.name(one)),
        ]);
        await mustDocker(["volume", "rm", ...["data", "spool", "run"].map((one) => containers.name(one))]);
    });
    after(() => containers.remove());

    it("beside backups of the stanza is refused by setup, with what to type for each way out", async () => {
        const before = await published();
        const { ok, output } = await setup("");
        assert.ok(!ok, output);
        assert.match(
            output,
            /the data volume is empty, and the repository repo1 \(posix:\/var\/lib\/pgbackrest\) holds a backup of the stanza main, the newest of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/m,
        );
        assert.match(
            output,
            /config set --path restore\.name \S+$[^]*config set --path restore\.at latest$/m,
        );
        const anew =
            /sed -i 's\/\^\\\[main\/\[main-2\/' config\/pgbackrest\/pgbackrest\.conf\n.*npm run pulumi -- config set stanza main-2$/m;
        assert.match(output, anew);
        assert.deepEqual(await published(), before);
        await isEmpty();
    });

    it("is refused also where the configuration is published already", async () => {
        const revision = (await published()).output.trim().split("-").at(-1) ?? "";
        const again = await setup("", { revision });
        assert.ok(!again.ok, again.output);
        assert.match(again.output, /the data volume is empty/);
    });

    it("is not filled by PostgreSQL, whoever starts it", async () => {
        await containers.postgres();
        await containers.logged(
            "postgres",
            /ERROR: the data volume is empty, and the repository repo1 .* holds a backup of the stanza main/,
        );
        await docker(["rm", "--force", containers.name("postgres")]);
        await isEmpty();
    });

    it("is filled in another place, and what is there stays as it is", async () => {
        const elsewhere = await setup("/second");
        assert.ok(elsewhere.ok, elsewhere.output);
        await containers.postgres();
        await containers.ready();
        const old = await containers.shell("ls /var/lib/pgbackrest/backup/main | grep -c F$");
        assert.equal(old.output, "1\n");
    });

    it("is filled by plain pgBackRest on any machine, with what escrow has printed and nothing else", async () => {
        const read = async (file: string) => (await containers.shell(`cat /etc/pgbackrest/${file}`)).output;
        await setup("/second");
        const copy = escrowFile(
            {
                ...{ stack: "dev", revision: "abc001", stanza: "main", environment: {}, passphrases: {} },
                repositories: [{ number: 1, name: "repo1", place: "posix:/var/lib/pgbackrest" }],
                pgbackrestConf: await read("pgbackrest.conf"),
                repoConf: (await read("conf.d/repo.conf")).replace("/second", ""),
                files: new Map(),
                versions: "PostgreSQL 17",
            },
            new Date(),
        );
        const name = containers.name("elsewhere");
        const image = [containers.image, "sleep", "infinity"];
        await mustDocker([
            ...["run", "--detach", "--network", "none", "--user", "0", "--name", name],
            ...["--env", "PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            ...[...containers.mount("repo", "/var/lib/pgbackrest", "ro"), ...image],
        ]);
        const typed = (user: string, script: string, input = "") =>
            mustDocker(["exec", "--interactive", "--user", user, name, "sh", "-euc", script], { input });
        await typed("0", "cat >/tmp/KEPT", copy);
        const [asRoot = "", asPostgres = ""] = copy
            .split("# Then as postgres.")
            .map((part) => [...part.matchAll(/^# {3}(.*)$/gm)].map(([, line = ""]) => line).join("\n"));
        assert.deepEqual(documented, [asRoot, asPostgres]);
        await typed("0", `cd /tmp; ${asRoot}`);
        await typed("postgres", asPostgres);
        await eventually("recovery has ended", async () => {
            const answer = await docker(["exec", "--user", "postgres", name, "psql", "-Atc", "table kept"]);
            return answer.stdout === "after the backup\n";
        });
    });

    it("waits while a repository cannot tell what it holds", async () => {
        await mustDocker(["rm", "--force", ...["postgres", "setup"].map((one) => containers.name(one))]);
        await mustDocker(["volume", "rm", containers.name("data")]);
        await containers.shell("chmod 0 /var/lib/pgbackrest/second");
        await containers.postgres();
        await containers.logged(
            "postgres",
            /waiting: the data volume is empty, and whether .* cannot be told/,
        );
        await isEmpty();
        await containers.shell("chmod 0750 /var/lib/pgbackrest/second");
        await eventually(
            "PostgreSQL answers",
            async () => (await containers.exec("postgres", "pg_isready")).ok,
        );
    });
});
