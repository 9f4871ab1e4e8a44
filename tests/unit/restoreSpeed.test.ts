import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { RestoreRecord } from "../../components/restore/record";
import { secondsFor, speedOf } from "../../components/restore/speed";
import { drill, failedDrill } from "../support/drills";
import { DAY, fullBackup, NOW } from "../support/repositoryMemory";

const MIB = 2 ** 20;
const restore = (changes: Partial<RestoreRecord> = {}): RestoreRecord => ({
    wish: { name: "friday", at: "latest", inclusive: true, pause: false, acceptDamage: false },
    ...{ phase: "done", repository: "host", backup: "1F", timeline: 1, atEnd: false },
    ...{ bytes: 100 * MIB, restoreSeconds: 10, segments: 6, replaySeconds: 3 },
    ...{ began: NOW - 2 * DAY - 60, ended: NOW - 2 * DAY },
    ...changes,
});
const BACKUPS = [fullBackup("1", { start: NOW - 20, stop: NOW, size: 40 * MIB })];

/** What a restore of nothing counts. */
const EMPTY = 256 * MIB;

describe("the speed that a restore plan counts on", () => {
    const cases: readonly [
        what: string,
        given: readonly [Parameters<typeof speedOf>[0], Parameters<typeof speedOf>[1], typeof BACKUPS],
        speed: readonly [from: string, bytesPerSecond: number, segmentsPerSecond: number] | undefined,
    ][] = [
        ["nothing before there was anything", [undefined, [], []], undefined],
        [
            "of a full backup, and usual of WAL",
            [undefined, [], BACKUPS],
            ["backup", (40 * MIB + EMPTY) / 20, 5],
        ],
        [
            "of a restore, with an older drill",
            [restore({ ended: NOW }), [drill()], BACKUPS],
            ["restore", (100 * MIB + EMPTY) / 10, 16 / 3],
        ],
        [
            "of a drill after a restore",
            [restore(), [drill()], BACKUPS],
            ["drill", (1024 * MIB + EMPTY) / 40, 2.75],
        ],
        [
            "of a drill where there was no restore",
            [undefined, [drill()], BACKUPS],
            ["drill", (1024 * MIB + EMPTY) / 40, 2.75],
        ],
        [
            "of a drill, and faster with the CPUs that it had not: by half of that where the disk may count as much",
            [undefined, [drill({ cpus: 0.5 })], BACKUPS],
            ["drill", (2 * (1024 * MIB + EMPTY)) / 40, 2.75 * Math.SQRT2],
        ],
        [
            "of a drill with more CPUs",
            [undefined, [drill({ cpus: 4 })], BACKUPS],
            ["drill", (1024 * MIB + EMPTY) / 40, 2.75],
        ],
        [
            "of the newest drill that came to the end of its replay",
            [undefined, [drill({ restoreSeconds: 64 }), failedDrill()], BACKUPS],
            ["drill", 20 * MIB, 2.75],
        ],
        [
            "of a backup where no drill did, and a restore has noted nothing",
            [restore({ bytes: 0 }), [failedDrill()], BACKUPS],
            ["backup", (40 * MIB + EMPTY) / 20, 5],
        ],
        [
            "of a drill that took no time and had nothing to replay",
            [undefined, [drill({ restoreSeconds: 0, segments: 0, replaySeconds: 0 })], []],
            ["drill", 12_800 * MIB, 5],
        ],
    ];
    for (const [what, given, speed] of cases)
        it(`is ${what}`, () => {
            const found = speedOf(...given, "compress-type=none", 2);
            assert.deepEqual(
                found === undefined ? undefined : [found.from, found.bytesPerSecond, found.segmentsPerSecond],
                speed,
            );
        });

    const compressed: readonly [configuration: string, least: number, most: number, why: string][] = [
        ["compress-type=lz4\ncompress-level=3\nprocess-max=2", 4, 6, "it compressed most of the time"],
        ["compress-type=lz4\ncompress-level=1\nprocess-max=2", 17, 18, "it compressed little of the time"],
        ["compress-type=zst\ncompress-level=1\nprocess-max=2", 14, 16, "it compressed a part of the time"],
        ["", 4.9, 5.1, "gz is what pgBackRest has by itself"],
        ["compress-type=new", 20, 20, "nobody knows"],
    ];
    for (const [configuration, least, most, why] of compressed)
        it(`is that of the backup without its compression, with ${JSON.stringify(configuration)}: ${why}`, () => {
            const backup = fullBackup("1", { start: NOW - 20, stop: NOW, size: 3400 * 1e6 });
            const { bytesPerSecond } = speedOf(undefined, [], [backup], configuration, 2) ?? assert.fail();
            const seconds = (backup.size + EMPTY) / bytesPerSecond;
            assert.ok(seconds >= least && seconds <= most, String(seconds));
        });

    it("is that of the network where this is what a backup waits for", () => {
        const backup = fullBackup("1", { start: NOW - 1000, stop: NOW, size: 3400 * 1e6 });
        const speed =
            speedOf(undefined, [], [backup], "compress-type=lz4\ncompress-level=3", 2) ?? assert.fail();
        assert.ok((backup.size + EMPTY) / speed.bytesPerSecond > 900);
    });
});

describe("how long a restore takes", () => {
    const bytes = fc.integer({ min: 30 * MIB, max: 2 ** 44 });
    const segments = fc.integer({ min: 1, max: 50_000 });
    const seconds = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    const measured = fc.record({ bytes, segments, restoreSeconds: seconds, replaySeconds: seconds });

    it("is what the last one took, of the same", () => {
        fc.assert(
            fc.property(measured, (last) => {
                const speed = speedOf(restore(last), [], [], "", 2) ?? assert.fail();
                const found = secondsFor(speed, last.bytes, last.segments);
                assert.ok(
                    Math.abs(found.restore - 2 - last.restoreSeconds) < 1e-6 * last.restoreSeconds + 1e-9,
                );
                assert.ok(Math.abs(found.replay - last.replaySeconds) < 1e-6 * last.replaySeconds + 1e-9);
            }),
        );
    });

    it("grows with both, and never more than they do", () => {
        fc.assert(
            fc.property(measured, bytes, segments, (last, more, longer) => {
                const speed = speedOf(restore(last), [], [], "", 2) ?? assert.fail();
                const one = secondsFor(speed, last.bytes, last.segments);
                const other = secondsFor(speed, last.bytes + more, last.segments + longer);
                assert.ok(other.restore > one.restore && other.replay > one.replay);
                assert.ok(other.restore / one.restore <= (last.bytes + more) / last.bytes);
                assert.ok(other.replay / one.replay <= (last.segments + longer) / last.segments);
            }),
        );
    });
});
