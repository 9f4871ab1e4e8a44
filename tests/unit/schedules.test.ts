import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { spanOf } from "../../components/schedule/calendar";
import { checkCron, checkTimezone } from "../../components/schedule/cron";
import { readSchedules } from "../../components/schedule/file";
import { nextRun, nextRuns } from "../../components/schedule/runs";
import zones from "../../components/schedule/zones.json";

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

/** Cron fields, a time zone, a moment, and the first run after it. */
const RUNS: readonly (readonly [string, string, string, string])[] = [
    ["30 1 * * 0", "UTC", "2026-11-24T12:00Z", "2026-11-29T01:30Z"],
    ["30 1 * * 7", "UTC", "2026-11-29T01:30Z", "2026-12-06T01:30Z"],
    ["30 1 * * 1-6", "UTC", "2026-11-28T02:00Z", "2026-11-30T01:30Z"],
    ["*/15 * * * *", "UTC", "2026-11-24T12:00Z", "2026-11-24T12:15Z"],
    ["5-59/20 */6 * * *", "UTC", "2026-11-24T12:46Z", "2026-11-24T18:05Z"],
    ["0 0 1,15 * *", "UTC", "2026-11-24T12:00Z", "2026-12-01T00:00Z"],
    ["0 0 31 1-12/2 *", "UTC", "2026-11-24T12:00Z", "2027-01-31T00:00Z"],
    ["08 09 * * *", "UTC", "2026-11-24T12:00Z", "2026-11-25T09:08Z"],
    ["0 12 * * *", "Europe/Berlin", "2026-07-01T11:00Z", "2026-07-02T10:00Z"],
    ["0 12 * * *", "Asia/Kolkata", "2026-11-24T12:00Z", "2026-11-25T06:30Z"],
    // What falls into the hour that the change to summer time leaves out runs when that begins; what its end repeats runs once.
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z"],
    ["30 2 * * *", "Europe/Berlin", "2026-03-29T01:00Z", "2026-03-30T00:30Z"],
    ["30 2 * * 0", "Europe/Berlin", "2026-03-22T12:00Z", "2026-03-29T01:00Z"],
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z"],
    ["30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26T01:30Z"],
    ["30 2 * * 0", "Europe/Berlin", "2026-10-25T01:00Z", "2026-11-01T01:30Z"],
    ["30 2,4 * * 0", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T03:30Z"],
    ["*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26T01:00Z"],
    ["*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T01:00Z"],
    // Half an hour, and midnight.
    ["30 1,3 * * 0", "Australia/Lord_Howe", "2026-04-04T14:30Z", "2026-04-04T17:00Z"],
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-03T15:30Z"],
    ["30 23 * * *", "America/Nuuk", "2026-03-28T12:00Z", "2026-03-29T01:00Z"],
    ["30 23 * * 6", "America/Nuuk", "2026-03-28T12:00Z", "2026-03-29T01:00Z"],
    ["30 23 * * 6", "America/Nuuk", "2026-03-29T01:00Z", "2026-04-05T00:30Z"],
    ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", "2018-11-04T03:00Z"],
    // Missed years ago: still found, so it is caught up.
    ["0 0 * * *", "UTC", "2020-02-28T12:00Z", "2020-02-29T00:00Z"],
];

const ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
];
const DAY = 86_400;

