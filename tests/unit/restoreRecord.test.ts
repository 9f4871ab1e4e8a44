import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { nextStep, readRecord, type RestoreRecord } from "../../components/restore/record";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";

const WISH: Wish = {
    name: "friday",
    at: "2026-11-27 06:00Z",
    inclusive: true,
    pause: false,
    acceptDamage: false,
};
const RECORD: RestoreRecord = {
    ...{ wish: WISH, phase: "done", repository: "local", backup: "20261127-013000F", timeline: 1 },
    ...{ lsn: "100", lastCommit: "2026-11-27 05:59:58.123456+00", atEnd: false },
    ...{ bytes: 0, restoreSeconds: 0, segments: 0, replaySeconds: 0, began: 0 },
};

const PAUSED: Partial<RestoreRecord> = { phase: "paused", wish: { ...WISH, pause: true } };

const POINTS = (
    [
        ["before-it", 0x63n],
        ["here", 0x64n],
        ["later", 0x65n],
        ["twice", 0x10n],
        ["twice", 0x70n],
        ["often", 0x65n],
        ["often", 0x66n],
    ] as const
).map(([name, lsn]) => ({ name, lsn, time: 3.5, timeline: 1 }));

const STEPS: readonly (readonly [
    title: string,
    record: Partial<RestoreRecord> | undefined,
    wish: Partial<Wish>,
    step: string | RegExp,
])[] = [
    ["an empty volume", undefined, {}, "restore"],
    ["the record of another restore, from the backup", { wish: { ...WISH, name: "monday" } }, {}, "restore"],
    ["what is done", {}, {}, "nothing"],
    ["what follows the running database", { phase: "following" }, {}, "nothing"],
    ["what is done and wanted otherwise", {}, { at: "latest" }, /^restore friday is done.* another name$/],
    ["what is restored only", { phase: "restored" }, {}, "replay"],
    ["what was interrupted", { phase: "replaying" }, {}, "replay"],
    ["what was interrupted and is wanted otherwise", { phase: "replaying" }, { at: "0/10" }, "restore"],
    ["what is paused", PAUSED, { pause: true }, "nothing"],
    ["what is paused, to be promoted", PAUSED, {}, "replay"],
    ["what is paused, to a later time", PAUSED, { pause: true, at: "2026-11-27 06:01Z" }, "replay"],
    [
        "what is paused, to an earlier time",
        PAUSED,
        { pause: true, at: "2026-11-27 05:00Z" },
        /^restore friday is paused/,
    ],
    ["what is paused, to a later position", PAUSED, { pause: true, at: "0/64" }, "replay"],
    [
        "what is paused, to an earlier position",
        PAUSED,
        { pause: true, at: "0/63" },
        /new restore with another name/,
    ],
    ["what is paused, to a later point", PAUSED, { pause: true, at: "later" }, "replay"],
    ["what is paused, to a point of which the name was there before", PAUSED, { at: "twice" }, "replay"],
    [
        "what is paused, to an earlier point",
        PAUSED,
        { pause: true, at: "before-it" },
        /The restore point before-it is earlier, at 0\/63 \(1970-01-01 00:00:03\+00\), and needs/,
    ],
    [
        "what is paused, to one of several later points",
        PAUSED,
        { pause: true, at: "often" },
        /There are 2 later restore points often: say which position, one of 0\/65 .*, 0\/66 /,
    ],
    [
        "what is paused, to a point that nobody knows",
        PAUSED,
        { pause: true, at: "unknown" },
        /Nobody knows of a restore point unknown in the history of timeline 1, so it may be earlier/,
    ],
    ["what is paused, to the end", PAUSED, { pause: true, at: "latest" }, "replay"],
    [
        "what is paused, along another timeline",
        PAUSED,
        { timeline: 2 },
        /Another way to it needs another name/,
    ],
];

describe("what a restore does next", () => {
    for (const [title, record, wish, expected] of STEPS)
        it(`with ${title}`, () => {
            const wanted = { ...WISH, ...wish };
            const target = readTarget(wanted.at, 0);
            assert.ok(typeof target === "object");
            const known = record === undefined ? undefined : { ...RECORD, ...record };
            const step = nextStep(known, wanted, target, POINTS);
            if (typeof expected === "string") assert.equal(step, expected);
            else assert.match(typeof step === "object" ? step.refused : step, expected);
        });

    it("is read from what was written, and from nothing else", () => {
        assert.deepEqual(readRecord(JSON.stringify(RECORD)), RECORD);
        for (const text of ["", "{", "[]", '{"phase":"done"}']) assert.equal(readRecord(text), undefined);
    });
});
