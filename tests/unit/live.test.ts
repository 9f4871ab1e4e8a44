import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { spanOf, spanText } from "../../components/schedule/calendar";
import { askRepository, expiring, type LiveBackup } from "../../components/review/live";
import { readInfo } from "../../components/protection/info";

const DAY = 86_400;
const NOW = new Date("2026-11-24T00:00:00Z");
/** `F`, `D` and `I` a day each, the last one a day old; each builds on the last full one, an incr one also on the last diff. */
function history(types: string): LiveBackup[] {
    let full = "";
    let diff = "";
    return types.split("").map((letter, index) => {
        const stop = NOW.getTime() / 1000 - (types.length - index) * DAY;
        const label = `${index}${letter}`;
        const needs = letter === "F" ? [] : letter === "D" || diff === "" ? [full] : [full, diff];
        if (letter === "F") [full, diff] = [label, ""];
        if (letter === "D") diff = label;
        const type = letter === "F" ? "full" : letter === "D" ? "diff" : "incr";
        return { label, type, needs, repository: 1, start: stop - 60, stop, added: 0, size: 0 };
    });
}
const keep = (full: number, diff = 0, fullType: "count" | "time" = "count") =>
    ({ full, fullType, diff, archive: 0, archiveType: "full" }) as const;

describe("what expires", () => {
    for (const [types, retention, gone] of [
        ["FDDFDD", keep(2), ""],
        ["FDDFDD", keep(1), "0F 1D 2D"],
        ["FDIFDI", keep(1), "0F 1D 2I"],
        ["FDIDIFD", keep(2, 2), "1D 2I 3D 4I"],
        ["FDDFDD", keep(2, 4), "1D"],
        ["FFFF", keep(2, 0, "time"), "0F"],
        ["FFFF", keep(30, 0, "time"), ""],
        ["FF", keep(0), ""],
        ["", keep(1), ""],
    ] as const)
        it(`of ${types} with ${JSON.stringify(retention)} is ${gone === "" ? "nothing" : gone}`, () => {
            assert.equal(
                expiring(history(types), retention, NOW)
                    .map(({ label }) => label)
                    .join(" "),
                gone,
            );
        });
});

describe("asking the repository", () => {
    it("reads the stanza's backups, oldest first", () => {
        const backup = (label: string, stop: number) => ({
            label,
            type: "diff",
            reference: ["20261101-013000F"],
            database: { id: 1, "repo-key": 2 },
            timestamp: { start: stop - 5, stop },
        });
        const json = JSON.stringify([
            { name: "main", backup: [backup("b", 200), backup("a", 100)] },
            { name: "other", backup: [backup("c", 1)] },
        ]);
        const found = readInfo(json, "main")?.backups ?? [];
        assert.deepEqual(
            found.map(({ label, repository, needs }) => [label, repository, needs]),
            [
                ["a", 2, ["20261101-013000F"]],
                ["b", 2, ["20261101-013000F"]],
            ],
        );
        assert.equal(readInfo("Error: no such container", "main"), undefined);
        assert.equal(readInfo('{"a": 1}', "main"), undefined);
    });

    it("never fails a preview", () => {
        const nowhere = {
            name: "no-such-container-of-ours",
            dockerHost: "unix:///nonexistent/docker.sock",
            stanza: "main",
            repositories: [{ number: 1 }],
        };
        assert.equal(askRepository(nowhere), undefined);
    });
});

describe("the time between runs", () => {
    for (const [schedules, intervals, expected] of [
        [["30 1 * * 0"], 1, "7 days"],
        [["30 1 * * 0"], 7, "49 days"],
        [["30 1 * * 7"], 7, "49 days"],
        [["0 0 1 * *"], 1, "28 to 31 days"],
        [["0 0 1 1 *"], 3, "1095 to 1096 days"],
        [["30 1 * * 0", "30 1 * * 1-6"], 1, "24 hours"],
        [["0 */6 * * *"], 1, "6 hours"],
        [["0 1,3 * * *"], 1, "2 to 22 hours"],
        [["30 1 * * 0"], 100_000, "700000 days"],
        [["30 1 * * 0"], 0, "0 hours"],
    ] as const)
        it(`of ${intervals} intervals of ${schedules.join(" and ")} is ${expected}`, () => {
            assert.equal(spanText(spanOf(schedules, intervals, "UTC")), expected);
        });
});
