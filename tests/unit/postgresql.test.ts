import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { renderHba, renderIdent } from "../../components/postgresql/accessRules";
import { inOwnUnit, memoryBytes, SETTINGS } from "../../components/postgresql/catalog";
import {
    readServerSettings,
    renderPostgresql,
    type SettingValue,
} from "../../components/postgresql/postgresqlSettings";
import { scramVerifier } from "../../components/postgresql/scram";
import { refuse } from "../../components/problems";
import { problemsOf } from "../support/settings";

const render = (
    settings: Record<string, SettingValue>,
    memory = 1024,
    tls = false,
): ReturnType<typeof renderPostgresql> => {
    const read = readServerSettings(settings, memory);
    refuse(read.problems);
    return renderPostgresql({ memory, settings: read.settings, tls });
};

describe("PostgreSQL settings", () => {
    it("that need a restart are on the command line, all others in the file", () => {
        const { restart, file } = render({
            max_connections: 50,
            work_mem: "8MB",
            "pg_stat_statements.max": 500,
        });
        assert.equal(restart["max_connections"], "50");
        assert.equal(restart["archive_mode"], "on");
        assert.equal(restart["shared_buffers"], "256MB");
        for (const name of Object.keys(restart)) {
            assert.equal(SETTINGS.get(name)?.context, "postmaster");
            assert.doesNotMatch(file, new RegExp(`^${name} `, "m"));
        }
        assert.match(file, /^work_mem = '8MB'$/m);
        assert.match(file, /^pg_stat_statements\.max = '500'$/m);
        assert.match(file, /^archive_command = 'archive-push-pgbackrest "%p"'$/m);
        assert.match(file, /^archive_timeout = '60s'$/m);
    });

    it("of the user stand in place of the program's", () => {
        const { restart, file } = render({
            shared_buffers: "512MB",
            archive_timeout: "5min",
            wal_level: "logical",
        });
        assert.equal(restart["shared_buffers"], "512MB");
        assert.equal(restart["wal_level"], "logical");
        assert.deepEqual(file.match(/^archive_timeout = .*$/gm), ["archive_timeout = '5min'"]);
    });

    for (const [settings, reserved] of [
        [{}, "3"],
        [{ max_connections: 5 }, "1"],
        [{ max_connections: 4 }, "0"],
        [{ max_connections: 2, superuser_reserved_connections: 0 }, "1"],
        [{ reserved_connections: 5 }, "5"],
    ] as const)
        it(`reserve ${reserved} connections with ${JSON.stringify(settings)}`, () => {
            assert.equal(render(settings).restart["reserved_connections"], reserved);
        });

    it("follow the memory limit", () => {
        assert.equal(render({}, 8192).restart["shared_buffers"], "2048MB");
        assert.match(render({}, 256).file, /^maintenance_work_mem = '16MB'$/m);
    });

    it("name the files of TLS in the revision", () => {
        assert.match(
            render({}, 1024, true).file,
            /^ssl = 'on'\nssl_cert_file = '@REVISION@\/files\/server.crt'$/m,
        );
        assert.match(render({}).file, /^ssl = 'off'$/m);
    });

    it("are quoted for postgresql.conf", () => {
        assert.match(render({ log_line_prefix: "it's \\ %m" }).file, /^log_line_prefix = 'it''s \\\\ %m'$/m);
    });

    const mistakes: readonly (readonly [string, Record<string, SettingValue>, RegExp])[] = [
        [
            "an unknown name",
            { shared_bufers: "1GB" },
            /^pgbackrest:settings\.shared_bufers: no such setting.*shared_buffers\?/,
        ],
        [
            "a wrong type",
            { work_mem: "lots" },
            /^pgbackrest:settings\.work_mem: cannot be "lots": a whole number/,
        ],
        ["a wrong unit", { work_mem: "8mb" }, /work_mem: cannot be "8mb": .*kB, MB/],
        ["a unit of another kind", { work_mem: "8s" }, /work_mem: cannot be "8s"/],
        [
            "a number out of range",
            { max_connections: 0 },
            /max_connections: cannot be "0": a whole number, 1 to/,
        ],
        [
            "half a block, which the server rounds to none",
            { io_combine_limit: "4kB" },
            /io_combine_limit: cannot be "4kB": a whole number, 1 to 32 \(in 8kB\)/,
        ],
        [
            "no time zone",
            { timezone: "Europe/Berln" },
            /timezone: cannot be "Europe\/Berln": is no time zone, .*did you mean Europe\/Berlin\?/,
        ],
        ["no boolean", { jit: "maybe" }, /jit: cannot be "maybe": on or off/],
        [
            "no value of an enumeration",
            { log_statement: "some" },
            /log_statement: cannot be "some": one of none, ddl, mod, all/,
        ],
        ["fsync off", { fsync: false }, /fsync: cannot be "off": .*destroy/],
        ["full_page_writes off", { full_page_writes: "off" }, /full_page_writes: cannot be "off"/],
        ["WAL that cannot be archived", { wal_level: "minimal" }, /wal_level: cannot be "minimal"/],
        ["archive_mode", { archive_mode: "on" }, /archive_mode: is set by the program: .*repositories/],
        ["archive_command", { archive_command: "true" }, /archive_command: is set by the program/],
        ["listen_addresses", { listen_addresses: "*" }, /pgbackrest:address/],
        ["the port", { port: 5433 }, /pgbackrest:port/],
        ["the certificate", { ssl_cert_file: "/x" }, /pgbackrest:tlsCertificate/],
        ["a place", { hba_file: "/x" }, /hba_file: is set by the program/],
        ["a setting that is only shown", { server_version: "18" }, /server_version: cannot be set/],
        [
            "more buffers than memory",
            { shared_buffers: "2GB" },
            /shared_buffers: 2GB does not fit into the container's memory of 1024 MiB/,
        ],
        ["more buffers than memory, in pages", { shared_buffers: 262144 }, /does not fit/],
        ["one setting twice", { work_mem: "8MB", WORK_MEM: "9MB" }, /WORK_MEM: is set already as work_mem/],
        ["a line break", { log_line_prefix: "a\nfsync = off" }, /line break/],
        ["a bad name of an extension's setting", { "a.b\nfsync = off": 1 }, /is not the name of a setting/],
    ];
    for (const [name, settings, expected] of mistakes)
        it(`refuse ${name}`, () => {
            assert.match(problemsOf(() => render(settings)).join("\n"), expected);
        });

    it("take a name as the server does, whatever its case", () => {
        for (const key of ["timezone", "TimeZone", "TIMEZONE"]) {
            assert.deepEqual(
                problemsOf(() => render({ [key]: "US/Pacific" })),
                [],
            );
            assert.match(render({ [key]: "US/Pacific" }).file, /^timezone = 'US\/Pacific'$/m);
        }
        assert.deepEqual(
            problemsOf(() => render({ DateStyle: "ISO, DMY" })),
            [],
        );
    });

    it("give one line for each setting, whatever the values", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (value) => {
                const settings = { application_name: value };
                if (problemsOf(() => render(settings)).length > 0) return;
                assert.equal(
                    render(settings).file.split("\n").length,
                    render({ application_name: "x" }).file.split("\n").length,
                );
            }),
        );
    });

    it("convert units", () => {
        const rule = { context: "user", type: "integer", unit: "8kB" };
        assert.equal(inOwnUnit(rule, "128MB"), 16384);
        assert.equal(inOwnUnit(rule, "0.5GB"), 65536);
        assert.equal(inOwnUnit({ ...rule, unit: "ms" }, "1min"), 60000);
        assert.equal(inOwnUnit({ context: "user", type: "integer" }, "1MB"), undefined);
        assert.equal(memoryBytes("shared_buffers", "16384"), 128 * 1024 ** 2);
    });
});

