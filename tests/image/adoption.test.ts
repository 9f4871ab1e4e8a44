import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "mocha";
import { builtImage, Containers } from "../support/containers";
import { docker, mustDocker, removeAll, type Result } from "../support/docker";
import { VERIFIER } from "../support/inputs";

const DATA = "/var/lib/postgresql/data";
const REPOSITORY = "/var/lib/pgbackrest";
const SERVER = `as 999 postgres --single -D ${DATA} postgres`;

interface Case {
    /** Done to a cluster that was shut down, and to a repository with a stanza `main`. */
    readonly damage: string;
    readonly says: RegExp;
}

const REFUSED: Readonly<Record<string, Case>> = {
    "an empty volume": {
        damage: `find ${DATA} -mindepth 1 -delete`,
        says: /pgdata is empty: correct pgbackrest:dataVolume/,
    },
    "a volume with something else": {
        damage: `find ${DATA} -mindepth 1 -delete; touch ${DATA}/x`,
        says: /no PG_VERSION, so it is no PostgreSQL data directory/,
    },
    "data in a subdirectory": {
        damage: `mkdir /tmp/d; mv ${DATA}/* /tmp/d; mkdir -p ${DATA}/a/pgdata; mv /tmp/d/* ${DATA}/a/pgdata`,
        says: /in its directory a\/pgdata\.[^]*cd \/v && mv a\/pgdata\/\* \. && rmdir -p a\/pgdata/,
    },
    "another major version": {
        damage: `echo 16 >${DATA}/PG_VERSION`,
        says: /belongs to PostgreSQL 16, and this is PostgreSQL 17/,
    },
    "a standby": { damage: `touch ${DATA}/standby.signal`, says: /has a standby\.signal/ },
    "WAL in another place": {
        damage: `mv ${DATA}/pg_wal /tmp/wal; ln -s /tmp/wal ${DATA}/pg_wal`,
        says: /pg_wal of the data volume pgdata is a link to \/tmp\/wal/,
    },
    tablespaces: {
        damage: `ln -s /srv/fast ${DATA}/pg_tblspc/16400`,
        says: /tablespaces outside of it \(\/srv\/fast/,
    },
    "a server that runs, or was killed": {
        damage: `printf '1\\n' >${DATA}/postmaster.pid`,
        says: /still runs on the data volume pgdata, or was not shut down cleanly[^]*docker stop --time 120/,
    },
    "a server that holds our lock": {
        damage: `exec 9<${DATA}; flock 9`,
        says: /another container runs PostgreSQL on the data volume pgdata/,
    },
    "a volume that is no repository": {
        damage: `mkdir ${REPOSITORY}/sub; mv ${REPOSITORY}/archive ${REPOSITORY}/backup ${REPOSITORY}/sub`,
        says: /no directories archive and backup at its top[^]*It has: sub sub\/(?:archive sub\/backup|backup sub\/archive)/,
    },
    "a repository without the stanza": {
        damage: `mv ${REPOSITORY}/archive/main ${REPOSITORY}/archive/shop`,
        says: /has no stanza main but: shop[^]*Set pgbackrest:stanza/,
    },
    "backups of another database": {
        damage: `echo db-system-id=42 >${REPOSITORY}/archive/main/archive.info`,
        says: /are of another database \(system identifier 42\)/,
    },
    "data on which the server does not start with the wanted settings": {
        damage: `as 999 postgres --single -D ${DATA} -c wal_level=logical postgres <<<"select pg_create_logical_replication_slot('cdc', 'pgoutput')"`,
        says: /does not run on the data volume pgdata as it has to:\s+FATAL: .*logical replication slot "cdc" exists/,
    },
    "a role postgres without its rights": {
        damage: `${SERVER} <<<"create role boss superuser" >/dev/null; as 999 postgres --single -D ${DATA} postgres <<<"update pg_authid set rolname = 'old' where oid = 10; create role postgres" >/dev/null
            ${SERVER} <<<"create role postgres" >/dev/null`,
        says: /the role postgres is there but is no superuser[^]*HINT: Rename it/,
    },
};

describe("adopt", function () {
    this.timeout("2m");
    const prefix = `pgbt-${randomBytes(4).toString("hex")}`;
    let image: string;

    /** Runs adopt on a fresh cluster and repository, after `change` and before `look`. */
    async function adopt(change: string, look = "", times = 1): Promise<Result> {
        const script = `
            as() { setpriv --reuid "$1" --regid "$1" --clear-groups "\${@:2}"; }
            cp -a /base/. ${DATA}; chown 999:999 ${DATA}; chmod 700 ${DATA}
            mkdir -p /adopted ${REPOSITORY}/archive/main ${REPOSITORY}/backup/main
            ${change}
            for time in $(seq ${times}); do adopt-existing.sh -c wal_level=replica || exit; done
            ${look}`;
        return docker([
            ...["run", "--rm", "--network", "none", "--user", "0", "--volume", `${prefix}-base:/base:ro`],
            ...["--env", "STANZA=main", "--env", "DATA_VOLUME=pgdata", "--env", `REPOSITORIES=${REPOSITORY}`],
            ...["--tmpfs", DATA, image, "bash", "-euc", script],
        ]);
    }

    before(async () => {
        image = await builtImage();
        const make =
            "chown 999:999 /base && setpriv --reuid 999 --regid 999 --clear-groups initdb -D /base -U postgres --locale=C >/dev/null";
        await mustDocker([
            ...["run", "--rm", "--network", "none", "--user", "0", "--volume", `${prefix}-base:/base`],
            ...[image, "bash", "-euc", make],
        ]);
    });
    after(() => removeAll(prefix));

    for (const [what, { damage, says }] of Object.entries(REFUSED))
        it(`refuses ${what}`, async () => {
            const result = await adopt(damage);
            assert.equal(result.exitCode, 1, result.output);
            assert.match(result.output, says);
        });

    it("puts back what ALTER SYSTEM has set when the server refuses its data", async () => {
        const kept = `chown 70 ${DATA}/postgresql.auto.conf; echo "work_mem = '9MB'" >>${DATA}/postgresql.auto.conf; rm ${DATA}/global/pg_filenode.map
            trap 'grep work_mem ${DATA}/postgresql.auto.conf; ls ${DATA}' EXIT`;
        const result = await adopt(kept);
        assert.equal(result.exitCode, 1, result.output);
        assert.match(
            result.output,
            /PostgreSQL does not run on the data volume pgdata as it has to:[^]*FATAL/,
        );
        assert.match(result.output, /^work_mem = '9MB'$/m);
        assert.doesNotMatch(result.output, /^postgresql\.auto\.conf\.before-adoption$/m);
    });

    it("takes a cluster and its repository, once, and says nothing where all is well", async () => {
        const result = await adopt(
            "",
            `find ${DATA} ${REPOSITORY} ! -uid 999; ${SERVER} <<<"select rolsuper from pg_roles where rolname = 'postgres'"`,
            2,
        );
        assert.ok(result.ok, result.output);
        assert.match(result.output, /the data volume pgdata is adopted already/);
        assert.match(result.output, /rolsuper = "t"/);
        assert.doesNotMatch(result.output, /NOTE: (?!repository volume|data checksums)/);
    });

    it("takes an empty volume as a new repository, but not in place of the one that moves in with its data", async () => {
        const empty = `find ${REPOSITORY} -mindepth 1 -delete; chown 0:0 ${REPOSITORY}`;
        const refused = await adopt(empty);
        assert.match(refused.output, /has no directories archive and backup at its top/);
        const look = `stat --format %u ${REPOSITORY}`;
        for (const before of [`adopt-existing.sh; ${empty}`, `${empty}; export DATA_VOLUME=`]) {
            const result = await adopt(before, look);
            assert.ok(result.ok, result.output);
            assert.match(
                result.output,
                /NOTE: the repository volume at \S+ is empty: a new repository begins/,
            );
            assert.match(result.output, /^999$/m);
        }
    });

    it("leaves a server alone that runs on a cluster which it has adopted", async () => {
        const again = `printf '1\\n' >${DATA}/postmaster.pid; adopt-existing.sh; cat ${DATA}/postmaster.pid`;
        const result = await adopt("", again);
        assert.ok(result.ok, result.output);
        assert.match(result.output, /adopted already: nothing to do[^]*done\n1\n$/);
    });

    it("goes on where an earlier run of itself was killed", async () => {
        const result = await adopt(`printf -- '-1\\n' >${DATA}/postmaster.pid`);
        assert.ok(result.ok, result.output);
    });

    it("makes a missing database postgres, and names roles and text that need care", async () => {
        const sql = (text: string): string =>
            `as 999 postgres --single -D ${DATA} template1 <<<"${text}" >/dev/null`;
        const result = await adopt(
            [
                sql("drop database postgres"),
                sql("create role shop login password 'md5aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"),
                sql("create database words template template0 locale 'en_US.utf8'"),
                sql("update pg_database set datcollversion = '2.1' where datname = 'words'"),
            ].join("\n"),
            `as 999 postgres --single -D ${DATA} postgres <<<"select 'is there' as found"`,
        );
        assert.ok(result.ok, result.output);
        assert.match(result.output, /NOTE: the database postgres was missing and has been made/);
        assert.match(result.output, /NOTE: passwords of these roles are stored as md5.*: shop/);
        assert.match(
            result.output,
            /NOTE: text was sorted by another version.* in: words\. In each: reindex database/,
        );
        assert.match(result.output, /found = "is there"/);
    });

    it("refuses a locale that the image does not know", async () => {
        const strange = `as 999 postgres --single -D ${DATA} template1 <<<"update pg_database set datcollate = 'xx_YY.utf8' where datname = 'postgres'" >/dev/null`;
        const result = await adopt(strange);
        assert.equal(result.exitCode, 1, result.output);
        assert.match(
            result.output,
            /does not know the locale xx_YY\.utf8 of postgres: add it to image\/Dockerfile/,
        );
    });
});

describe("apply in a cluster that was adopted", function () {
    this.timeout("2m");
    let containers: Containers;
    const adopted = (environment: Readonly<Record<string, string>>): Promise<Result> =>
        containers.apply({ ADOPTED: "yes", ROLE_VERIFIER: "", ...environment });

    before(async () => {
        containers = await Containers.create();
        const setup = await containers.setup({ environment: { PGBACKREST_REPO1_TYPE: "none" } });
        assert.ok(setup.ok, setup.output);
        await containers.postgres();
        await containers.ready();
        await containers.query("create role boss superuser login password 'theirs'");
        await containers.query("create database shop owner boss");
    });
    after(() => containers.remove());

    const state = (): Promise<string> =>
        containers.query("select rolsuper, rolpassword from pg_authid where rolname = 'boss'");

    it("leaves role and database as they are", async () => {
        const before = await state();
        const result = await adopted({ ROLE: "boss", DATABASE: "shop" });
        assert.ok(result.ok, result.output);
        assert.equal(await state(), before);
    });

    it("changes the password where there is one, and nothing else", async () => {
        const result = await adopted({ ROLE: "boss", DATABASE: "shop", ROLE_VERIFIER: VERIFIER });
        assert.ok(result.ok, result.output);
        assert.equal(await state(), `t|${VERIFIER}`);
    });

    it("refuses a role and a database that are not there, and names those that are", async () => {
        const role = await adopted({ ROLE: "app", DATABASE: "shop" });
        assert.equal(role.exitCode, 1);
        assert.match(role.output, /no role app in the adopted cluster: set pgbackrest:role to one of boss/);
        const database = await adopted({ ROLE: "boss", DATABASE: "app" });
        assert.equal(database.exitCode, 1);
        assert.match(database.output, /no database app in the adopted cluster[^]*one of\s+postgres, shop/);
    });
});
