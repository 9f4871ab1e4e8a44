import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isRecord } from "../../components/fields";
import { deployed, environment, modes, POSIX, type Recording, UNKNOWN } from "../support/mocks";

const DRILL = "Container salespider-drill";
const QUERY = { sql: "select 1", expect: "1" };
const drilling = (drill: Readonly<Record<string, unknown>> = {}) => ({
    ...POSIX,
    drill: { schedule: "0 4 * * *", ...drill },
});
const wishOf = (stack: Recording): unknown => {
    const entry = environment(stack, "drill").find((text) => text.startsWith("DRILL="));
    return JSON.parse(entry?.slice("DRILL=".length) ?? "");
};
const volume = (name: string, target: string, readOnly = false) => ({
    ...{ type: "volume", source: `salespider-${name}`, target, readOnly },
});
const MOUNTS = [
    volume("drill-data", "/var/lib/postgresql/data"),
    volume("drill-spool", "/var/spool/pgbackrest"),
    volume("drill-state", "/var/lib/pgbackrest-drills"),
    volume("backup-state", "/var/lib/pgbackrest-state", true),
    volume("pgbackrest-config", "/etc/pgbackrest", true),
];

describe("a drill", () => {
    for (const mode of modes)
        it(`gets exactly this, ${mode}`, async () => {
            const stack = await deployed(drilling({ queries: { one: QUERY }, rto: "4h", rpo: 600 }), {
                mode,
            });
            const { envs, command, ...inputs } = stack.get(DRILL).inputs;
            assert.deepEqual(inputs, {
                name: "salespider-drill",
                image: mode === "first preview" ? UNKNOWN : "sha256:5678",
                capabilities: { drops: ["ALL"] },
                securityOpts: ["no-new-privileges:true"],
                ...{ init: false, networkMode: "bridge", readOnly: true, restart: "always" },
                ...{ memory: 1024, memorySwap: 1024, cpus: "2.0", cpuShares: 2 },
                ...{ logDriver: "json-file", logOpts: { "max-file": "3", "max-size": "10m" } },
                mounts: [...MOUNTS, volume("pgbackrest-repo", "/var/lib/pgbackrest", true)],
                networksAdvanced: [{ name: "salespider" }],
                tmpfs: { "/tmp": "rw,nosuid,nodev,size=64m" },
                ...{ stopSignal: "SIGTERM", stopTimeout: 60, destroyGraceSeconds: 60 },
                healthcheck: {
                    tests: ["CMD", "sh", "-c", "! flock --nonblock /var/lib/postgresql/data true"],
                    ...{ interval: "30s", timeout: "20s", startPeriod: "1m30s", retries: 3 },
                },
            });
            assert.ok(Array.isArray(envs) && envs.length === 1);
            assert.deepEqual(wishOf(stack), {
                ...{ queries: { one: { ...QUERY, database: "app" } }, rto: 14_400, rpo: 600 },
            });
            // With the settings that decide what PostgreSQL preloads, as the restore has them.
            const { command: ofPostgres } = stack.get("Container salespider-postgres").inputs;
            assert.ok(Array.isArray(command) && Array.isArray(ofPostgres));
            assert.deepEqual(command, ["drill-database.sh", "serve", ...ofPostgres.slice(1).map(String)]);
        });

    it("reads repositories on the host, and writes none of them; it sees neither data nor socket of the database", async () => {
        const disk = { type: "posix", hostPath: "/srv/b", path: "/repo" };
        const stack = await deployed({
            ...drilling(),
            repositories: [{ name: "disk", ...disk }],
        });
        const { mounts } = stack.get(DRILL).inputs;
        assert.deepEqual(mounts, [
            ...MOUNTS,
            { type: "bind", source: "/srv/b", target: "/repo", readOnly: true },
        ]);
        assert.ok(Array.isArray(mounts));
        const sources = mounts.map((mount: unknown) => (isRecord(mount) ? mount["source"] : mount));
        for (const foreign of ["salespider-postgres-data", "salespider-postgres-run", "/var/run/docker.sock"])
            assert.ok(!sources.includes(foreign), foreign);
    });

    it("has volumes that nothing protects, also where all else is", async () => {
        const stack = await deployed({ ...POSIX, protect: true });
        for (const name of ["drill-data", "drill-spool", "drill-state"])
            assert.equal(stack.get(`Volume salespider-${name}`).protect, false, name);
        assert.ok(stack.get("Volume salespider-postgres-data").protect);
    });

    it("is not waited for: apply runs without it", async () => {
        const stack = await deployed(drilling());
        const { dependencies } = stack.get("Container salespider-apply");
        assert.ok(dependencies.includes("Container salespider-backup"));
        assert.ok(!dependencies.some((name) => name.includes("drill")), dependencies.join());
        assert.ok(stack.get("Drill salespider").dependencies.includes("Container salespider-setup"));
    });

    it("is due when the settings say, published for the backup service alone", async () => {
        const scheduled = async (settings: Record<string, unknown>): Promise<string[]> => {
            const { uploads } = (await deployed(settings)).get("Container salespider-setup").inputs;
            assert.ok(Array.isArray(uploads));
            const text = uploads
                .filter(isRecord)
                .filter(({ file }) => file === "/setup/input/schedules")
                .map(({ content }) => String(content))
                .join("");
            return text.split("\n").filter((line) => /^(?:drill|heartbeat) /.test(line));
        };
        assert.deepEqual(await scheduled(POSIX), []);
        assert.deepEqual(await scheduled(drilling()), ["drill 0 4 * * *", "heartbeat 300"]);
        assert.deepEqual(await scheduled(drilling({ rpo: "5m" })), ["drill 0 4 * * *", "heartbeat 100"]);
    });

    it("of a repository with a schedule and goals of its own is published, and changes no other container", async () => {
        const offsite = { name: "offsite", type: "posix", hostPath: "/srv/b", path: "/repo" };
        const of = async (drill: Readonly<Record<string, unknown>>) => {
            const stack = await deployed({
                ...drilling(),
                repositories: [
                    { name: "local", type: "posix" },
                    { ...offsite, ...drill },
                ],
            });
            const ofBoth = ["postgres", "backup"].map(
                (part) => stack.get(`Container salespider-${part}`).inputs,
            );
            const published = environment(stack, "setup").find((text) => text.includes('[{"name":"local"'));
            return { stack, ofBoth, published: published ?? "", drill: stack.get(DRILL).inputs };
        };
        const [usual, own, goals] = [
            await of({}),
            await of({ drill: { schedule: "0 6 * * 0" } }),
            await of({ drill: { rto: "1h" } }),
        ];
        assert.doesNotMatch(usual.published, /"drill"/);
        assert.match(own.published, /"name":"offsite".*"drill":"0 6 \* \* 0"/);
        assert.deepEqual([own.ofBoth, own.drill], [usual.ofBoth, usual.drill]);
        assert.deepEqual([goals.ofBoth, goals.published], [usual.ofBoth, usual.published]);
        assert.deepEqual(wishOf(goals.stack), { queries: {}, repositories: { offsite: { rto: 3600 } } });
    });

    it("comes, goes and changes without another container of PostgreSQL or of the backup service", async () => {
        const inputs = async (settings: Record<string, unknown>): Promise<unknown> => {
            const stack = await deployed(settings);
            return ["postgres", "backup"].map((part) => stack.get(`Container salespider-${part}`).inputs);
        };
        const without = await inputs(POSIX);
        for (const drill of [{}, { queries: { one: QUERY }, rto: 60, rpo: 600, memory: 512, cpus: 1 }])
            assert.deepEqual(await inputs(drilling(drill)), without);
    });

    it("has the sizes of its own settings, or as many CPUs as PostgreSQL", async () => {
        const sizes = async (settings: Record<string, unknown>): Promise<unknown> => {
            const { memory, memorySwap, cpus } = (await deployed(settings)).get(DRILL).inputs;
            return [memory, memorySwap, cpus];
        };
        assert.deepEqual(await sizes({ ...drilling(), cpus: 3 }), [1024, 1024, "3.0"]);
        assert.deepEqual(await sizes({ ...drilling({ memory: 512, cpus: 1.5 }), cpus: 3 }), [
            512,
            512,
            "1.5",
        ]);
    });
});
