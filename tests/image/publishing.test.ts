import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, edited, extended, FILES, POSIX } from "../support/containers";
import { docker, eventually } from "../support/docker";

describe("setup publishes", () => {
    let containers: Containers;
    const published = async () =>
        (await containers.shell("basename $(readlink /etc/pgbackrest/current)")).output.trim();
    const revisions = async () =>
        (await containers.shell("ls -A /etc/pgbackrest/revisions")).output.trim().split("\n");

    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    it("a complete revision, readable by plain pgbackrest, and nobody else's business", async () => {
        const { ok, output } = await containers.setup({
            files: extended("postgresql.conf", "krb_server_keyfile = '@REVISION@/files/x.keytab'"),
            environment: {
                ...POSIX,
                ...{
                    FILE_1_NAME: "ca.crt",
                    FILE_1_CONTENT: "certificate\n",
                    FILE_2_NAME: "server.key",
                    FILE_2_CONTENT: "key",
                },
            },
            revision: "a1",
        });
        assert.ok(ok, output);
        const name = await published();
        assert.match(name, /^\d{8}T\d{6}Z-a1$/);
        const listing = await containers.shell(
            "cd /etc/pgbackrest; stat -c '%U %a %n' current/* current/files/* current/conf.d/*; readlink pgbackrest.conf conf.d",
        );
        const expected = [
            ...[
                "conf.d 750",
                "files 750",
                "files/ca.crt 640",
                "files/server.key 600",
                "conf.d/repo.conf 640",
            ],
            ...[...Object.keys(FILES), "stanza", "revision", "repositories"].map((file) => `${file} 640`),
        ].map((entry) => entry.replace(/(.*) (\d+)/, "postgres $2 current/$1"));
        const links = ["current/pgbackrest.conf", "current/conf.d"];
        assert.deepEqual(listing.output.trim().split("\n").sort(), [...expected, ...links].sort());
        const file = await containers.shell(
            "tail -n 1 /etc/pgbackrest/postgresql.conf; cat /etc/pgbackrest/current/files/ca.crt",
        );
        assert.equal(
            file.output,
            `krb_server_keyfile = '/etc/pgbackrest/revisions/${name}/files/x.keytab'\ncertificate\n`,
        );
        assert.match((await containers.shell("pgbackrest --stanza=main info")).output, /missing stanza path/);
    });

    it("nothing when the content is the same, and again when it was damaged or the volume emptied", async () => {
        await containers.setup({ revision: "a2" });
        const first = await published();
        assert.match((await containers.setupAgain()).output, /is published already: nothing to do/);
        assert.equal(await published(), first);
        await containers.shell("sleep 1; echo >>/etc/pgbackrest/conf.d/repo.conf");
        assert.match(
            (await containers.setupAgain()).output,
            /differs from what it should be: publishing it anew/,
        );
        assert.notEqual(await published(), first);
        await containers.shell("rm -rf /etc/pgbackrest/* /etc/pgbackrest/.lock");
        const again = await containers.setupAgain();
        assert.ok(again.ok, again.output);
        assert.match(await published(), /-a2$/);
    });

    it("secrets byte for byte, whatever is in them, and says none of them", async () => {
        const secrets = {
            KEY: "abc==",
            KEY_SECRET: "#;=\"quoted\" 'single' \\n \\ & $HOME `id` %s @REVISION [main] ünï→日本 ;#",
            TOKEN: `long/${"x".repeat(4000)}+=`,
        };
        const environment = {
            ...POSIX,
            ...Object.fromEntries(
                Object.entries(secrets).map(([name, value]) => [`PGBACKREST_REPO1_S3_${name}`, value]),
            ),
        };
        const { ok, output } = await containers.setup({ environment, revision: "a3" });
        assert.ok(ok, output);
        const conf = (await containers.shell("cat /etc/pgbackrest/conf.d/repo.conf")).output;
        const expected = Object.entries(secrets).map(
            ([n, value]) => `repo1-s3-${n.toLowerCase().replace("_", "-")}=${value}`,
        );
        for (const line of expected) assert.ok(conf.split("\n").includes(line), line.slice(0, 100));
        for (const secret of Object.values(secrets)) assert.ok(!output.includes(secret), output);
        // And pgBackRest reads them like this: as type s3 they go into the signature, so what it says names a missing option last.
        const refused = await containers.setup({
            environment: { ...environment, PGBACKREST_REPO1_TYPE: "s3", PGBACKREST_REPO1_S3_BUCKET: "b" },
        });
        assert.match(refused.output, /requires option: repo1-s3-endpoint/);
        for (const secret of Object.values(secrets))
            assert.ok(!refused.output.includes(secret), refused.output);
    });

    it("redacts a secret that pgBackRest itself would print", async () => {
        const azure = {
            PGBACKREST_REPO1_TYPE: "azure",
            PGBACKREST_REPO1_AZURE_CONTAINER: "c",
            PGBACKREST_REPO1_AZURE_ACCOUNT: "acc",
        };
        const { ok, output } = await containers.setup({
            environment: {
                ...azure,
                PGBACKREST_REPO1_PATH: "/x",
                PGBACKREST_REPO1_AZURE_KEY: "not base64 at all",
            },
        });
        assert.ok(!ok);
        assert.doesNotMatch(output, /not base64 at all/);
        assert.match(output, /base64|<redacted>/);
    });

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
        assert.match(output, new RegExp(`still in use, so removed by a later setup: ${old}`));
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

    it("an explicit marker for no repository, and a place without any option", async () => {
        const { ok, output } = await containers.setup({
            environment: { PGBACKREST_REPO1_TYPE: "none" },
            revision: "c1",
        });
        assert.ok(ok, output);
        assert.match(output, /no repository: nothing is protected/);
        const shown = await containers.shell(
            "cd /etc/pgbackrest; ls current; cat conf.d/repo.conf; pgbackrest --stanza=main info",
        );
        assert.match(shown.output, /^none$/m);
        assert.match(shown.output, /^# no repository/m);
        assert.doesNotMatch(shown.output, /^repo1-type/m);
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

    it("nothing when it may not write the volume, and says how to correct that", async () => {
        const { ok, output } = await docker([
            ...[
                "run",
                "--rm",
                "--tmpfs",
                "/pgbackrest-config:mode=0755",
                "--env",
                "STANZA=main",
                "--env",
                "REVISION=1",
            ],
            ...[containers.image, "configure-pgbackrest.sh"],
        ]);
        assert.ok(!ok);
        assert.match(output, /configuration volume cannot be written as uid 999.*\n.*chown 999:999/);
    });

    it("is all that has a credential, and consumers cannot write", async () => {
        const { output } = await docker([
            ...[
                "run",
                "--rm",
                "--network",
                "none",
                ...containers.mount("config", "/etc/pgbackrest", "ro"),
                containers.image,
            ],
            ...[
                "bash",
                "-c",
                "touch /etc/pgbackrest/x; env | grep -E '^(PGBACKREST_|PG)' || echo clean; ls /etc/pgbackrest.conf",
            ],
        ]);
        assert.match(output, /Read-only file system/);
        assert.match(output, /clean/);
        assert.match(output, /\/etc\/pgbackrest.conf': No such file/);
    });
});
