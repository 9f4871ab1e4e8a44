import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
    dataVolumeText,
    fillingText,
    hoursLeft,
    type Sample,
    withSample,
} from "../../components/protection/dataVolume";

const GIB = 2 ** 30;
const HOUR = 3600;

/** A sample each half minute, as the service takes them. */
function over(seconds: number, free: (at: number) => number): readonly Sample[] {
    let samples: readonly Sample[] = [];
    for (let at = 0; at <= seconds; at += 30) samples = withSample(samples, { at, free: free(at) });
    return samples;
}

describe("the room on the data volume", () => {
    it("has a pace after an hour, of six hours at most, and few samples", () => {
        const filling = (at: number): number => 100 * GIB - at * (GIB / HOUR);
        assert.equal(hoursLeft(over(HOUR - 30, filling)), undefined);
        assert.equal(Math.round(hoursLeft(over(2 * HOUR, filling)) ?? 0), 98);
        const changed = over(12 * HOUR, (at) => (at < 5 * HOUR ? filling(at) : filling(5 * HOUR)));
        assert.equal(hoursLeft(changed), undefined);
        assert.ok(changed.length <= 85, String(changed.length));
    });

    it("is told with the time that it lasts, where it gets less", () => {
        const text = (free: (at: number) => number): string => dataVolumeText(over(6 * HOUR, free));
        assert.equal(
            text(() => 46 * GIB),
            "the data volume has 46GiB free",
        );
        assert.equal(
            text((at) => (40 + at / HOUR) * GIB),
            "the data volume has 46GiB free",
        );
        assert.match(
            text((at) => (46 - at / HOUR) * GIB),
            /^the data volume has 40GiB free, enough for 40 h at/,
        );
        assert.match(
            text((at) => (106 - at / HOUR) * GIB),
            /has 100GiB free, enough for 4 days at/,
        );
        assert.equal(dataVolumeText([]), "");
    });

    it("is too little with less than a GiB or six hours, whatever the pace was before", () => {
        const filling = (samples: readonly Sample[]): boolean => fillingText(samples) !== undefined;
        assert.ok(!filling([]));
        assert.ok(!filling(over(0, () => GIB)));
        assert.ok(filling(over(0, () => GIB - 1)));
        assert.ok(!filling(over(2 * HOUR, (at) => (20 - at / HOUR) * GIB)));
        assert.ok(filling(over(2 * HOUR, (at) => (20 - (5 * at) / HOUR) * GIB)));
    });

    it("is kept in the order of time, the newest one last, whatever the clock does", () => {
        fc.assert(
            fc.property(
                fc.array(fc.record({ at: fc.nat(50_000), free: fc.nat(1000) }), { minLength: 1 }),
                (all) => {
                    const samples = all.reduce<readonly Sample[]>(withSample, []);
                    assert.deepEqual(samples.at(-1), all.at(-1));
                    for (const [index, { at }] of samples.slice(1).entries())
                        assert.ok(at >= (samples[index]?.at ?? 0));
                },
            ),
        );
    });
});
