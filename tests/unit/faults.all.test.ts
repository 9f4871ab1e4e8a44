import fc from "fast-check";
import { describe, it } from "mocha";
import { areTold, planned } from "../support/faults";

const LIVES = 5;
const EACH = 200;
/** Another one each time: those that were told late once come again with it. */
const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);

describe("a thousand faults in simulated months of the backup service", function () {
    // Half a minute of a CPU each.
    this.timeout(600_000);

    for (let life = 0; life < LIVES; life++)
        it(`are told in time, and nothing else is: SEED=${SEED}, life ${life + 1} of ${LIVES}`, async () => {
            await areTold(fc.sample(planned, { numRuns: EACH, seed: SEED + life }), `SEED=${SEED}`);
        });
});
