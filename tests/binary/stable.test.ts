import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { prepared, stableImage } from "../support/images";
import { edited, POSIX, S3 } from "../support/inputs";

describe("an image with Debian stable's pgBackRest", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    before(async () => {
        containers = await Containers.create(prepared(stableImage()));
    });
    after(() => containers.remove());

    const pgbackrest = async (...args: readonly string[]): Promise<string> => {
        const result = await containers.exec("backup", "pgbackrest", "--stanza=main", ...args);
        assert.ok(result.ok, result.output);
        return result.output;
    };

    it("is set up, and setup says what is lost", async () => {
        const { ok, output } = await containers.setup();
        assert.ok(ok, output);
        assert.match(
            output,
            /^NOTE: pgBackRest 2\.55\.1 of Debian stable is in the image, because it was asked for\. Lost: /m,
        );
        assert.match(output, /repo1 \(posix:.*\): written, listed, read and cleaned/);
    });

    it("archives and backs up", async () => {
        await containers.postgres();
        await containers.backup();
        const { ok, output } = await containers.apply({ WAIT_TIMEOUT: "300" });
        assert.ok(ok, output);
        await containers.query("create table kept as select generate_series(1, 1000) as n");
        await pgbackrest("--type=diff", "backup");
    });

    it("expires", async () => {
        await pgbackrest("--type=full", "backup");
        await pgbackrest("--repo1-retention-full=1", "expire");
        const labels = (await pgbackrest("info")).match(/^ +(full|diff|incr) backup: .*$/gm) ?? [];
        assert.equal(labels.length, 1, labels.join("\n"));
    });

    it("restores", async () => {
        const { ok, output } = await containers.shell(
            `mkdir -m 0700 /tmp/restored
            pgbackrest --stanza=main --pg1-path=/tmp/restored --archive-mode=off --type=immediate --target-action=promote restore
            pg_ctl start --silent --wait --pgdata /tmp/restored --log /tmp/log -o '-c listen_addresses= -c unix_socket_directories=/tmp' || { cat /tmp/log; exit 1; }
            psql --host /tmp -XAt --command 'select count(*) from kept' postgres`,
        );
        assert.ok(ok, output);
        assert.match(output, /^1000$/m);
    });

    for (const [what, setup, says] of [
        [
            "an option that it does not know",
            { files: edited("pgbackrest.conf", "start-fast=y", "repo1-symlink=n") },
            /pgBackRest 2\.55\.1 does not accept [^]*repo1-symlink[^]*line 13[^]*release/,
        ],
        [
            "plain HTTP",
            { environment: { ...S3, PGBACKREST_REPO1_S3_ENDPOINT: "http://minio:9000" } },
            /plain HTTP needs pgBackRest 2\.58/,
        ],
        [
            "a managed identity",
            {
                environment: {
                    PGBACKREST_REPO1_TYPE: "azure",
                    PGBACKREST_REPO1_AZURE_ACCOUNT: "account1",
                    PGBACKREST_REPO1_AZURE_CONTAINER: "backups",
                    PGBACKREST_REPO1_AZURE_KEY_TYPE: "auto",
                },
            },
            /pgBackRest 2\.55\.1 does not accept [^]*repo1-azure-key/,
        ],
    ] as const)
        it(`refuses ${what}, and leaves what is published`, async () => {
            const { ok, output } = await containers.setup(setup);
            assert.ok(!ok, output);
            assert.match(output, says);
            assert.equal((await containers.setup({ environment: POSIX })).ok, true);
        });
});
