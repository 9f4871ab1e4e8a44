import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { planAnswer, wishOf } from "../../toolchain/operations/restore";

/** 2026-11-27 12:00:30 UTC */
const NOW = Date.UTC(2026, 10, 27, 12, 0, 30);

describe("ops restore", () => {
    it("asks for the newest without a word", () => {
        assert.deepEqual(wishOf({}, NOW), {
            ...{ name: "2026-11-27-12-00", at: "latest", inclusive: true, pause: false, acceptDamage: false },
        });
    });

    it("asks for all that the command line says", () => {
        const options = {
            ...{ at: "before-import", name: "import", exclusive: true, pause: true, acceptDamage: true },
            ...{ repository: "offsite", timeline: "3", backup: "20261127-013000F" },
            repositoryTime: "2026-11-27T06:00Z",
        };
        assert.deepEqual(wishOf(options, NOW), {
            ...{ name: "import", at: "before-import", inclusive: false, pause: true, acceptDamage: true },
            ...{ repository: "offsite", timeline: 3, backup: "20261127-013000F" },
            repositoryTime: "2026-11-27 06:00:00+00",
        });
    });

    for (const [at, time] of [
        ["2h", "2026-11-27 10:00:30+00"],
        ["30min", "2026-11-27 11:30:30+00"],
        ["2026-11-27T06:00Z", "2026-11-27T06:00Z"],
    ] as const)
        it(`writes ${at} as a time that stays`, () => {
            const wish = wishOf({ at }, NOW);
            assert.equal(typeof wish === "object" ? wish.at : wish, time);
        });

    for (const [options, problem] of [
        [{ at: "2026-11-27 06:00" }, /^--at 2026-11-27 06:00: has no zone/],
        [{ repositoryTime: "2h" }, /^--repository-time 2h: is another moment/],
        [{ timeline: "latest" }, /^--timeline latest: is no number/],
        [{ timeline: "0" }, /^--timeline 0: is no number/],
    ] as const)
        it(`refuses ${JSON.stringify(options)}`, () => {
            const wish = wishOf(options, NOW);
            assert.match(typeof wish === "string" ? wish : "taken", problem);
        });

    it("says what is possible where it cannot be", () => {
        const { status, lines } = planAnswer({ why: "there is no backup", instead: ["at: latest"] });
        assert.equal(status, 1);
        assert.deepEqual(lines, ["it cannot be: there is no backup", "possible:", "  at: latest"]);
    });
});
