import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { checkOptions } from "../../components/pgbackrest/additions";
import { lifetimeOf } from "../../components/repository/retention";
import { checkLock, noncurrentDays } from "../../components/repository/s3/lifetime";
import { bucketName, readerName } from "../../components/repository/s3/names";
import { spanOf } from "../../components/schedule/calendar";

function kept(options: Record<string, string | number>, full: string): number | undefined {
    return lifetimeOf(checkOptions({ global: options }, "main").added, 1, { full, timezone: "UTC" })?.days;
}

describe("time between full backups", () => {
    for (const [cron, days] of [
        ["30 1 * * 0", 7],
        ["30 1 * * 7", 7],
        ["30 1 * * 0,3", 3],
        ["0 0 * * *", 1],
        ["0 */6 * * *", 0.25],
        ["0 1,2 * * *", 1 / 24],
        ["0 0 1 * *", 28],
        ["0 0 31 * *", 31],
        ["0 0 1 1 *", 365],
        ["*/15 * * * *", 1 / 96],
    ] as const)
        it(`of ${cron} is ${days} days at least`, () => {
            const { least } = spanOf([cron], 1, "UTC");
            assert.ok(Math.abs(least - days) < 1e-9, String(least));
        });
});

describe("how long backups are kept", () => {
    it("follows from their number and their schedule", () => {
        assert.equal(kept({ "repo1-retention-full": 8 }, "30 1 * * 0"), 56);
        assert.equal(kept({ "repo1-retention-full": 2 }, "0 */6 * * *"), 0);
    });
    it("is a number of days with retention by time", () => {
        assert.equal(
            kept({ "repo1-retention-full": 14, "repo1-retention-full-type": "time" }, "0 0 * * *"),
            14,
        );
    });
    it("is for ever without retention", () => {
        assert.equal(kept({}, "0 0 * * *"), undefined);
    });
});

describe("a lock", () => {
    const eightWeeks = { days: 56, why: "8 of 7 days" };
    it("may be as long as backups are kept", () => {
        assert.equal(checkLock(56, "governance", eightWeeks), undefined);
        assert.equal(checkLock(3650, "compliance", undefined), undefined);
    });
    it("is refused when it is longer, with the reason and the longest that can be", () => {
        assert.match(
            checkLock(57, "governance", eightWeeks) ?? "",
            /^57 is longer .*56 days: 8 of 7 days.* At most 56/,
        );
        assert.match(checkLock(57, "compliance", eightWeeks) ?? "", /not even the account's owner/);
    });
});

describe("deleted versions", () => {
    it("stay as long as is said, else a month, but never longer than backups are kept", () => {
        assert.equal(noncurrentDays(90, undefined), 90);
        assert.equal(noncurrentDays(undefined, undefined), 30);
        assert.equal(noncurrentDays(undefined, { days: 56, why: "" }), 30);
        assert.equal(noncurrentDays(undefined, { days: 10, why: "" }), 10);
        assert.equal(noncurrentDays(undefined, { days: 0, why: "" }), 1);
    });
});

describe("the name of a bucket", () => {
    it("is readable, and ends with what makes it unique", () => {
        assert.equal(
            bucketName("salespider", "prod", "offsite", "0a1b2c3d"),
            "salespider-prod-offsite-0a1b2c3d",
        );
    });
    it("is always one that Amazon takes", () => {
        const name = bucketName("a_b.c".repeat(8), "Stack_1", "offsite", "0a1b2c3d");
        assert.match(name, /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
    });
    it("is in the name of each reader's user, which IAM takes", () => {
        assert.equal(
            readerName("salespider-prod-offsite-0a1b2c3d", "drills"),
            "salespider-prod-offsite-reader-drills-0a1b2c3d",
        );
        const longest = bucketName("a".repeat(80), "prod", "offsite", "0a1b2c3d");
        const name = readerName(longest, "r".repeat(20));
        assert.match(name, /^a+-reader-r{20}-0a1b2c3d$/);
        assert.equal(name.length, 64);
    });
});
