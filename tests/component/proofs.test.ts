import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { inventory } from "../../components/state/inventory";
import { recorded } from "../../components/state/recorded";
import type { History } from "../../components/state/history";
import { deployed, POSIX, type StackOptions } from "../support/mocks";

const SERVICES = ["postgres", "backup"];
const KEPT = ["capabilities", "cpus", "image", "memory", "memorySwap", "mounts", "readOnly", "tmpfs"];

/** The container that publishes, and the one that proves it. */
const PARTS = {
    PostgreSQL: { by: "postgres", proof: "port-proof", internal: 5432 },
    metrics: { by: "backup", proof: "metrics-proof", internal: 9464 },
} as const;
type Part = keyof typeof PARTS;

/** A stack that publishes at one address, and whose proof of the port published at another. */
function history(part: Part, published: number, proven: number): History {
    const { by, proof, internal } = PARTS[part];
    const container = (part: string, external: number): [string, unknown] => [
        `urn:pulumi:dev::pgbackrest::docker:index/container:Container::salespider-${part}`,
        {
            type: "docker:index/container:Container",
            outputs: {
                name: `salespider-${part}`,
                ports: external === 0 ? [] : [{ external, internal, ip: "127.0.0.1" }],
            },
        },
    ];
    const state = Object.fromEntries([container(by, published), container(proof, proven)]);
    return { deployment: undefined, failed: false, inventory: inventory(recorded(state)) };
}

const published = async (part: Part, port: number, options: StackOptions): Promise<readonly unknown[]> => {
    const settings = part === "metrics" ? { monitoring: { port } } : { port };
    const stack = await deployed({ ...POSIX, ...settings }, options);
    const name = `Container salespider-${PARTS[part].proof}`;
    const { inputs, ignoreChanges } = stack.get(name);
    const { ports } = inputs;
    assert.ok(Array.isArray(ports));
    assert.ok(stack.get(`Container salespider-${PARTS[part].by}`).dependencies.includes(name));
    assert.ok(ports.every(({ internal }: { internal: number }) => internal === PARTS[part].internal));
    return [...ports.map(({ external }: { external: number }) => external), ...ignoreChanges];
};

describe("a throwaway container", () => {
    for (const [service, more] of [
        ["postgres", ["shmSize"]],
        ["backup", []],
    ] as const)
        it(`has the limits and mounts of ${service}, which waits for it and takes nothing from it`, async () => {
            const stack = await deployed({ ...POSIX, port: 5432 });
            const original = stack.get(`Container salespider-${service}`);
            const throwaway = stack.get(`Container salespider-${service}-proof`);
            for (const key of [...KEPT, ...more])
                assert.deepEqual(throwaway.inputs[key], original.inputs[key], key);
            const { command, attach, mustRun, networkMode, restart, ...inputs } = throwaway.inputs;
            assert.deepEqual(
                [command, attach, mustRun, networkMode, restart],
                [["true"], true, false, "none", "no"],
            );
            for (const key of ["ports", "networksAdvanced", "healthcheck", "labels", "stopTimeout"])
                assert.ok(!(key in inputs), key);
            assert.ok(original.dependencies.includes(`Container salespider-${service}-proof`));
            assert.doesNotMatch(JSON.stringify(original.derived), /-proof/);
        });

    it("changes with the service, and with nothing else", async () => {
        const proofs = async (settings: Record<string, unknown>): Promise<string[]> => {
            const stack = await deployed({ ...POSIX, ...settings });
            return SERVICES.map((part) =>
                JSON.stringify(stack.get(`Container salespider-${part}-proof`).inputs),
            );
        };
        const before = await proofs({});
        for (const [settings, expected] of [
            [{ cpus: 1, settings: { work_mem: "8MB" }, database: "other" }, ["postgres"]],
            [{ shm: 128 }, ["postgres"]],
            [{ backupCpus: 1 }, ["backup"]],
            [{ repositories: [{ name: "disk", type: "posix", hostPath: "/srv/b" }] }, ["postgres", "backup"]],
        ] as const) {
            const after = await proofs(settings);
            const changed = SERVICES.filter((_, index) => before[index] !== after[index]);
            assert.deepEqual(changed, expected, JSON.stringify(settings));
        }
    });

    for (const [title, wanted, now, proven, expected] of [
        ["publishes the port of a new stack", 5432, 0, 0, [5432]],
        ["publishes another port than the running one", 5433, 5432, 5432, [5433]],
        [
            "stays as it is while the running one has the port, whatever the image",
            5432,
            5432,
            5432,
            [5432, "image"],
        ],
        ["proves nothing where the running one has it and it was never proven", 5432, 5432, 0, []],
        ["proves nothing when a change is taken back that failed", 5432, 5432, 5433, []],
    ] as const)
        for (const part of ["PostgreSQL", "metrics"] as const)
            it(`${title}: ${part}`, async () => {
                const options = { history: history(part, now, proven) };
                assert.deepEqual(await published(part, wanted, options), expected);
            });

    it("of metrics is not taken for that of a restore of the same name", async () => {
        const wanted = { ...POSIX, monitoring: { port: 9464 }, restore: { name: "backup" } };
        const stack = await deployed(wanted, { history: history("metrics", 9464, 9464) });
        assert.deepEqual(stack.get("Container salespider-metrics-proof").ignoreChanges, ["image"]);
    });

    it("that Docker would not start is not taken for a proof", async () => {
        const object = {
            kind: "container",
            name: "salespider-port-proof",
            id: "i",
            created: "",
            restart: "no",
            labels: {},
        } as const;
        for (const [status, expected] of [
            ["exited", [5432, "image"]],
            ["created", []],
        ] as const)
            // A preview, as nothing may be removed here.
            assert.deepEqual(
                await published("PostgreSQL", 5432, {
                    mode: "later preview",
                    history: history("PostgreSQL", 5432, 5432),
                    engine: { cpus: 2, security: [], objects: [{ ...object, status }] },
                }),
                expected,
            );
    });
});
