import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { foresee, releases, statesOf, type Step } from "../support/releases";

/** What may be made anew: all else holds data, or what opens them, or is what the application's own containers are attached to. */
const WITHOUT_DATA = ["docker:index/container:Container", "docker:index/remoteImage:RemoteImage"];

/** What of a preview must not be. */
function losses(steps: readonly Step[]): Step[] {
    return steps.filter(({ op, type }) => /replace|delete/.test(op) && !WITHOUT_DATA.includes(type));
}

for (const release of releases)
    describe(`a stack that release ${release} brought up, as this program previews it`, function () {
        this.timeout(120_000);

        for (const [index, state] of statesOf(release).entries()) {
            // One of them is protected, and so gets drills.
            const isProtected = index === 0;
            it(`${state}${isProtected ? ", protected" : ""}: nothing that holds data goes, and a restart of PostgreSQL is told`, async () => {
                const { steps, told } = await foresee(release, state, { protect: String(isProtected) });
                assert.equal(
                    steps.some(({ op, name }) => op === "create" && name === "salespider-drill"),
                    isProtected,
                );
                assert.equal(/note +drills are on: /.test(told), isProtected, told);
                assert.deepEqual(losses(steps), []);
                // A container is replaced, never only deleted; each once.
                const containers = steps.filter(({ op, type }) => type === WITHOUT_DATA[0] && op !== "same");
                assert.deepEqual(
                    containers.filter(({ op }) => op === "delete"),
                    [],
                );
                const names = containers.map(({ name }) => name);
                assert.deepEqual([...new Set(names)], names);
                const restarts = names.includes("salespider-postgres");
                assert.equal(/warning {2}salespider-postgres restarts once \(/.test(told), restarts, told);
                assert.doesNotMatch(told, /cannot be told|not known|DANGER/);
            });
        }
    });
