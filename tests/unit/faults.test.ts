import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FAULTS, live, planned, type Planned } from "../support/faults";

/** How many there are at random: `FAULTS=1000 npx mocha tests/unit/faults.test.ts` takes minutes. */
const { FAULTS: MORE = "8" } = process.env;
/** Those that were told late once come again with it. */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);

async function areTold(plan: readonly Planned[]): Promise<void> {
    const { late, wrongs } = await live(plan);
    assert.deepEqual(wrongs, [], `SEED=${SEED}`);
    assert.deepEqual(
        late.map(({ name }) => name),
        plan.map(({ name }) => name),
    );
}

describe("faults in a simulated life of the backup service", function () {
    this.timeout(3_600_000);

    const all = fc.sample(planned, { numRuns: 200, seed: 1 });
    for (const name of Object.keys(FAULTS))
        it(`are told in time, and nothing else is: ${name}`, async () => {
            await areTold(all.filter((one) => one.name === name).slice(0, 2));
        });

    it("are told in time, and nothing else is: at random", async () => {
        await areTold(fc.sample(planned, { numRuns: Number(MORE), seed: SEED }));
    });
});
