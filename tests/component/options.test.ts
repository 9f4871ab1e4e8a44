import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "mocha";
import { deployed, environment, modes, POSIX, type Registration, ROOT } from "../support/mocks";

const CONTAINERS = ["apply", "backup", "backup-proof", "postgres", "postgres-proof", "setup"].map(
    (part) => `Container salespider-${part}`,
);
const KEPT = ["Volume salespider-pgbackrest-repo", "Volume salespider-postgres-data"];

function title({ type, name }: Registration): string {
    return `${type} ${name}`;
}

describe("options", () => {
    for (const mode of modes) {
        it(`replace a container where the provider would do nothing, old one first, ${mode}`, async () => {
            const { registrations } = await deployed(POSIX, { mode });
            assert.deepEqual(
                registrations
                    .filter((entry) => entry.deleteBeforeReplace)
                    .map(title)
                    .sort(),
                CONTAINERS,
            );
            for (const entry of registrations.filter(({ type }) => type === "Container"))
                assert.deepEqual(entry.replaceOnChanges, [
                    ...["healthcheck", "init", "mounts", "tmpfs", "cpuPeriod", "cpuQuota", "#initerror"],
                ]);
        });

        it(`keep the volumes with the data and the repository, and only them, ${mode}`, async () => {
            const { registrations } = await deployed({ ...POSIX, protect: true }, { mode });
            const withOption = (has: (entry: Registration) => boolean): string[] =>
                registrations.filter(has).map(title).sort();
            assert.deepEqual(
                withOption(({ protect }) => protect),
                KEPT,
            );
            assert.deepEqual(
                withOption(({ retainOnDelete }) => retainOnDelete),
                KEPT,
            );
        });
    }

    it("keep nothing unless told so", async () => {
        const { registrations } = await deployed(POSIX);
        assert.ok(registrations.every((entry) => !entry.protect && !entry.retainOnDelete));
    });

    it("ignore changes of labels, which would replace volumes and network, and no other", async () => {
        const { registrations } = await deployed({ ...POSIX, port: 5432 });
        for (const { type, name, ignoreChanges } of registrations)
            assert.deepEqual(ignoreChanges, ["Volume", "Network"].includes(type) ? ["labels"] : [], name);
    });

    it("give a volume and the network nothing but their name and whose they are: driver options would replace them", async () => {
        const { registrations } = await deployed({ ...POSIX, protect: true });
        const marked = registrations.filter(({ type }) => ["Volume", "Network"].includes(type));
        assert.equal(marked.length, 10);
        for (const { name, inputs } of marked)
            assert.deepEqual(inputs, {
                name,
                labels: [
                    { label: "pgbackrest.mark", value: "m0a1b2c3d" },
                    { label: "pgbackrest.owner", value: `stack dev in ${ROOT} on ${hostname()}` },
                ],
            });
    });

    it("let a one-shot work as long as it may, and hide what it says", async () => {
        const stack = await deployed({ ...POSIX, waitTimeout: 90 });
        const setup = stack.get("Container salespider-setup");
        const apply = stack.get("Container salespider-apply");
        assert.deepEqual([setup.createTimeout, apply.createTimeout], ["10m", "95m"]);
        // Each ends by itself before Pulumi stops waiting, so that nothing comes into force behind a red `up`.
        for (const [part, minutes] of [
            ["setup", 10],
            ["apply", 95],
        ] as const) {
            const limit = environment(stack, part).find((entry) => entry.startsWith("WAIT_TIMEOUT="));
            assert.ok(Number(limit?.slice("WAIT_TIMEOUT=".length)) <= (minutes - 2) * 60, limit);
        }
        for (const { additionalSecretOutputs } of [setup, apply])
            assert.deepEqual(additionalSecretOutputs, ["containerLogs"]);
    });
});
