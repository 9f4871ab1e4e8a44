import fc from "fast-check";
import { describe, it } from "mocha";
import { areTold, FAULTS, planned } from "../support/faults";

/** How many there are at random; in the second tier there are a thousand. */
const MANY = 8;
/** The same ones each time; others with `SEED=2 npx mocha tests/unit/faults.test.ts`. */
const SEED = Number(process.env["SEED"] ?? 1);

describe("faults in a simulated life of the backup service", function () {
    this.timeout(60_000);

    const all = fc.sample(planned, { numRuns: 200, seed: 1 });
    for (const name of Object.keys(FAULTS))
        it(`are told in time, and nothing else is: ${name}`, async () => {
            await areTold(all.filter((one) => one.name === name).slice(0, 2), "seed 1");
        });

    it("are told in time, and nothing else is: at random", async () => {
        await areTold(fc.sample(planned, { numRuns: MANY, seed: SEED }), `SEED=${SEED}`);
    });
});
