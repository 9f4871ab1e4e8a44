import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { lsnText, readTarget, recoverySettings, timeText } from "../../components/restore/target";

/** 2026-11-27 12:00 UTC */
const NOW = Date.UTC(2026, 10, 27, 12) / 1000;

const UP_TO = { recovery_target_inclusive: "on" };

describe("the target of a restore", () => {
    for (const [text, settings] of [
        ["latest", {}],
        ["immediate", { recovery_target: "immediate" }],
        ["0/3000060", { recovery_target_lsn: "0/3000060", ...UP_TO }],
        ["1a/ff", { recovery_target_lsn: "1A/FF", ...UP_TO }],
        ["before the migration", { recovery_target_name: "before the migration" }],
        ["2026-11-27 06:00:00+00", { recovery_target_time: "2026-11-27 06:00:00+00", ...UP_TO }],
        ["2026-11-27T06:00Z", { recovery_target_time: "2026-11-27 06:00:00+00", ...UP_TO }],
        ["2026-11-27 06:00:00.25 UTC", { recovery_target_time: "2026-11-27 06:00:00.250000+00", ...UP_TO }],
        ["2026-11-27 00:30+01", { recovery_target_time: "2026-11-26 23:30:00+00", ...UP_TO }],
        ["2026-11-27 00:30-0330", { recovery_target_time: "2026-11-27 04:00:00+00", ...UP_TO }],
    ] as const)
        it(`is ${text}`, () => {
            const target = readTarget(text, NOW);
            assert.ok(typeof target === "object", typeof target === "string" ? target : "");
            assert.deepEqual(recoverySettings(target, true), settings);
        });

    for (const [text, problem] of [
        ["2h", /another moment each time.*such as 2026-11-27 10:00:00\+00$/],
        ["90 min", /such as 2026-11-27 10:30:00\+00$/],
        ["2026-11-27 06:00", /has no zone: write 2026-11-27 06:00\+00/],
        ["2026-02-30 06:00Z", /no time that there is/],
        ["2026-11-27 24:00Z", /no time that there is/],
        ["2026-11-27 06:60Z", /no time that there is/],
        ["2026-11-27", /is no time such as/],
        ["", /is not one of latest, immediate/],
        ["a\nb", /is not one of/],
        ["x".repeat(64), /more than 63 bytes/],
    ] as const)
        it(`is not ${JSON.stringify(text)}`, () => {
            const read = readTarget(text, NOW);
            assert.match(typeof read === "string" ? read : read.kind, problem);
        });

    it("is exclusive where that means something", () => {
        const of = (text: string) => {
            const target = readTarget(text, NOW);
            return typeof target === "string" ? target : recoverySettings(target, false);
        };
        assert.deepEqual(of("0/1"), { recovery_target_lsn: "0/1", recovery_target_inclusive: "off" });
        assert.deepEqual(of("latest"), {});
    });

    it("is read back as it is written, whatever the time and position", () => {
        fc.assert(
            fc.property(
                fc.record({ seconds: fc.integer({ min: 0, max: 4e9 }), microseconds: fc.nat(999_999) }),
                (at) => {
                    assert.deepEqual(readTarget(timeText(at), NOW), { kind: "time", at: { ...at } });
                },
            ),
        );
        fc.assert(
            fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => {
                assert.deepEqual(readTarget(lsnText(lsn), NOW), { kind: "lsn", lsn });
            }),
        );
    });
});
