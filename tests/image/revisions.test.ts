import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { POSIX, edited } from "../support/inputs";
import { docker, eventually } from "../support/docker";

describe("revisions of the configuration", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const published = async () =>
        (await containers.shell("basename $(readlink /etc/pgbackrest/current)")).output.trim();
    const revisions = async () =>
        (await containers.shell("ls -A /etc/pgbackrest/revisions")).output.trim().split("\n");

    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    it("atomically: readers under way see one revision or the other, never a mixture and never nothing", async () => {
        const reader = containers.name("reader");
        const script = `. /usr/local/lib/pgbackrest/revision.sh
            while [ ! -e /tmp/stop ]; do
                hold_revision || { echo nothing; continue; }
                a=$(sed -n 's/^process-max=//p' "$REVISION_DIR/pgbackrest.conf")
                b=$(sed -n 's|^repo1-path=/var/lib/pgbackrest/||p' "$REVISION_DIR/conf.d/repo.conf")
                [ "$a" = "$b" ] || echo "mixed $a $b"
                echo "$a" >>/tmp/seen
                release_revision
            done; sort -u /tmp/seen | tr '\\n' ' '`;
        const publish = (n: number) =>
            containers.setup({
                files: edited("pgbackrest.conf", "process-max=2", `process-max=${n}`),
                environment: { ...POSIX, PGBACKREST_REPO1_PATH: `/var/lib/pgbackrest/${n}` },
            });
        await publish(1);
        await docker([
            ...[
                "run",
                "--detach",
                "--network",
                "none",
                "--name",
                reader,
                ...containers.mount("config", "/etc/pgbackrest", "ro"),
            ],
            ...[containers.image, "bash", "-euc", script],
        ]);
        for (const n of [2, 3, 4]) {
            const { ok, output } = await publish(n);
            assert.ok(ok, output);
        }
        await docker(["exec", reader, "touch", "/tmp/stop"]);
        await docker(["wait", reader]);
        assert.equal(await containers.logs("reader"), "1 2 3 4 ");
        assert.equal((await revisions()).length, 1);
    });

    it("keeps an old revision while somebody uses it, and removes it and its secrets with the next run", async () => {
        await containers.setup({ revision: "b1" });
        const old = await published();
        const user = containers.name("user");
        await docker([
            ...[
                "run",
                "--detach",
                "--name",
                user,
                ...containers.mount("config", "/etc/pgbackrest", "ro"),
                containers.image,
            ],
            ...[
                "bash",
                "-euc",
                ". /usr/local/lib/pgbackrest/revision.sh; hold_revision; echo held; sleep 600",
            ],
        ]);
        await containers.logged("user", "held");
        const { output } = await containers.setup({ revision: "b2" });
        assert.match(output, new RegExp(`still in use, so removed later: ${old}`));
        assert.deepEqual((await revisions()).includes(old), true);
        await docker(["rm", "--force", user]);
        await containers.setupAgain();
        assert.deepEqual(await revisions(), [await published()]);
    });

    it("removes what a killed setup left behind", async () => {
        await containers.shell("mkdir -p /etc/pgbackrest/revisions/20200101T000000Z-dead/files");
        await containers.setupAgain();
        assert.deepEqual(await revisions(), [await published()]);
    });

    it("nothing for a repository whose encryption is not the one it was made with, and says what to do", async () => {
        const path = "/var/lib/pgbackrest/encrypted";
        await containers.shell(
            `mkdir -p ${path}/backup/main; echo Salted__ >${path}/backup/main/backup.info`,
        );
        const { ok, output } = await containers.setup({
            environment: { ...POSIX, PGBACKREST_REPO1_PATH: path },
        });
        assert.ok(!ok);
        assert.match(
            output,
            /its encryption .* is not the one it was made with.*\n.*give the old passphrase back/,
        );
    });

    it("keeps what it has published when it is interrupted afterwards", async () => {
        await containers.setup({ revision: "e1" });
        const user = containers.name("late-user");
        const mount = containers.mount("config", "/etc/pgbackrest", "ro");
        const hold = ". /usr/local/lib/pgbackrest/revision.sh; hold_revision; echo held; sleep 600";
        await docker(["run", "--detach", "--name", user, ...mount, containers.image, "bash", "-euc", hold]);
        await containers.logged("late-user", "held");
        // The old revision is in use, so it waits a little before it ends.
        const setup = containers.setup({ revision: "e2" });
        await containers.logged("setup", /published configuration \S+-e2/);
        await docker(["stop", "--time", "30", containers.name("setup")]);
        const { ok, output } = await setup;
        assert.match(await published(), /-e2$/);
        assert.ok((await revisions()).includes(await published()), output);
        assert.ok(ok, output);
        // The same while it finds its work done already.
        const again = containers.setupAgain();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await docker(["stop", "--time", "30", containers.name("setup")]);
        await again;
        assert.ok((await revisions()).includes(await published()));
        await docker(["rm", "--force", user]);
    });

    it("nothing once its time is over, because nobody waits for it any more", async () => {
        const before = await published();
        // It waits for another setup at work until its second is long over, however fast or slow the machine is.
        const other = containers.name("other-setup");
        const mount = containers.mount("config", "/pgbackrest-config");
        const lock = "exec 7>/pgbackrest-config/.lock; flock 7; echo held; sleep 600";
        await docker(["run", "--detach", "--name", other, ...mount, containers.image, "bash", "-euc", lock]);
        await containers.logged("other-setup", "held");
        const setup = containers.setup({ revision: "1a7e", timeout: 1 });
        await eventually("setup waits for the lock", async () =>
            (await docker(["top", containers.name("setup"), "-eo", "pid,args"])).output.includes("flock"),
        );
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await docker(["rm", "--force", other]);
        const { ok, output } = await setup;
        assert.ok(!ok);
        assert.match(output, /ERROR: nothing was changed.*\n.*it was not done within 1 s/);
        assert.equal(await published(), before);
        assert.ok(!(await revisions()).some((name) => name.endsWith("-1a7e")));
    });

    it("nothing when it is interrupted, and leaves no secret behind", async () => {
        const hanging = {
            PGBACKREST_REPO1_TYPE: "s3",
            PGBACKREST_REPO1_S3_BUCKET: "b",
            PGBACKREST_REPO1_S3_REGION: "r",
        };
        const secrets = { PGBACKREST_REPO1_S3_KEY: "keykey", PGBACKREST_REPO1_S3_KEY_SECRET: "secret" };
        const endpoint = {
            PGBACKREST_REPO1_PATH: "/x",
            PGBACKREST_REPO1_S3_ENDPOINT: "no-such-host.invalid",
        };
        const setup = containers.setup({
            environment: { ...hanging, ...secrets, ...endpoint },
            revision: "dead",
        });
        await eventually("it is at work", async () =>
            (await revisions()).some((name) => name.endsWith("-dead")),
        );
        await docker(["stop", "--time", "30", containers.name("setup")]);
        assert.ok(!(await setup).ok);
        assert.ok(!(await revisions()).some((name) => name.endsWith("-dead")));
    });
});
