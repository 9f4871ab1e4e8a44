import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { deployed, modes, POSIX, Secret, UNKNOWN } from "../support/mocks";

/** What every container of ours is made with. */
const HARDENED = {
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    init: false,
    networkMode: "bridge",
    logDriver: "json-file",
    logOpts: { "max-file": "3", "max-size": "10m" },
};
const ONE_SHOT = {
    ...HARDENED,
    ...{ memory: 512, memorySwap: 512, cpus: "1.0" },
    ...{ attach: true, logs: true, mustRun: false, rm: false, restart: "no" },
};
const NETWORK = [{ name: "salespider" }];
const RESTART_SETTINGS = [
    ...["-c", "archive_mode=on", "-c", "listen_addresses=*", "-c", "logging_collector=off"],
    ...["-c", "reserved_connections=3", "-c", "shared_buffers=256MB"],
    ...["-c", "unix_socket_directories=/var/run/postgresql"],
    ...["-c", "wal_level=replica"],
];

function volume(name: string, target: string, readOnly = false): Record<string, unknown> {
    return { type: "volume", source: `salespider-${name}`, target, readOnly };
}
const CONFIGURATION = volume("pgbackrest-config", "/etc/pgbackrest", true);
const DATA = "/var/lib/postgresql/data";
const SOCKETS = volume("postgres-run", "/var/run/postgresql");
const REPOSITORY = volume("pgbackrest-repo", "/var/lib/pgbackrest");

const POSTGRES = {
    ...HARDENED,
    name: "salespider-postgres",
    command: ["install-pgbackrest.sh", ...RESTART_SETTINGS],
    ...{ memory: 1024, memorySwap: 1024, cpus: "2.0", shmSize: 256 },
    mounts: [
        volume("postgres-data", DATA),
        SOCKETS,
        volume("pgbackrest-spool", "/var/spool/pgbackrest"),
        CONFIGURATION,
        REPOSITORY,
    ],
    ports: [],
    networksAdvanced: NETWORK,
    readOnly: true,
    tmpfs: { "/tmp": "rw,nosuid,nodev,size=64m" },
    restart: "always",
    stopSignal: "SIGINT",
    stopTimeout: 120,
    destroyGraceSeconds: 120,
    healthcheck: {
        tests: [
            "CMD",
            "sh",
            "-c",
            "if pg_isready --quiet --host /var/run/postgresql; then : >/tmp/has-answered; else [ $? = 1 ] && [ -e /tmp/has-answered ]; fi",
        ],
        ...{ interval: "5s", timeout: "5s", startPeriod: "24h0m0s", retries: 3 },
    },
};

const BACKUP = {
    ...HARDENED,
    name: "salespider-backup",
    command: ["start-pgbackrest.sh"],
    ...{ memory: 512, memorySwap: 512, cpus: "2.0" },
    mounts: [
        volume("postgres-data", DATA, true),
        SOCKETS,
        volume("backup-state", "/var/lib/pgbackrest-state"),
        volume("drill-state", "/var/lib/pgbackrest-drills", true),
        CONFIGURATION,
        REPOSITORY,
    ],
    networksAdvanced: NETWORK,
    readOnly: true,
    tmpfs: { "/tmp": "rw,nosuid,nodev,size=64m" },
    restart: "always",
    stopSignal: "SIGTERM",
    stopTimeout: 60,
    destroyGraceSeconds: 60,
    healthcheck: {
        tests: ["CMD", "healthcheck-pgbackrest.sh"],
        ...{ interval: "30s", timeout: "20s", startPeriod: "1m0s", retries: 2 },
    },
    labels: [{ label: "autoheal", value: "false" }],
};

const SETUP = {
    ...ONE_SHOT,
    name: "salespider-setup",
    command: ["configure-pgbackrest.sh", ...RESTART_SETTINGS],
    mounts: [
        volume("pgbackrest-config", "/pgbackrest-config"),
        CONFIGURATION,
        volume("postgres-data", DATA, true),
        REPOSITORY,
    ],
    networksAdvanced: NETWORK,
};

