import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { adoptedVolumes, adoptionLines } from "../../components/review/adoption";
import { history } from "../../components/state/history";
import { recorded } from "../../components/state/recorded";
import { problemsOf, settingsOf } from "../support/settings";

const repository = { name: "old", type: "posix", volume: "shop_backups" };
const both = settingsOf({ dataVolume: "shop_pgdata", repositories: [repository] });

describe("adoption", () => {
    it("has nothing to say of a stack that adopts nothing", () => {
        const plain = settingsOf({ repositories: [{ name: "local", type: "posix" }] });
        assert.deepEqual(adoptedVolumes(plain), []);
        assert.deepEqual(adoptionLines(plain, undefined), []);
        assert.deepEqual(adoptionLines(plain, []), []);
    });

    it("says of each piece what becomes of it, and nothing once that has happened", () => {
        const volumes = adoptedVolumes(both);
        assert.deepEqual(volumes, ["shop_pgdata", "shop_backups"]);
        const lines = adoptionLines(both, undefined).join("\n");
        for (const piece of [
            "Data volume shop_pgdata: used where it is",
            "Repository volume shop_backups: used where it is, at /var/lib/pgbackrest",
            "Superuser: a role postgres",
            "postgresql.conf, pg_hba.conf",
            "Role app and database app: must be there",
            "The password stays.",
            "Old containers",
        ])
            assert.ok(lines.includes(piece), `${piece}\n${lines}`);
        assert.doesNotMatch(lines, /DANGER/);
        assert.deepEqual(adoptionLines(both, volumes), []);
    });

    it("tells that a stack's own database is deleted", () => {
        assert.match(adoptionLines(both, []).join("\n"), /^DANGER: this stack has a database already/m);
    });

    it("says of a repository alone nothing about data", () => {
        const lines = adoptionLines(settingsOf({ repositories: [repository] }), []).join("\n");
        assert.match(lines, /^Repository volume shop_backups/);
        assert.doesNotMatch(lines, /Data volume|Superuser|DANGER/);
    });

    it("says of a repository elsewhere when its history goes on", () => {
        const repositories = [{ name: "nas", type: "posix", hostPath: "/srv/backup" }];
        const settings = settingsOf({ dataVolume: "shop_pgdata", repositories });
        assert.match(
            adoptionLines(settings, undefined).join("\n"),
            /^Repository nas: where the settings say/m,
        );
    });

    it("says that what is let go stays", () => {
        const lines = adoptionLines(settingsOf({}), ["shop_pgdata"]);
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? "", /^Volume shop_pgdata is let go: it stays/);
    });

    it("says whether the password changes", () => {
        const settings = settingsOf({ dataVolume: "shop_pgdata", password: "new" }, ["password"]);
        assert.match(adoptionLines(settings, undefined).join("\n"), /The password becomes that of/);
    });

    it("happened when the container of the state has ended well", () => {
        const container = (exitCode: number) => ({
            adopt: {
                type: "docker:index/container:Container",
                outputs: {
                    name: "x-adopt",
                    attach: true,
                    exitCode,
                    envs: ["ATTEMPT=then", "STANZA=main"],
                    mounts: [
                        { source: "x-adopted", target: "/adopted" },
                        { source: "shop_pgdata", target: "/var/lib/postgresql/data" },
                    ],
                },
            },
        });
        assert.deepEqual(history(recorded(container(0))).adoption, {
            attempt: "then",
            volumes: ["shop_pgdata"],
        });
        assert.equal(history(recorded(container(1))).adoption, undefined);
        assert.equal(history(recorded({})).adoption, undefined);
    });
});

describe("settings of an adoption", () => {
    it("refuse what is no name of a volume", () => {
        for (const dataVolume of ["/srv/data", "a b", "-x", 7])
            assert.equal(problemsOf(() => settingsOf({ dataVolume })).length, 1, String(dataVolume));
    });

    it("refuse a volume in two places", () => {
        for (const type of ["posix", "cifs"]) {
            const same = { dataVolume: "one", repositories: [{ name: "old", type, volume: "one" }] };
            assert.match(
                problemsOf(() => settingsOf(same)).join("\n"),
                /volume: one is pgbackrest:dataVolume too/,
            );
        }
        const two = { ...repository, hostPath: "/srv/backup" };
        assert.match(
            problemsOf(() => settingsOf({ repositories: [two] })).join("\n"),
            /has volume and hostPath/,
        );
    });

    it("refuse init SQL, which is for a new database", () => {
        const settings = { dataVolume: "one", initSql: "sql/init.sql" };
        assert.match(
            problemsOf(() => settingsOf(settings)).join("\n"),
            /pgbackrest:initSql: is for a new database/,
        );
    });
});
