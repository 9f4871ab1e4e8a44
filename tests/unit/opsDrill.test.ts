import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { timetableOf } from "../../components/schedule/file";
import { type Drills, drillsOfEach } from "../../toolchain/operations/atWork";
import { runAnswer, showAnswer } from "../../toolchain/operations/drill";
import { drillAnswer, drillEvents, drillLines, drillList } from "../../toolchain/operations/drillText";
import type { Answer } from "../../toolchain/operations/operation";
import { drill, failedDrill } from "../support/drills";
import { timetable } from "../support/fakeWorld";
import { DAY, NOW } from "../support/repositoryMemory";

const drills = (changes: Partial<Drills> = {}): Drills => ({
    ...{ isOn: true, ended: [], running: undefined },
    ...changes,
});
const RUNNING = { began: NOW - 60, by: "hand", phase: "restore", text: "restoring, 40 %" } as const;
const EARLIER = drill({ began: NOW - 2 * DAY, counts: { "app.public.orders": 1000, "app.public.old": 3 } });

function text({ lines }: Answer): string {
    return lines
        .map((line) => (typeof line === "string" ? line : line.rows.map((row) => row.join("|")).join("\n")))
        .join("\n");
}

describe("drills in ops status", () => {
    for (const [what, given, lines] of [
        ["off", drills({ isOn: false, ended: [drill()] }), ["drills are off"]],
        ["none yet", drills(), ["drill: none has ended yet"]],
        [
            "the first runs",
            drills({ running: RUNNING }),
            ["a drill runs: restoring, 40 %", "drill: none has ended yet"],
        ],
        [
            "passed",
            drills({ ended: [failedDrill(), drill()] }),
            ["drill: passed 24 h ago: back in 4 min, 40 s of data lost"],
        ],
        [
            "failed",
            drills({ ended: [drill(), failedDrill()] }),
            ["drill: FAILED 24 h ago: WAL is missing: 000000010000000000000007"],
        ],
        [
            "unverified",
            drills({ ended: [drill({ result: "unverified", why: "it was killed" })] }),
            ["drill: could not verify 24 h ago: it was killed"],
        ],
    ] as const)
        it(`are ${what}`, () => {
            assert.deepEqual(drillLines(given, NOW), lines);
        });
});

describe("drills in ops history", () => {
    it("have an end, how long it took, and what it showed", () => {
        assert.deepEqual(drillEvents({ ended: [drill(), failedDrill({ by: "hand", backup: undefined })] }), [
            {
                ...{ at: NOW - DAY, what: "drill", ended: "well", seconds: 300 },
                detail: "by schedule, 20261126-013000F, back in 4 min, 40 s of data lost",
            },
            {
                ...{ at: NOW - DAY, what: "drill", ended: "failed", seconds: 300 },
                detail: "by hand, WAL is missing: 000000010000000000000007",
            },
        ]);
    });
});

describe("ops drill list", () => {
    for (const [what, ended, status, first] of [
        ["the newest has passed", [failedDrill(), drill()], 0, /^the newest of 2 drills has passed\n/],
        ["the newest has failed", [drill(), failedDrill()], 1, /^the newest of 2 drills has NOT passed\n/],
        ["there is none", [], 2, /^no drill has ended yet\n/],
    ] as const)
        it(`is ${status} where ${what}`, () => {
            const answer = drillList(drills({ ended }), 30);
            assert.equal(answer.status, status);
            assert.match(text(answer), first);
        });

    it("has the last ones, with what was measured and what runs", () => {
        const answer = drillList(drills({ ended: [EARLIER, failedDrill(), drill()], running: RUNNING }), 2);
        assert.equal(
            text(answer),
            [
                "the newest of 3 drills has passed",
                "a drill runs since 2026-11-27 05:59:00 UTC: restoring, 40 %",
                "2026-11-26 06:00:00|schedule|FAILED|5 min|||20261126-013000F|WAL is missing: 000000010000000000000007",
                "2026-11-26 06:00:00|schedule|passed|5 min|4 min|40 s|20261126-013000F|",
            ].join("\n"),
        );
        assert.deepEqual(answer.data["drills"], [failedDrill(), drill()]);
    });
});