const APPLY = {
    ...ONE_SHOT,
    name: "salespider-apply",
    command: ["apply-configuration.sh"],
    mounts: [
        CONFIGURATION,
        volume("pgbackrest-config", "/pgbackrest-config"),
        SOCKETS,
        volume("backup-state", "/var/lib/pgbackrest-state", true),
    ],
    networkMode: "none",
    readOnly: true,
    tmpfs: { "/tmp": "rw,nosuid,nodev,size=16m" },
};

describe("containers", () => {
    for (const mode of modes) {
        it(`get exactly this, ${mode}`, async () => {
            const stack = await deployed(POSIX, { mode });
            const image = mode === "first preview" ? UNKNOWN : "sha256:1234";
            const withService = mode === "first preview" ? UNKNOWN : "sha256:5678";
            const inputs = (part: string): Readonly<Record<string, unknown>> =>
                stack.get(`Container salespider-${part}`).inputs;
            assert.deepEqual(inputs("postgres"), { ...POSTGRES, image });
            assert.deepEqual(inputs("backup"), { ...BACKUP, image: withService });
            // What is in these is the matter of other tests.
            const { envs: setupEnvironment, uploads, ...setup } = inputs("setup");
            assert.deepEqual(setup, { ...SETUP, image: withService });
            assert.ok(Array.isArray(uploads));
            const { envs: applyEnvironment, ...apply } = inputs("apply");
            assert.deepEqual(apply, { ...APPLY, image });
            for (const envs of [setupEnvironment, applyEnvironment])
                assert.ok(mode === "first preview" ? envs === UNKNOWN : envs instanceof Secret);
        });
    }

    it("publish a port where one is set, at the address of the settings", async () => {
        const { inputs } = (await deployed({ ...POSIX, port: 5433, address: "127.0.0.2" })).get(
            "Container salespider-postgres",
        );
        assert.deepEqual(inputs, {
            ...POSTGRES,
            image: "sha256:1234",
            ports: [{ internal: 5432, external: 5433, ip: "127.0.0.2" }],
        });
    });

    it("get the sizes of the settings", async () => {
        const sizes = { memory: 2048, cpus: 3, shm: 512, backupMemory: 256, backupCpus: 1 };
        const stack = await deployed({ ...POSIX, ...sizes });
        const postgres = stack.get("Container salespider-postgres").inputs;
        const { memory, memorySwap, cpus, shmSize } = postgres;
        assert.deepEqual([memory, memorySwap, cpus, shmSize], [2048, 2048, "3.0", 512]);
        const backup = stack.get("Container salespider-backup").inputs;
        assert.deepEqual([backup["memory"], backup["memorySwap"], backup["cpus"]], [256, 256, "1.0"]);
    });

    it("mount the repository only where it is used: setup, postgres, backup", async () => {
        const settings = {
            repositories: [{ name: "disk", type: "posix", hostPath: "/srv/b", path: "/repo" }],
        };
        const stack = await deployed(settings);
        const mount = { type: "bind", source: "/srv/b", target: "/repo", readOnly: false };
        for (const [part, without] of [
            ["setup", SETUP.mounts],
            ["postgres", POSTGRES.mounts],
            ["backup", BACKUP.mounts],
        ] as const) {
            const { inputs } = stack.get(`Container salespider-${part}`);
            assert.deepEqual(inputs["mounts"], [...without.slice(0, -1), mount], part);
        }
        assert.deepEqual(stack.get("Container salespider-apply").inputs["mounts"], APPLY.mounts);
    });

    it("of postgres and backup are the same with and without a repository: changing to none restarts nothing", async () => {
        const [posix, none] = [await deployed(POSIX), await deployed({})];
        for (const part of ["postgres", "backup"])
            assert.deepEqual(
                none.get(`Container salespider-${part}`).inputs,
                posix.get(`Container salespider-${part}`).inputs,
            );
    });

    it("take durations as the provider reads them back: 1m0s, never 60s or 1m", async () => {
        const { registrations } = await deployed(POSIX);
        const checks = registrations.flatMap(({ inputs }) => inputs["healthcheck"] ?? []);
        assert.equal(checks.length, 2);
        for (const text of JSON.stringify(checks).match(/"[0-9][^"]*"/g) ?? [])
            assert.match(text, /^"(?:[1-9]\d*h[0-5]?\dm[0-5]?\ds|[1-5]?\dm[0-5]?\ds|[1-5]?\ds)"$/);
    });
});
