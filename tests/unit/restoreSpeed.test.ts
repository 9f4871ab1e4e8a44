import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { RestoreRecord } from "../../components/restore/record";
import { speedOf } from "../../components/restore/speed";
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

describe("the speed that a restore plan counts on", () => {
    const cases: readonly [
        what: string,
        given: Parameters<typeof speedOf>,
        speed:
            | readonly [from: string, bytesPerSecond: number, segmentsPerSecond: number | undefined]
            | undefined,
    ][] = [
        ["nothing before there was anything", [undefined, [], []], undefined],
        ["of a full backup", [undefined, [], BACKUPS], ["backup", 2 * MIB, undefined]],
        [
            "of a restore, with an older drill",
            [restore({ ended: NOW }), [drill()], BACKUPS],
            ["restore", 10 * MIB, 2],
        ],
        ["of a drill after a restore", [restore(), [drill()], BACKUPS], ["drill", 25.6 * MIB, 1.5]],
        [
            "of a drill where there was no restore",
            [undefined, [drill()], BACKUPS],
            ["drill", 25.6 * MIB, 1.5],
        ],
        [
            "of the newest drill that came to the end of its replay",
            [undefined, [drill({ restoreSeconds: 64 }), failedDrill()], BACKUPS],
            ["drill", 16 * MIB, 1.5],
        ],
        [
            "of a backup where no drill did, and a restore has noted nothing",
            [restore({ bytes: 0 }), [failedDrill()], BACKUPS],
            ["backup", 2 * MIB, undefined],
        ],
        [
            "of a drill that took no second and had nothing to replay",
            [undefined, [drill({ restoreSeconds: 0, segments: 0, replaySeconds: 0 })], []],
            ["drill", 1024 * MIB, undefined],
        ],
    ];
    for (const [what, given, speed] of cases)
        it(`is ${what}`, () => {
            const found = speedOf(...given);
            assert.deepEqual(
                found === undefined ? undefined : [found.from, found.bytesPerSecond, found.segmentsPerSecond],
                speed,
            );
        });
});
