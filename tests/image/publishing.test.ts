import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { FILES, POSIX, extended } from "../support/inputs";
import { docker } from "../support/docker";

describe("setup publishes", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const published = async () =>
        (await containers.shell("basename $(readlink /etc/pgbackrest/current)")).output.trim();

    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    it("a complete revision, readable by plain pgbackrest, and nobody else's business", async () => {
        const { ok, output } = await containers.setup({
            files: {
                ...extended("postgresql.conf", "krb_server_keyfile = '@REVISION@/files/x.keytab'"),
                // More than a variable of the environment may have.
                "files/all-cas.crt": "certificate\n".repeat(20_000),
            },
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
            "cd /etc/pgbackrest; stat -c '%U %a %n' current/* current/files/* current/conf.d/* current/archivers/queue-max current/archivers/*/*; readlink pgbackrest.conf conf.d",
        );
        const expected = [
            ...[
                "conf.d 750",
                "files 750",
                "files/all-cas.crt 640",
                "files/ca.crt 640",
                "files/server.key 600",
                "conf.d/repo.conf 640",
                "archivers 750",
                "archivers/1/pgbackrest.conf 640",
                "archivers/queue-max 640",
            ],
            ...[...Object.keys(FILES), "stanza", "revision", "repositories", "repositories.json"].map(
                (file) => `${file} 640`,
            ),
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
});
