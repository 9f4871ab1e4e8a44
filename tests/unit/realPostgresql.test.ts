import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { checkSettingValue, SETTINGS } from "../../components/postgresql/catalog";
import { renderHba, renderIdent } from "../../components/postgresql/accessRules";
import { renderPostgresql } from "../../components/postgresql/postgresqlSettings";
import { checkServerZone, ONLY_POSTGRESQL } from "../../components/postgresql/serverZone";
import zones from "../../components/schedule/zones.json";
import { scramVerifier } from "../../components/postgresql/scram";
import { archiverQuery, COMMIT } from "../../service/database";
import { Probe } from "../support/probe";
import { problemsOf, settingsOf } from "../support/settings";

const PASSWORD = "p=a#b;c\"d'e\\f g%h$ü€😀";

const base64 = (text: string): string => `base64 -d <<<'${Buffer.from(text).toString("base64")}'`;
/** A shell word that stands for these bytes. */
const bytes = (text: string): string => `"$(${base64(text)})"`;
const put = (file: string, text: string): string => `${base64(text)} >${file}`;
const psql = (sql: string): string => `psql -XAtq -d postgres -c ${bytes(sql)}`;

const SETTINGS_OF_USER = {
    log_line_prefix: "it's \\ %m = #; ",
    max_connections: 20,
    max_prepared_transactions: 2,
    "pg_stat_statements.max": 500,
};

/** A certificate for the server and its key, under the names that they have in a revision. */
async function makePair(probe: Probe, type = "ec -pkeyopt ec_paramgen_curve:P-256"): Promise<string[]> {
    const made = await probe.bash(
        `mkdir -p /tmp/pair; cd /tmp/pair; openssl req -x509 -newkey ${type} -nodes -subj /CN=localhost -keyout server.key -out server.crt 2>/dev/null; base64 -w 0 server.crt; echo; base64 -w 0 server.key`,
    );
    return made.split("\n").map((line) => Buffer.from(line, "base64").toString());
}

