import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { builtImage, once, PATIENCE } from "../support/containers";

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
    // The hour that the change to summer time leaves out has no run that day; the one that its end repeats has one.
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-30T00:30Z"],
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z"],
    // Missed years ago: still found, so it is caught up.
    ["0 0 * * *", "UTC", "2020-02-28T12:00Z", "2020-02-29T00:00Z"],
];

describe("schedules", function () {
    this.timeout(PATIENCE);
    let answers: string[];

    before(async () => {
        const script = RUNS.map(
            ([fields, zone, from]) =>
                `printf 'full ${fields}\\ntimezone ${zone}\\n' >/tmp/s; date -u -d "@$(next_run /tmp/s full "$(date -d ${from} +%s)")" +%FT%RZ`,
        ).join("\n");
        const input = `. /usr/local/lib/pgbackrest/schedule.sh\nset -f\n${script}\n`;
        const { output } = await once(await builtImage(), ["bash", "-eu"], [], input);
        answers = output.trim().split("\n");
    });

    RUNS.forEach(([fields, zone, from, next], index) => {
        it(`${fields} (${zone}) after ${from} is ${next}`, () => {
            assert.equal(answers[index], next);
        });
    });
});
