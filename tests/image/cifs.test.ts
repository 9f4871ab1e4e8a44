import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";

const TYPE = { PGBACKREST_REPO1_TYPE: "cifs", PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest" };

// In a volume: the test machines' kernels have no vfat to mount. That no link is made is what such file systems need.
describe("a repository of type cifs", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    it("takes WAL and a full backup without making a link, and restores it", async () => {
        const setup = await containers.setup({ environment: TYPE });
        assert.ok(setup.ok, setup.output);
        await containers.postgres();
        await containers.ready();
        await containers.backup();
        const applied = await containers.apply();
        assert.match(applied.output, /in force, protected/);
        const links = await containers.shell(
            "find /var/lib/pgbackrest -type l; ls /var/lib/pgbackrest/backup/main",
        );
        assert.doesNotMatch(links.output, /^\/|latest/m);
        assert.match(links.output, /^\d{8}-\d{6}F$/m);
        const restored = await containers.shell(
            "pgbackrest --stanza=main --log-level-console=error --log-level-file=off --pg1-path=/tmp/restored restore; cat /tmp/restored/PG_VERSION",
            ["--tmpfs", "/tmp:mode=1777"],
        );
        assert.match(restored.output, /^17$/m);
    });
});
