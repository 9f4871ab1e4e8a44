import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { POSIX } from "../support/inputs";
import { docker } from "../support/docker";

describe("secrets in the configuration", function () {
    this.timeout(PATIENCE);
    let containers: Containers;

    before(async () => {
        containers = await Containers.create();
        await containers.setup();
    });
    after(() => containers.remove());

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
