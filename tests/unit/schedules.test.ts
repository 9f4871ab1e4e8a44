import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { checkCron, checkTimezone } from "../../components/schedule/cron";

describe("cron fields", () => {
    for (const good of [
        "30 1 * * 0",
        "*/15 * * * *",
        "0 0,12 * * *",
        "0 1-5/2 * * 1-5",
        "59 23 31 12 *",
        "0 0 1 */3 *",
        "0 0 * 2 7",
        "00 01 * * *",
    ])
        it(`take ${good}`, () => {
            assert.equal(checkCron(good), undefined);
        });

    const bad: readonly (readonly [string, RegExp])[] = [
        ["", /1 fields/],
        ["@daily", /1 fields/],
        ["0 1 * * * *", /6 fields/],
        ["60 1 * * *", /"60" as minute: 0 to 59/],
        ["0 24 * * *", /hour: 0 to 23/],
        ["0 0 0 * *", /day of month: 1 to 31/],
        ["0 0 32 * *", /day of month/],
        ["0 0 * 13 *", /month: 1 to 12/],
        ["0 0 * JAN *", /"JAN" as month: write a number/],
        ["0 0 * * 8", /day of week: 0 to 7/],
        ["0 0 * * MON", /day of week/],
        ["0 5-1 * * *", /"5-1" as hour/],
        ["*/0 * * * *", /step from 1/],
        ["5/10 * * * *", /"5\/10" as minute/],
        ["1,,2 * * * *", /"" as minute/],
        ["-1 * * * *", /"-1" as minute/],
        ["0 0 L * *", /"L" as day of month/],
        ["0 0 1 * 1", /both day of month and day of week/],
        ["0 0 30 2 *", /would not run/],
        ["0 0 29 2 *", /would not run/],
        ["0 0 31 4,6,9,11 *", /would not run/],
    ];
    for (const [text, expected] of bad)
        it(`refuse ${JSON.stringify(text)}`, () => {
            assert.match(checkCron(text) ?? "accepted", expected);
        });

    it("take any numbers in range", () => {
        const field = (least: number, greatest: number): fc.Arbitrary<string> =>
            fc.oneof(
                fc.constant("*"),
                fc.integer({ min: least, max: greatest }).map(String),
                fc
                    .tuple(
                        fc.integer({ min: least, max: greatest }),
                        fc.integer({ min: least, max: greatest }),
                    )
                    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
                fc.integer({ min: 1, max: 30 }).map((step) => `*/${step}`),
            );
        fc.assert(
            fc.property(
                field(0, 59),
                field(0, 23),
                field(1, 28),
                field(1, 12),
                field(0, 7),
                (m, h, d, n, w) => {
                    assert.equal(checkCron(`${m} ${h} ${d} ${n} *`), undefined);
                    assert.equal(checkCron(`${m} ${h} * ${n} ${w}`), undefined);
                },
            ),
        );
    });

    it("read any text without an error of their own", () => {
        fc.assert(fc.property(fc.string(), (text) => checkCron(text) !== ""));
    });
});

describe("time zones", () => {
    for (const good of [
        "UTC",
        "Europe/Berlin",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+5",
        "Asia/Calcutta",
    ])
        it(`take ${good}`, () => {
            assert.equal(checkTimezone(good), undefined);
        });
    for (const [text, expected] of [
        ["utc", /is written UTC/],
        ["europe/berlin", /is written Europe\/Berlin/],
        ["Europe/Berln", /did you mean Europe\/Berlin/],
        ["+01:00", /time zone/],
        ["", /time zone/],
        ["../etc/passwd", /time zone/],
    ] as const)
        it(`refuse ${JSON.stringify(text)}`, () => {
            assert.match(checkTimezone(text) ?? "accepted", expected);
        });
});
