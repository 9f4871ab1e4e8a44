import assert from "node:assert/strict";
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Description } from "../../components/state/description";
import { readDescription, Unreadable } from "../../components/state/readDescription";
import type { History } from "../../components/state/history";
import { UserError } from "../../components/problems";
import { described } from "../support/descriptions";
import { declare, deployed, POSIX, Recording, Secret } from "../support/mocks";

const IMAGE = "image-1";
const Deployed = v.object({ revision: v.string(), attempt: v.string() });
const before = (description: Description | Unreadable): History => ({
    deployment: { revision: "r", attempt: "a" },
    description,
    failed: false,
});

for (const mode of ["later preview", "update"] as const)
    describe(`a change, in a ${mode}`, () => {
        let warned: string[];
        let noted: string[];
        beforeEach(() => {
            [warned, noted] = [[], []];
            mock.method(pulumi.log, "warn", (text: string) => warned.push(text));
            mock.method(pulumi.log, "info", (text: string) => noted.push(text));
        });
        afterEach(() => {
            mock.restoreAll();
        });

        const change = async (
            raw: Record<string, unknown>,
            from: Description | Unreadable,
        ): Promise<unknown> => {
            const history = before(from);
            const recording = await deployed({ ...POSIX, image: IMAGE, ...raw }, { mode, history });
            const description = recording.outputs.get("ProtectedPostgres salespider")?.["description"];
            // Only to keep it out of what commands print.
            assert.ok(description instanceof Secret);
            return readDescription(description.value, []);
        };

        it("is explained in one message, and described in the outputs", async () => {
            assert.deepEqual(await change({ port: 5432 }, described()), described({ port: 5432 }));
            assert.equal(warned.length, 1);
            assert.match(
                warned[0] ?? "",
                /^What this change means:\n {2}warning {2}salespider-postgres restarts once \(published at/,
            );
            assert.deepEqual(noted, []);
        });

        it("that costs nothing is no warning", async () => {
            await change({ settings: { work_mem: "16MB" } }, described());
            assert.deepEqual(warned, []);
            assert.match(noted.join("\n"), /^What this change means:\n {2}note {5}PostgreSQL takes over/);
        });

        it("is not told where there is none", async () => {
            assert.deepEqual(await change({}, described()), described());
            assert.deepEqual([...warned, ...noted], []);
        });

        it("that cannot be told is a warning, never silence", async () => {
            await change({ port: 5432 }, new Unreadable("it is damaged", false));
            assert.match(warned.join("\n"), /^What this change means cannot be told: it is damaged\. Read/);
        });

        for (const [what, wanted, was] of [
            ["wanted", true, false],
            ["deployed", false, true],
        ] as const)
            it(`that cannot be told is refused where protection is ${what}, but on purpose`, async () => {
                const unreadable = new Unreadable("it is damaged", was);
                await assert.rejects(
                    change({ protect: wanted }, unreadable),
                    /pgbackrest:protect: .* cannot be told: it is damaged.*add undescribed to pgbackrest:accept/,
                );
                await change({ protect: wanted, accept: ["undescribed"] }, unreadable);
                assert.equal(warned.length, 1);
            });

        it("brings the notes of setup to light, but not what the settings asked for", async () => {
            const logs = "2026-11-27 10:00:00 setup: x\nNOTE: pgBackRest 2.55.1 of Debian stable\n";
            const endings = { "salespider-setup": { exitCode: 0, logs } };
            for (const release of ["newest", "stable"])
                await deployed({ ...POSIX, release }, { mode, endings });
            assert.deepEqual(warned, ["Found by setup:\n  pgBackRest 2.55.1 of Debian stable"]);
        });

        it("brings the notes of apply to light, but not those of an earlier run", async () => {
            const endings = { "salespider-apply": { exitCode: 0, logs: "NOTE: protected by local only\n" } };
            const recording = await deployed({ ...POSIX, image: IMAGE }, { mode, endings });
            assert.deepEqual(warned, ["Found by apply:\n  protected by local only"]);
            const deployment = recording.outputs.get("ProtectedPostgres salespider")?.["deployment"];
            const history = { deployment: v.parse(Deployed, deployment), failed: false };
            await deployed({ ...POSIX, image: IMAGE }, { mode, endings, history });
            assert.equal(warned.length, 1);
        });

        for (const dockerHost of [undefined, "tcp://db.example.com:2376"])
            it(`that is refused declares nothing, on the engine ${dockerHost ?? "of the docker command"}`, async () => {
                const recording = await Recording.start(mode);
                const history = before(described({ protect: true, dockerHost }));
                assert.throws(() => {
                    declare({ repositories: [], protect: true, image: IMAGE, dockerHost }, { history });
                }, UserError);
                await pulumi.runtime.disconnect();
                assert.deepEqual(recording.names, []);
            });
    });