describe("ops drill show", () => {
    it("has all of a drill, and the rows of the one before it that has counted some", () => {
        const answer = showAnswer(drills({ ended: [EARLIER, failedDrill(), drill()] }), undefined);
        assert.equal(answer.status, 0);
        assert.equal(
            text(answer),
            [
                "the drill of 2026-11-26 06:00:00 UTC (by schedule) has passed after 5 min",
                "restored: 20261126-013000F of the repository host, timeline 1: 1.0GiB in 40 s, then 12 WAL segments in 8 s",
                "had the host been lost when it began: back in 4 min, 40 s of data lost",
                "restore|passed|40 s|1.0GiB",
                "amcheck|passed|9 s|",
                "app.public.old|not there|3",
                "app.public.orders|1200|1000",
                "not tested: page checksums: the cluster has none",
            ].join("\n"),
        );
    });

    it("says why one has not passed", () => {
        const answer = drillAnswer(failedDrill({ steps: [], notTested: [] }), EARLIER);
        assert.equal(answer.status, 1);
        assert.match(
            text(answer),
            /has FAILED after 5 min\nWAL is missing: 000000010000000000000007\nrestored: /,
        );
        assert.ok(!text(answer).includes("orders"));
    });

    for (const [began, found] of [
        ["2026-11-25", EARLIER.began],
        ["2026-11-25T06:00", EARLIER.began],
        ["2026-11-25 06:00:00", EARLIER.began],
        ["2026-11-24", undefined],
    ] as const)
        it(`finds ${began === "2026-11-24" ? "none" : "the one"} that began ${began}`, () => {
            const { status, data } = showAnswer(
                drills({ ended: [EARLIER, drill()], running: RUNNING }),
                began,
            );
            assert.equal(status, found === undefined ? 2 : 0);
            if (found !== undefined) assert.deepEqual(data["drill"], EARLIER);
        });

    it("tells of one that runs, also before any has ended", () => {
        const first = showAnswer(drills({ running: RUNNING }), undefined);
        assert.equal(first.status, 2);
        assert.match(text(first), /no drill has ended yet\na drill runs: restoring, 40 %$/);
        assert.match(
            text(showAnswer(drills({ running: RUNNING, ended: [drill()] }), undefined)),
            /\na drill runs: restoring, 40 %$/,
        );
    });
});

describe("ops drill run", () => {
    const before = drills({ ended: [EARLIER] });
    for (const [what, after, status] of [
        ["it has passed", drills({ ended: [EARLIER, drill()] }), 0],
        ["it has failed", drills({ ended: [EARLIER, failedDrill()] }), 1],
        ["it has left nothing", before, 2],
        ["there is nobody to ask", "the container cannot be asked", 2],
    ] as const)
        it(`is ${status} where ${what}`, () => {
            assert.equal(runAnswer({ all: "no room" }, before, after).status, status);
        });
});

describe("drills of several repositories", () => {
    const USUAL = timetable("full 0 0 * * 0\ndrill 0 4 * * *");
    const REPOSITORIES = ["local", "offsite"].map((name, index) => ({
        ...{ name, number: index + 1, place: name, timetable: USUAL },
    }));
    const never = timetableOf({ drill: "off" }, USUAL);
    assert.ok(typeof never === "object");
    const all = drillsOfEach(
        {
            ended: [
                drill({ repository: "local" }),
                failedDrill({ repository: "offsite" }),
                failedDrill({ repository: undefined }),
            ],
            running: { ...RUNNING, repository: "offsite" },
        },
        [...REPOSITORIES, { name: "third", number: 3, place: "third", timetable: never }],
        undefined,
    );

    it("are told by their repository, in status, list and history", () => {
        assert.deepEqual(drillLines(all, NOW), [
            "drill of local: FAILED 24 h ago: WAL is missing: 000000010000000000000007",
            "a drill of offsite runs: restoring, 40 %",
            "drill of offsite: FAILED 24 h ago: WAL is missing: 000000010000000000000007",
            "drill of third: off",
        ]);
        assert.equal(drillEvents(all)[1]?.repository, "offsite");
        const list = drillList(all, 30);
        assert.deepEqual(list.lines.slice(0, 3), [
            "the newest of 2 drills of local has NOT passed",
            "the newest of 1 drill of offsite has NOT passed",
            "drills of third are off",
        ]);
        assert.equal(list.status, 1);
        assert.match(text(list), /\|offsite\|schedule\|FAILED\|/);
        assert.match(text(showAnswer(all, undefined)), /^the drill of .* UTC \(by schedule\)/);
    });

    it("have passed where the newest of each has", () => {
        const passed = drillsOfEach(
            {
                ended: [
                    failedDrill({ repository: "local" }),
                    drill({ repository: "local" }),
                    drill({ repository: "offsite" }),
                ],
                running: undefined,
            },
            REPOSITORIES,
            undefined,
        );
        assert.equal(drillList(passed, 30).status, 0);
        assert.match(text(showAnswer(passed, undefined)), /^the drill of .* UTC \(offsite, by schedule\)/);
    });
});
