import fc from "fast-check";
import { describe, it } from "mocha";
import { areTold, planned } from "../support/faults";

const LIVES = 5;
const EACH = 200;
/** The same ones each time, so that a red run is of what was changed; others with `SEED=2 npx mocha tests/unit/faults.all.test.ts`. */
const SEED = Number(process.env["SEED"] ?? 1);

describe("a thousand faults in simulated months of the backup service", function () {
    // Half a minute of a CPU each.
    this.timeout(600_000);

    for (let life = 0; life < LIVES; life++)
        it(`are told in time, and nothing else is: SEED=${SEED}, life ${life + 1} of ${LIVES}`, async () => {
            await areTold(fc.sample(planned, { numRuns: EACH, seed: SEED + life }), `SEED=${SEED}`);
        });
});