describe("access rules", () => {
    it("let the superuser in over the socket only", () => {
        const lines = renderHba(false)
            .split("\n")
            .filter((line) => /\bpostgres\b/.test(line) && !line.startsWith("#"));
        assert.deepEqual(
            lines.map((line) => line.split(/\s+/).join(" ")),
            [
                "local all postgres peer",
                "local postgres pgbackrest peer map=pgbackrest",
                "host all postgres all reject",
            ],
        );
    });

    it("ask for TLS from outside where there is a certificate", () => {
        assert.doesNotMatch(renderHba(true), /^host\s+all\s+all\s+all /m);
        assert.match(renderHba(true), /^hostssl\s+all\s+all\s+all\s+scram-sha-256$/m);
    });

    it("map the backup service's user to its role", () => {
        assert.match(renderIdent(), /^pgbackrest postgres pgbackrest$/m);
    });

    it("let the role of metrics in over the socket only, without a password", () => {
        const lines = renderHba(true)
            .split("\n")
            .map((line) => line.split(/\s+/).join(" "));
        const [socket, network, everybody] = [
            "local all pgbackrest_monitoring peer map=pgbackrest",
            "host all pgbackrest_monitoring all reject",
            "local all all scram-sha-256",
        ].map((line) => lines.indexOf(line));
        assert.ok((socket ?? -1) >= 0 && (network ?? -1) >= 0);
        assert.ok(Math.max(socket ?? 0, network ?? 0) < (everybody ?? -1));
        assert.match(renderIdent(), /^pgbackrest postgres pgbackrest_monitoring$/m);
    });
});

describe("SCRAM verifier", () => {
    it("is the one of RFC 7677's key derivation and stays the same", () => {
        const verifier = scramVerifier("app", "pencil");
        assert.match(
            verifier,
            /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
        );
        assert.equal(scramVerifier("app", "pencil"), verifier);
    });

    it("differs by role and by password", () => {
        const all = ["app", "other"].flatMap((role) =>
            ["a", "b"].map((password) => scramVerifier(role, password)),
        );
        assert.equal(new Set(all).size, 4);
    });
});
