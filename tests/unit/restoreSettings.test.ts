import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { problemsOf, settingsOf } from "../support/settings";

const REPOSITORIES = [{ name: "local", type: "posix" }];
const restoring = (restore: unknown, repositories: readonly unknown[] = REPOSITORIES) =>
    settingsOf({ repositories, restore }).restore;

describe("the setting restore", () => {
    it("is nothing where nothing is set", () => {
        const nothing = { wish: undefined, volume: undefined };
        assert.deepEqual(settingsOf({}).restore, nothing);
        assert.deepEqual(restoring({}), nothing);
    });

    it("goes to the end of the WAL along the history of the database that runs, unless it says otherwise", () => {
        const usual = { at: "latest", inclusive: true, pause: false, acceptDamage: false };
        assert.deepEqual(restoring({ name: "friday" }).wish, { name: "friday", ...usual });
        const all = {
            ...{ at: "2026-11-27 06:00+01", inclusive: false, pause: true, acceptDamage: true },
            ...{ repository: "local", timeline: 3, backup: "20261127-013000F" },
        };
        assert.deepEqual(restoring({ name: "friday", ...all }).wish, { name: "friday", ...all });
    });

    for (const at of ["latest", "immediate", "2026-11-27 06:00Z", "0/3000060", "before-the-upgrade"])
        it(`takes ${at}`, () => {
            assert.equal(restoring({ name: "friday", at }).wish?.at, at);
        });

    it("goes back to a volume of the stack", () => {
        const volume = "salespider-postgres-data-friday";
        assert.deepEqual(restoring({ volume }), { wish: undefined, volume });
    });

    for (const [what, restore, expected, repositories] of [
        ["a duration", { name: "a", at: "2h" }, /restore\.at: "2h" .*\d{4}-\d\d-\d\d \d\d:\d\d/],
        ["a time without its zone", { name: "a", at: "2026-11-27 06:00" }, /restore\.at: .*zone/],
        ["a target without a name", { at: "immediate" }, /restore\.name: is missing, and at is set/],
        ["a name that is none", { name: "Friday!" }, /restore\.name: "Friday!": lower case letters/],
        ["a name of the program's own", { name: "proof" }, /restore\.name: "proof"/],
        [
            "an unknown repository",
            { name: "a", repository: "other" },
            /other is no repository of this stack: local/,
        ],
        ["no repository", { name: "a" }, /the stack has no repository to restore from/, []],
        ["a volume of others", { volume: "shop-data" }, /shop-data is no data volume of this stack/],
        [
            "both ways at once",
            { name: "a", volume: "salespider-postgres-data" },
            /restore\.name: is for a restore, and volume goes back/,
        ],
        ["an unknown part", { name: "a", target: "latest" }, /restore\.target: no such setting/],
        ["a timeline that is none", { name: "a", timeline: -1 }, /restore\.timeline: -1/],
    ] as const)
        it(`refuses ${what}`, () => {
            const problems = problemsOf(() => restoring(restore, repositories));
            assert.match(problems.join("\n"), expected);
            assert.equal(problems.length, 1, problems.join("\n"));
        });
});
