import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { allEvents, logEvents, moveEvents } from "../../toolchain/operations/events";
import { historyOf } from "../../toolchain/operations/history";
import { reportOf } from "../support/infoJson";
import { NOW } from "../support/repositoryMemory";

// Standard output and standard error of the container do not come in order.
const LOG = `2026-11-27 06:00:05 backup: ERROR: diff backup failed: [049]: timeout - trying again in 60 s
2026-11-27 05:00:00 backup: started
2026-11-27 05:00:01 backup: full backup: running
2026-11-27 05:00:01.100 P00   INFO: backup command begin 2.60.0: --stanza=main
2026-11-27 05:00:09.100 P00   INFO: new backup label = 20261127-050001F
2026-11-27 05:00:10.200 P00   INFO: backup command end: completed successfully (9100ms)
2026-11-27 05:00:11 backup: idle, next (UTC): full 2026-11-29 01:30
2026-11-27 06:00:00.100 P00   INFO: backup command begin 2.60.0: --stanza=main
2026-11-27 06:00:02.100 P01   INFO: backup command begin is no line of the main process
2026-11-27 06:00:04.100 P00  ERROR: [049]: timeout
2026-11-27 06:00:05.000 P00   INFO: backup command end: aborted with exception [049]
2026-11-27 07:00:00.100 P00   INFO: verify command begin 2.60.0: --stanza=main
2026-11-27 07:00:01.100 P00   INFO: verify command end: terminated on signal [SIGTERM]
  no line with a time`;
const AT = { five: NOW - 3600, six: NOW, seven: NOW + 3600 };

describe("ops history", () => {
    it("reads the log of the service: what ran, when, how long, and how it ended", () => {
        assert.deepEqual(
            logEvents(LOG).map(({ at, what, ended, seconds, detail }) => [at, what, ended, seconds, detail]),
            [
                [AT.five, "service", undefined, undefined, "started"],
                [AT.five + 1, "backup", "well", 9, "20261127-050001F"],
                [AT.six, "backup", "failed", 5, "[049]"],
                [
                    AT.six + 5,
                    "service",
                    "failed",
                    undefined,
                    "diff backup failed: [049]: timeout - trying again in 60 s",
                ],
                [AT.seven, "verify", "failed", 1, "terminated on signal [SIGTERM]"],
            ],
        );
    });

    it("knows an end whose begin the log no longer has", () => {
        const [event, ...others] = logEvents(
            "2026-11-27 06:00:00.1 P00   INFO: expire command end: completed successfully (9ms)",
        );
        assert.deepEqual(others, []);
        assert.deepEqual([event?.at, event?.what, event?.seconds], [NOW, "expire", 0]);
    });

    it("has each backup once, those by hand and restore points too, in their order", () => {
        const { backups } = reportOf([
            { label: "20261127-050001F", stop: AT.five + 10 },
            { label: "20261127-050001F_20261127-053000D", stop: AT.five + 1800 },
        ]);
        const point = { name: "a", time: AT.six + 1.5, lsn: 0x60n, timeline: 1 };
        const restore = {
            at: AT.seven + 9,
            what: "restore",
            ended: undefined,
            seconds: undefined,
            detail: "b",
        };
        const moves = moveEvents([{ volume: "data-b", at: AT.seven + 30, seconds: 3.4 }]);
        assert.deepEqual(
            allEvents(logEvents(LOG), backups, [point], [restore, ...moves]).map(
                ({ what, detail }) => `${what} ${detail}`,
            ),
            [
                "service started",
                "backup 20261127-050001F",
                "backup 20261127-050001F_20261127-053000D",
                "backup [049]",
                "restore point a at 0/60 of timeline 1",
                "service diff backup failed: [049]: timeout - trying again in 60 s",
                "verify terminated on signal [SIGTERM]",
                "restore b",
                "move PostgreSQL to the data in data-b; the database was away so long",
            ],
        );
    });

    for (const [error, status, first] of [
        ["", 0, /^nothing has failed that is not over$/],
        ["diff backup failed: [049]", 1, /^not over: diff backup failed/],
        [undefined, 2, /^CANNOT TELL/],
    ] as const)
        it(`is ${status} with the last error "${error}"`, () => {
            const answer = historyOf(logEvents(LOG), error);
            const [line, table] = answer.lines;
            assert.equal(answer.status, status);
            assert.match(typeof line === "string" ? line : "", first);
            assert.ok(typeof table === "object");
            assert.deepEqual(table.rows[1], [
                "2026-11-27 05:00:01",
                "backup",
                "well",
                "9 s",
                "20261127-050001F",
            ]);
        });
});
