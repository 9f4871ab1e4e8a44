import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { readArchive, segmentSizeOf } from "../../components/restore/archive";

const SIZE = 2 ** 24;
const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
const nameOf = (timeline: number, number: number) =>
    hex(timeline) + hex(Math.floor(number / 256)) + hex(number % 256);

/** As `repo-ls --recurse` has it. */
function listing(segments: readonly string[], more: Readonly<Record<string, unknown>> = {}): string {
    const files = segments.map((name, index) => [
        `${name.slice(0, 16)}/${name}-${"a".repeat(40)}.lz4`,
        { type: "file", time: index },
    ]);
    const directories = segments.map((name) => [name.slice(0, 16), { type: "path" }]);
    return JSON.stringify({
        ".": { type: "path" },
        ...Object.fromEntries([...directories, ...files]),
        ...more,
    });
}

describe("the archive of a repository", () => {
    it("has its newest segments, what is missing, across directories too, and its histories", () => {
        const there = [253, 254, 258].map((number) => nameOf(1, number));
        const archive = readArchive(
            listing([...there, nameOf(2, 3)], { "00000002.history": { type: "file" }, "notes.txt": {} }),
            SIZE,
        );
        assert.deepEqual(archive?.histories, ["00000002.history"]);
        assert.deepEqual(
            archive.ends,
            new Map([
                [1, { segment: nameOf(1, 258), time: 2 }],
                [2, { segment: nameOf(2, 3), time: 3 }],
            ]),
        );
        const missing = archive.gaps.map(({ first, last, count }) => [first, last, count]);
        assert.deepEqual(missing, [
            [nameOf(1, 255), nameOf(1, 255), 1],
            [nameOf(1, 256), nameOf(1, 257), 2],
        ]);
    });

    it("misses just what is not there, whatever that is", () => {
        fc.assert(
            fc.property(fc.uniqueArray(fc.nat(600), { minLength: 1 }), (numbers) => {
                const sorted = [...numbers].sort((a, b) => a - b);
                const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
                const archive = readArchive(listing(sorted.map((number) => nameOf(1, number))), SIZE);
                const count = archive?.gaps.reduce((sum, gap) => sum + gap.count, 0);
                assert.equal(count, last - first + 1 - sorted.length);
            }),
        );
    });

    it("is nothing where something else was printed", () => {
        assert.equal(readArchive("ERROR", SIZE), undefined);
        assert.deepEqual(readArchive("{}", SIZE), { histories: [], ends: new Map(), gaps: [] });
    });
});

describe("the size of a segment", () => {
    const backupAt = (start: bigint, size: number) => ({
        lsn: { start, stop: start },
        wal: {
            first: hex(1) + hex(Number(start >> 32n)) + hex(Math.floor(Number(start % 2n ** 32n) / size)),
            last: "",
        },
    });

    it("is known from any backup that is not at the very begin of a log file", () => {
        const size = fc.integer({ min: 20, max: 30 }).map((power) => 2 ** power);
        fc.assert(
            fc.property(size, fc.bigInt({ min: 0n, max: 2n ** 40n }), (of, start) => {
                fc.pre(start % 2n ** 32n >= 2n ** 30n);
                assert.equal(segmentSizeOf([backupAt(start, of)]), of);
            }),
        );
    });

    it("is the usual one where nothing tells another", () => {
        assert.equal(segmentSizeOf([]), SIZE);
        assert.equal(segmentSizeOf([{ lsn: undefined, wal: undefined }]), SIZE);
        assert.equal(segmentSizeOf([backupAt(0x28n, 2 ** 26)]), SIZE);
    });
});
