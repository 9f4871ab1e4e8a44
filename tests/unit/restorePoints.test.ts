import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { annotationOf, pointProblem, readPoints } from "../../components/restore/points";
import { infoJson } from "../support/infoJson";
import { NOW } from "../support/repositoryMemory";

const POINT = { name: "before-import.2", time: NOW + 0.25, lsn: 0x1a_0300_0060n, timeline: 11 };

/** As pgBackRest keeps it: what stands before the first equals sign, and behind it. */
function annotation(...points: readonly (typeof POINT)[]): Record<string, string> {
    return Object.fromEntries(
        points.map((point) => {
            const [key = "", ...rest] = annotationOf(point).split("=");
            return [key, rest.join("=")];
        }),
    );
}

describe("restore points in annotations", () => {
    it("are for people, too", () => {
        assert.equal(
            annotationOf(POINT),
            "restore-point.before-import.2=2026-11-27 06:00:00.250000+00 1A/3000060 11",
        );
    });

    it("are found as they were written, oldest first, and each once", () => {
        const name = fc
            .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/)
            .filter((text) => pointProblem(text) === undefined);
        const point = fc.record({
            name,
            time: fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => ms / 1000),
            lsn: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
            timeline: fc.integer({ min: 1, max: 2 ** 31 }),
        });
        fc.assert(
            fc.property(fc.uniqueArray(point, { selector: (one) => one.name }), (points) => {
                const backup = { label: "20261126-060000F", stop: NOW, annotation: annotation(...points) };
                const found = readPoints(
                    infoJson([backup, { ...backup, label: "20261127-060000F" }]),
                    "main",
                );
                const sorted = [...points].sort((a, b) => a.time - b.time);
                assert.deepEqual(
                    found.map((one) => ({ ...one, time: Math.round(one.time * 1000) })),
                    sorted.map((one) => ({ ...one, time: Math.round(one.time * 1000) })),
                );
            }),
        );
    });

    it("are not what others have noted", () => {
        const others = {
            source: "nightly",
            "restore-point.x": "soon",
            "restore-point.y": "2026-11-27 06:00:00+00 1A 1",
        };
        assert.deepEqual(
            readPoints(infoJson([{ label: "20261126-060000F", stop: NOW, annotation: others }]), "main"),
            [],
        );
        assert.deepEqual(readPoints("no json", "main"), []);
        assert.deepEqual(readPoints(infoJson([]), "other"), []);
    });

    for (const name of ["before-import", "v1.2_3", "7", "F", "a".repeat(63)])
        it(`may have the name ${name}`, () => {
            assert.equal(pointProblem(name), undefined);
        });
    for (const name of [
        "",
        "-x",
        "a b",
        "a=b",
        "0/3000060",
        "ü",
        "a".repeat(64),
        "latest",
        "immediate",
        "2h",
        "2026-11-27",
    ])
        it(`may not have the name "${name}"`, () => {
            assert.match(pointProblem(name) ?? "", /is no name of a restore point/);
        });
});
