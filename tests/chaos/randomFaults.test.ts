import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { eventually } from "../support/docker";
import { TestStack } from "../support/stack";
import { Running } from "../e2e/running";
import { FAULTS, type Target } from "./faults";
import { Writers } from "./writers";

/** The same faults at the same moments as in another run: CHAOS_SEED=... npm test -- chaos. More of them: CHAOS_ROUNDS=10. */
const SEED = Number(process.env["CHAOS_SEED"] ?? randomInt(1_000_000));
const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 1);
const CLIENTS = 3;

/** Every fault once a round, in any order. */
const round = fc.shuffledSubarray([...FAULTS], { minLength: FAULTS.length });
const moments = fc.array(fc.integer({ min: 0, max: 99 }), {
    minLength: FAULTS.length,
    maxLength: FAULTS.length,
});
const strikes = fc
    .sample(fc.tuple(round, moments), { seed: SEED, numRuns: ROUNDS })
    .flatMap(([faults, times]) => faults.map((fault, i) => ({ fault, moment: (times[i] ?? 0) / 100 })));

describe(`random faults under load, CHAOS_SEED=${SEED}: the stack comes back and nothing that was committed is lost, after`, function () {
    this.timeout(240_000);
    let target: Target;
    let writers: Writers;
    let started = "";

    before(async () => {
        const stack = await TestStack.create({ repositories: [{ name: "local", type: "posix" }] });
        target = { stack, running: new Running(stack) };
        await stack.mustUp();
        started = await target.running.sql("select system_identifier from pg_control_system()");
        writers = await Writers.start(target.running, CLIENTS);
    });
    after(async () => {
        writers.end();
        console.log(`    ${strikes.length} faults, ${writers.acknowledged} acknowledged commits`);
        await target.stack.remove();
    });

    for (const [i, { fault, moment }] of strikes.entries())
        it(`${i + 1}. ${fault.name} (at ${moment})`, async () => {
            const { running } = target;
            await fault.strike(target, moment);
            await running.answers();
            await writers.goOn();
            assert.deepEqual(await writers.lost(), []);
            await running.segmentArrives(await running.switchWal(), 90);
            await eventually("the database is protected", async () => (await running.healthCheck()).ok, 90);
        });

    it("all of them, a second preview has no changes, and the backups are whole", async () => {
        const { stack, running } = target;
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        assert.equal(await running.sql("select system_identifier from pg_control_system()"), started);
        assert.ok((await running.fullBackups()).length >= 1);
        const verified = await running.pgbackrest("--output=text", "--verbose", "verify");
        assert.match(verified, /status: ok/);
        assert.doesNotMatch(await running.logs("postgres"), /exited with exit code 103/);
        assert.deepEqual(await writers.lost(), []);
    });
});
