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
    ["what is paused, to a point", PAUSED, { pause: true, at: "before-it" }, /is earlier, or may be/],
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
            const step = nextStep(known, wanted, target);
            if (typeof expected === "string") assert.equal(step, expected);
            else assert.match(typeof step === "object" ? step.refused : step, expected);
        });

    it("is read from what was written, and from nothing else", () => {
        assert.deepEqual(readRecord(JSON.stringify(RECORD)), RECORD);
        for (const text of ["", "{", "[]", '{"phase":"done"}']) assert.equal(readRecord(text), undefined);
    });
});
