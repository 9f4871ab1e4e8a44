import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { bar, windowBars } from "../../components/review/windowBars";
import { anySettings, described } from "../support/descriptions";

const keeping = (full: number, rest: object = {}) =>
    described({ options: { global: { "repo1-retention-full": full } }, ...rest });

describe("the recovery window before and after a change, as bars", () => {
    it("shows what is sure and what there is at times", () => {
        assert.deepEqual(windowBars(keeping(8), keeping(4)), [
            "Recovery window of repository local (█ always, ░ at times):",
            "  now   ███████████████████████████████████░░░░░ 49 to 56 days",
            "  then  ███████████████░░░░░                     21 to 28 days",
        ]);
    });

    it("is not there where nothing changes, nor of another stack", () => {
        assert.deepEqual(windowBars(keeping(8), keeping(8, { port: 5433 })), []);
        assert.deepEqual(windowBars(keeping(8), keeping(4, { name: "other" })), []);
    });

    it("is as wide for whatever settings, and sure is never more than what there is at times", () => {
        fc.assert(
            fc.property(anySettings, anySettings, (before, after) => {
                const bars = windowBars(before, after).filter((line) => /^ {2}(now|then) /.test(line));
                for (const line of bars)
                    assert.match(line, /^ {2}(now {3}|then {2})(?=.{40} )█*░* * \d*[a-z ]/);
            }),
            { numRuns: 8 },
        );
        for (const [least, greatest, text] of [
            [0, 0, ""],
            [Infinity, Infinity, "█".repeat(40)],
            [10, 20, "█".repeat(20) + "░".repeat(20)],
        ] as const)
            assert.equal(bar({ least, greatest }, 20).trimEnd(), text);
    });
});
