import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { packagesVerdict, readUpgrades } from "../../toolchain/operations/packages";

const SAID = `Reading package lists...
Calculating upgrade...
The following packages will be upgraded:
  libssl3t64 postgresql-17
Inst libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])
Inst postgresql-17 [17.5-1] (17.7-0+deb13u1 Debian:13.2/stable [amd64]) []
Conf libssl3t64 (3.5.4-1~deb13u1 Debian-Security:13/stable-security [amd64])
`;

describe("the verdict of packages verify", () => {
    it("names what is older than what there is, and the one command", () => {
        const newer = readUpgrades(SAID);
        assert.deepEqual(
            newer.map(({ name }) => name),
            ["libssl3t64", "postgresql-17"],
        );
        const { status, lines } = packagesVerdict(newer, "prod", "");
        assert.equal(status, 1);
        assert.equal(lines[1], "  postgresql-17 17.5-1: there is 17.7-0+deb13u1");
        assert.match(lines.at(-2) ?? "", /restarts PostgreSQL once/);
        assert.equal(lines.at(-1), "  date -u +%F >image/packages/as-of");
    });

    it("sends who has an image of their own to that, not to the one that the program builds", () => {
        const { status, lines } = packagesVerdict(readUpgrades(SAID), "prod", "registry.example.com/pg:1");
        assert.equal(status, 1);
        assert.match(lines.join("\n"), /registry\.example\.com\/pg:1.*under another name.*pgbackrest:image/);
        assert.doesNotMatch(lines.join("\n"), /as-of/);
    });

    it("is well with the newest PostgreSQL, and tells of the rest", () => {
        assert.deepEqual(packagesVerdict([], "dev", ""), {
            status: 0,
            lines: ["PostgreSQL of dev is the newest of its major version."],
        });
        const [first] = readUpgrades(SAID);
        assert.ok(first !== undefined);
        const { status, lines } = packagesVerdict([first], "dev", "");
        assert.equal(status, 0);
        assert.match(lines.join(), /major version\.,1 other package has a newer version\.$/);
    });
});