describe("PostgreSQL's configuration, read by the real server", function () {
    this.timeout(60_000);
    let probe: Probe;
    before(async () => {
        probe = await Probe.start();
        const [certificate = "", key = ""] = await makePair(probe);
        // As a user would give it, for a port that others can reach.
        const {
            memory,
            postgresql: own,
            tls,
        } = settingsOf(
            {
                memory: 512,
                settings: SETTINGS_OF_USER,
                address: "0.0.0.0",
                tlsCertificate: certificate,
                tlsKey: key,
            },
            ["tlsKey"],
        );
        assert.deepEqual(tls, { certificate, key });
        const { restart, file } = renderPostgresql({ memory, settings: own, tls: true });
        const settings = Object.entries(restart).map(([name, value]) => `-c ${name}=${bytes(value)}`);
        await probe.bash(
            [
                "set -e; mkdir /tmp/c; cd /tmp/c",
                put("postgresql.conf", file.replaceAll("@REVISION@", "/tmp/c")),
                "mkdir files && mv /tmp/pair/* files/ && chmod 600 files/*.key",
                put("pg_hba.conf", renderHba(true)),
                put("pg_ident.conf", renderIdent()),
                "initdb --no-sync -D /tmp/d --auth peer >/dev/null",
                `postgres -D /tmp/d -c config_file=$PWD/postgresql.conf -c hba_file=$PWD/pg_hba.conf -c ident_file=$PWD/pg_ident.conf ${settings.join(" ")} >/tmp/log 2>&1 &`,
                "for i in {1..100}; do pg_isready -q && break; sleep 0.1; done; pg_isready",
            ].join("\n"),
        );
    });
    after(() => probe.stop());

    it("is accepted line by line", async () => {
        const errors = await probe.bash(
            [
                psql("select name, error from pg_file_settings where error is not null"),
                psql("select line_number, error from pg_hba_file_rules where error is not null"),
                psql("select line_number, error from pg_ident_file_mappings where error is not null"),
                psql("select name from pg_settings where pending_restart"),
            ].join("\n"),
        );
        assert.equal(errors, "");
    });

    it("has the values that were meant", async () => {
        const show = [
            "log_line_prefix",
            "archive_mode",
            "archive_command",
            "shared_buffers",
            "max_connections",
        ];
        const shown = await probe.bash(show.map((name) => psql(`show ${name}`)).join("\n"));
        assert.deepEqual(shown.split("\n"), [
            "it's \\ %m = #; ",
            "on",
            'archive-push-pgbackrest "%p"',
            "128MB",
            "20",
        ]);
    });

    it("has the server speak TLS", async () => {
        await probe.bash(psql(`create role tls login password '${scramVerifier("tls", PASSWORD)}'`));
        const shown = await probe.bash(
            `PGPASSWORD=${bytes(PASSWORD)} psql -XAtq "host=127.0.0.1 user=tls dbname=postgres sslmode=require" -c "select version from pg_stat_ssl where pid = pg_backend_pid()"`,
        );
        assert.equal(shown, "TLSv1.3");
    });

    it("refuses a certificate with which clients could not log in", async () => {
        const [tlsCertificate, tlsKey] = await makePair(probe, "ed25519");
        const problems = problemsOf(() => settingsOf({ tlsCertificate, tlsKey }, ["tlsKey"]));
        assert.match(problems.join(), /^pgbackrest:tlsKey: is of type ed25519/);
    });

    it("is checked against the settings of this very server", async () => {
        const rows: unknown = JSON.parse(
            await probe.bash(
                psql(
                    "select json_object_agg(lower(name), json_strip_nulls(json_build_object('context', context, 'type', vartype, 'unit', unit, 'min', min_val::float8, 'max', max_val::float8, 'values', to_json(enumvals)))) from pg_settings where name !~ '[.]'",
                ),
            ),
        );
        assert.deepEqual(rows, Object.fromEntries(SETTINGS));
    });

    it("lets the owner of the password in, and nobody who should not be", async () => {
        await probe.bash(
            psql(
                `create role app login password '${scramVerifier("app", PASSWORD)}'; create role pgbackrest login`,
            ),
        );
        const login = (role: string, password: string, host: string): string =>
            `PGPASSWORD=${bytes(password)} psql -XAtq -h ${host} -U ${role} -d postgres -c 'select current_user' 2>&1 | tail -1`;
        const socket = "/var/run/postgresql";
        const results = await probe.bash(
            [
                login("app", PASSWORD, "127.0.0.1"),
                login("app", PASSWORD, socket),
                login("pgbackrest", "", socket),
                login("app", `${PASSWORD}x`, "127.0.0.1"),
                login("postgres", "", "127.0.0.1"),
                login("pgbackrest", "", "127.0.0.1"),
            ].join("\n"),
        );
        const [tcp, local, peer, ...refused] = results.split("\n");
        assert.deepEqual([tcp, local, peer], ["app", "app", "pgbackrest"]);
        assert.equal(refused.length, 3);
        for (const line of refused) assert.match(line, /failed|rejects/);
    });

    it("tells the backup service what was forgotten in it", async () => {
        const ask = (heldBytes: number): Promise<string> => probe.bash(psql(archiverQuery(heldBytes, "0 s")));
        const nothing = /^\|\|\|16777216\|00000001\|\|\|\|$/;
        assert.match(await ask(0), nothing);
        await probe.bash(
            [
                psql("select pg_create_physical_replication_slot('left_behind', true)"),
                psql("begin; create table half (); prepare transaction 'it''s | half'"),
                psql("create table rows as select generate_series(1, 100000)"),
            ].join("\n"),
        );
        assert.match(
            await ask(0),
            /\|the replication slot left_behind, which nobody reads, holds .* of WAL: .*select pg_drop_replication_slot\('left_behind'\)\|the prepared transaction 'it''s \| half' in database postgres is neither committed nor rolled back since /,
        );
        assert.doesNotMatch(await ask(2 ** 30), /replication slot/);
        await probe.bash(
            [
                psql("rollback prepared 'it''s | half'"),
                psql("select pg_drop_replication_slot('left_behind')"),
            ].join("\n"),
        );
        assert.match(await ask(0), nothing);
    });

    it("lets the backup service commit what is in no table, waiting for no standby, where nothing else may be written, too", async () => {
        const told = await probe.bash(
            [
                psql("select pg_current_wal_insert_lsn()"),
                psql(
                    "alter system set synchronous_standby_names = 'away'; alter system set default_transaction_read_only = on",
                ),
                psql("select pg_reload_conf()"),
                "sleep 1",
                `timeout 10 psql -XAtq -h /var/run/postgresql -U pgbackrest -d postgres -c ${bytes(COMMIT)}`,
                psql("select pg_current_wal_flush_lsn()"),
            ].join("\n"),
        );
        const [, , committed, flushed] = told.split("\n");
        assert.match(committed ?? "", /^[0-9A-F]+\/[0-9A-F]+$/);
        assert.match(flushed ?? "", /^[0-9A-F]+\/[0-9A-F]+$/);
        await probe.bash([psql("alter system reset all"), psql("select pg_reload_conf()")].join("\n"));
    });

    it("has the same time zones, old names among them, and takes those written in POSIX's way", async () => {
        const server = await probe.bash(
            psql("select name from pg_timezone_names where name !~ '^posix/' order by name"),
        );
        const sorted = [...zones, ...ONLY_POSTGRESQL].sort();
        assert.deepEqual(server.split("\n").sort(), sorted);
        for (const zone of ["US/Pacific", "us/pacific", "<+03>-3", "EST5EDT,M3.2.0,M11.1.0", "-7", "5.5"]) {
            assert.equal(checkServerZone(zone), undefined, zone);
            await probe.bash(psql(`set timezone = '${zone}'`));
        }
        for (const zone of ["Mars", "Europe/Berln", "", "PST"]) {
            assert.notEqual(checkServerZone(zone), undefined, zone);
            await assert.rejects(probe.bash(psql(`set timezone = '${zone}'`)), /invalid value for parameter/);
        }
    });

    it("holds no value that the server refuses, when we take it", async () => {
        const number = fc.tuple(
            fc
                .oneof(
                    fc.integer({ min: -5, max: 5000 }),
                    fc.integer({ min: 0, max: 9999 }).map((hundredths) => hundredths / 100),
                )
                .map(String),
            fc.constantFrom("", "", "kB", "MB", "GB", "ms", "s", "min", "h", " s"),
        );
        const value = fc.oneof(
            number.map(([digits, unit]) => digits + unit),
            fc.constantFrom("on", "off", "YES", "0", "none", "all", "auto", "replica"),
        );
        const settable = [...SETTINGS].filter(
            ([name, rule]) =>
                rule.type !== "string" &&
                !["postmaster", "internal"].includes(rule.context) &&
                // These need what this server does not have: certificates, a deep stack, a gap in a range, and a build with assertions or other libraries.
                !/^(ssl|max_stack_depth|vacuum_buffer_usage|debug_|jit_|trace_|backtrace|default_toast|wal_compression|allow_alter|transaction_)/.test(
                    name,
                ),
        );
        for (let round = 0; round < 8; round++) {
            const lines = settable.flatMap(([name, rule]) => {
                const [text = ""] = fc
                    .sample(value, 40)
                    .filter((item) => checkSettingValue(rule, item) === undefined);
                return text === "" ? [] : [`${name} = '${text}'`];
            });
            assert.ok(lines.length > 150, String(lines.length));
            const errors = await probe.bash(
                [
                    put("/tmp/c/postgresql.conf", lines.join("\n")),
                    // What a value depends on in another setting is the server's business.
                    psql(
                        "select name, setting, error from pg_file_settings where error is not null and name is not null",
                    ),
                ].join("\n"),
            );
            assert.equal(errors, "");
        }
    });
});
