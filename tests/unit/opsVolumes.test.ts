import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    type DataVolume,
    isDataVolume,
    ownRecord,
    readLooks,
    restoreEvents,
    stateVolumes,
} from "../../toolchain/operations/dataVolumes";
import { named, reasonToKeep, volumesOf } from "../../toolchain/operations/volumes";

const RESTORE = {
    ...{ wish: { name: "monday", at: "2026-11-23 06:00:00+00" }, phase: "done", backup: "20261122-013000F" },
    ...{ began: 100, ended: 160 },
};
const one = (name: string, changes: Partial<DataVolume> = {}): DataVolume => ({
    ...{
        name,
        urn: `urn:${name}`,
        isProtected: false,
        isActive: false,
        users: [],
        bytes: 2048,
        restore: undefined,
    },
    ...changes,
});
const ACTIVE = one("shop-postgres-data-monday", {
    isActive: true,
    users: ["shop-postgres"],
    restore: RESTORE,
});
const OLD = one("shop-postgres-data");
const PAUSED = one("shop-postgres-data-look", { users: ["shop-postgres-look"] });
const LOST = one("shop-postgres-data-lost", { urn: undefined, bytes: undefined });
const ALL = [ACTIVE, OLD, PAUSED, LOST];

describe("ops volumes", () => {
    it("says which is in use, and where each comes from", () => {
        const answer = volumesOf(ALL);
        assert.equal(answer.status, 0);
        assert.deepEqual(answer.lines, [
            "the database is in shop-postgres-data-monday",
            {
                head: ["volume", "size", "use", "made by"],
                rows: [
                    [
                        ACTIVE.name,
                        "2.0KiB",
                        "the database",
                        "restore monday to 2026-11-23 06:00:00+00 (done)",
                    ],
                    [OLD.name, "2.0KiB", "none", ""],
                    [PAUSED.name, "2.0KiB", "mounted by shop-postgres-look", ""],
                    [LOST.name, "not there", "none, and not in the state", ""],
                ],
            },
        ]);
    });

    it("is 1 where the database's is not there", () => {
        assert.equal(volumesOf([one("x", { isActive: true, bytes: undefined })]).status, 1);
    });

    for (const [word, found, reason] of [
        ["shop-postgres-data", OLD, undefined],
        ["lost", LOST, undefined],
        ["monday", ACTIVE, "shop-postgres-data-monday is the volume of the database"],
        [
            "shop-postgres-data-look",
            PAUSED,
            "shop-postgres-data-look is in use: shop-postgres-look has it mounted",
        ],
        [
            "postgres-data",
            undefined,
            `there is no data volume postgres-data; there are: ${ALL.map(({ name }) => name).join(", ")}`,
        ],
    ] as const)
        it(`${reason === undefined ? "may drop" : "keeps"} ${word}`, () => {
            const volume = named(word, "shop", ALL);
            assert.equal(volume, found);
            assert.equal(reasonToKeep(word, volume, ALL), reason);
        });

    for (const [name, isOne] of [
        ["shop-postgres-data", true],
        ["shop-postgres-data-monday", true],
        ["shop-postgres-database", false],
        ["shop-pgbackrest-repo", false],
        ["shop2-postgres-data", false],
    ] as const)
        it(`${isOne ? "takes" : "does not take"} ${name} for one of the stack shop`, () => {
            assert.equal(isDataVolume(name, "shop"), isOne);
        });

    it("reads the volumes of a state, without those that are going", () => {
        const volume = { urn: "urn:a", type: "docker:index/volume:Volume", outputs: { name: "a" } };
        const resources = [
            volume,
            { ...volume, urn: "urn:b", outputs: { name: "b" }, protect: true },
            { ...volume, urn: "urn:c", outputs: { name: "c" }, delete: true },
            { urn: "urn:d", type: "docker:index/container:Container", outputs: { name: "d" } },
            { urn: "urn:e", type: "pulumi:pulumi:Stack" },
        ];
        assert.deepEqual(stateVolumes(JSON.stringify({ version: 3, deployment: { resources } })), [
            { name: "a", urn: "urn:a", isProtected: false },
            { name: "b", urn: "urn:b", isProtected: true },
        ]);
        assert.deepEqual(stateVolumes("no json"), []);
    });

    it("takes the record of an earlier restore, which came with the backup, for nothing", () => {
        assert.equal(ownRecord(RESTORE, "shop-postgres-data-monday"), RESTORE);
        assert.equal(ownRecord(RESTORE, "shop-postgres-data-tuesday"), undefined);
        assert.equal(ownRecord(undefined, "shop-postgres-data"), undefined);
    });

    for (const [phase, recovery, isAtWork, now] of [
        ["following", "/volumes/x/recovery.signal", false, "following"],
        ["following", "", false, "done"],
        ["done", "", false, "done"],
        ["paused", "", false, "paused"],
        ["replaying", "/volumes/x/recovery.signal", true, "replaying"],
        ["replaying", "/volumes/x/recovery.signal", false, "unfinished"],
        ["restored", "", false, "unfinished"],
    ] as const)
        it(`says ${now} of one that noted ${phase}, ${recovery === "" ? "recovers no more" : "recovers"} and is ${isAtWork ? "" : "not "}at work`, () => {
            const restore = JSON.stringify({ ...RESTORE, phase });
            const line = JSON.stringify({ name: "x", bytes: "2048", restore, recovery });
            const look = readLooks(`a warning\n${line}\n`, isAtWork).get("x");
            assert.deepEqual(look, { bytes: 2048, restore: { ...RESTORE, phase: now } });
        });

    it("tells history of restores", () => {
        assert.deepEqual(restoreEvents(ALL), [
            {
                ...{ at: 100, what: "restore", ended: "well", seconds: 60 },
                detail: "monday to 2026-11-23 06:00:00+00 from 20261122-013000F in shop-postgres-data-monday: done",
            },
        ]);
    });
});