describe("runs", () => {
    for (const [fields, zone, from, next] of RUNS)
        it(`${fields} (${zone}) after ${from} is ${next}`, () => {
            assert.equal(nextRun(fields, zone, Date.parse(from) / 1000), Date.parse(next) / 1000);
        });

    it("come once each, whatever moment they are asked for at, in any zone", () => {
        fc.assert(
            fc.property(
                fc.constantFrom(...ZONES),
                fc.integer({ min: 0, max: 59 }),
                fc.integer({ min: 0, max: 23 }),
                fc.constantFrom("*", "0", "1-5", "6,7"),
                fc.integer({ min: 0, max: 2 * 365 * DAY }),
                fc.integer({ min: 0, max: DAY }),
                (zone, minute, hour, weekday, offset, between) => {
                    const fields = `${minute} ${hour} * * ${weekday}`;
                    const start = Date.UTC(2026, 0, 1) / 1000 + offset;
                    const [first = 0, second = 0] = nextRuns([fields], zone, start, 2);
                    const moment = Math.min(first + between, second - 1);
                    assert.equal(nextRun(fields, zone, moment), second);
                    const local = (time: number) =>
                        new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(
                            time * 1000,
                        );
                    if (weekday === "*") assert.notEqual(local(first), local(second));
                    assert.ok(second - first > 22 * 3600);
                },
            ),
        );
    });

    it("come every day or week, at any time of the day, in every zone and year", () => {
        fc.assert(
            fc.property(
                fc.constantFrom(...zones),
                fc.integer({ min: 0, max: 59 }),
                fc.integer({ min: 0, max: 23 }),
                fc.constantFrom("*", 0, 3, 6),
                fc.integer({ min: 2026, max: 2037 }),
                (zone, minute, hour, weekday, year) => {
                    const fields = `${minute} ${hour} * * ${weekday}`;
                    const begin = Date.UTC(year, 0, 1) / 1000;
                    const usual = weekday === "*" ? 1 : 7;
                    const times = nextRuns([fields], zone, begin, Math.floor(366 / usual));
                    for (const [index, time] of times.entries()) {
                        const apart = (times[index + 1] ?? time + usual * DAY) - time;
                        assert.ok(
                            Math.abs(apart - usual * DAY) <= 2 * 3600,
                            `${fields} (${zone}) at ${time}: ${apart} s`,
                        );
                    }
                },
            ),
            { numRuns: 150 },
        );
    });

    it("lie as far apart as a preview promises, in any zone", () => {
        const fields = (minute: number, hour: string, day: string, weekday: string) =>
            `${minute} ${hour} ${day} * ${weekday}`;
        fc.assert(
            fc.property(
                fc.constantFrom(...ZONES),
                fc.array(
                    fc.oneof(
                        fc
                            .tuple(
                                fc.integer({ min: 0, max: 59 }),
                                fc.constantFrom("2", "0", "1,3", "*/6", "23"),
                                fc.constantFrom("*", "0", "1-6", "2,5"),
                            )
                            .map(([minute, hour, weekday]) => fields(minute, hour, "*", weekday)),
                        fc
                            .tuple(fc.integer({ min: 0, max: 59 }), fc.constantFrom("1", "1,15", "28"))
                            .map(([minute, day]) => fields(minute, "2", day, "*")),
                    ),
                    { minLength: 1, maxLength: 1 },
                ),
                fc.integer({ min: 1, max: 60 }),
                fc.integer({ min: 0, max: 3 * 365 * DAY }),
                (zone, schedules, intervals, offset) => {
                    const { least, greatest } = spanOf(schedules, intervals, zone);
                    const times = nextRuns(
                        schedules,
                        zone,
                        Date.UTC(2026, 0, 1) / 1000 + offset,
                        intervals + 20,
                    );
                    // Days are days of the calendar.
                    const tolerance = 2.001 / 24;
                    for (const [index, start] of times.entries()) {
                        const end = times[index + intervals];
                        if (end === undefined) break;
                        const days = (end - start) / DAY;
                        assert.ok(
                            days >= least - tolerance && days <= greatest + tolerance,
                            `${days}: ${least} to ${greatest}`,
                        );
                    }
                },
            ),
            { numRuns: 60 },
        );
    });
});

describe("the published schedules", () => {
    it("are read with their zone", () => {
        const read = readSchedules(
            "# comment\nfull 30 1 * * 0\n\ndiff  30 1 * * 1-6\ntimezone Europe/Berlin",
        );
        assert.ok(typeof read === "object");
        assert.deepEqual(
            [...read.schedules],
            [
                ["full", "30 1 * * 0"],
                ["diff", "30 1 * * 1-6"],
            ],
        );
        assert.equal(read.timezone, "Europe/Berlin");
        // As it was published before there were drills.
        assert.ok(!("heartbeat" in read));
    });
    it("are read with drills and their heartbeat, whatever the order", () => {
        const read = readSchedules("heartbeat 300\ndrill 30 3 * * 3\ntimezone UTC\nfull 30 1 * * 0\n");
        assert.deepEqual(read, {
            schedules: new Map([
                ["full", "30 1 * * 0"],
                ["drill", "30 3 * * 3"],
            ]),
            ...{ timezone: "UTC", heartbeat: 300 },
        });
    });
    for (const [text, expected] of [
        ["full 61 * * * *", /^schedule of full: '61 \* \* \* \*' has "61" as minute: 0 to 59/],
        ["full 0 0 * * *\nfull 0 0 * * *", /full is there twice/],
        ["full 0 0 * * *\nhourly 0 * * * *", /'hourly' is no kind of run/],
        ["full 0 0 * * *\ntimezone Mars", /^timezone 'Mars' is no time zone/],
        ["full 0 0 * * *\ndrill 0 25 * * *", /^schedule of drill: '0 25 \* \* \*' has "25" as hour: 0 to 23/],
        ["full 0 0 * * *\nheartbeat 0", /^heartbeat '0' is no whole number of seconds/],
        ["full 0 0 * * *\nheartbeat 5 min", /^heartbeat '5 min' is no whole number/],
        ["drill 0 0 * * *", /no schedule for full backups/],
        ["diff 0 0 * * *", /no schedule for full backups/],
        ["", /no schedule for full backups/],
    ] as const)
        it(`are refused: ${JSON.stringify(text)}`, () => {
            const read = readSchedules(text);
            assert.match(typeof read === "string" ? read : "accepted", expected);
        });
});
