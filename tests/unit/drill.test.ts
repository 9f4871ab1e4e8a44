import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Drilled, dueDrill, drillsOf } from "../../components/drill/due";
import { isWanted, ORDER, readOrder } from "../../components/drill/order";
import { DRILLS, RUNNING_DRILL } from "../../components/drill/record";
import { latest, proofOf } from "../../components/drill/verdict";
import { NO_BACKUPS } from "../../components/protection/state";
import { DrillFiles } from "../../service/drillFiles";
import { StateFile } from "../../service/stateFile";
import { timetable } from "../support/fakeWorld";
import { DAY, memory, NOW } from "../support/repositoryMemory";

const HOUR = 3600;
/** Wednesdays; NOW is a Friday. */
const TIMES = timetable("full 30 1 * * 0\ndrill 30 3 * * 3\n");
const LAST = Date.UTC(2026, 10, 25, 3, 30) / 1000;

/** Drills, each so long ago and of five minutes. */
const drills = (...ended: (readonly [ago: number, result: Drilled["result"]])[]) => ({
    ended: ended.map(([ago, result]) => ({ began: NOW - ago, ended: NOW - ago + 300, result, why: "" })),
    running: undefined,
});

describe("a drill", () => {
    const due = (...args: Parameters<typeof drills>) => dueDrill(TIMES, memory(), drills(...args), NOW);

    it("is due at once after the first full backup, and then by its schedule, a missed one too", () => {
        assert.equal(dueDrill(TIMES, memory({ newest: NO_BACKUPS }), drills(), NOW), undefined);
        assert.equal(dueDrill(timetable("full 30 1 * * 0"), memory(), drills(), NOW), undefined);
        assert.equal(due(), 1);
        assert.equal(due([DAY, "passed"]), LAST + 7 * DAY);
        assert.equal(due([9 * DAY, "passed"], [8 * DAY, "failed"]), LAST);
    });

    it("is made again where it could not verify, after an hour and then later and later, but never after its time", () => {
        const again = (count: number) =>
            due(...Array.from({ length: count }, () => [HOUR, "unverified"] as const));
        assert.deepEqual(
            [1, 2, 3, 5, 6, 40].map((count) => ((again(count) ?? 0) - (NOW - HOUR + 300)) / HOUR),
            [1, 2, 4, 16, 24, 24],
        );
        assert.equal(due([8 * DAY, "unverified"]), NOW - 8 * DAY + 300 + HOUR);
        assert.equal(due([2 * HOUR, "unverified"], [HOUR, "failed"]), LAST + 7 * DAY);
    });

    it("of another repository, or of a time to come, is none", () => {
        const since = NOW - HOUR;
        assert.equal(dueDrill(TIMES, memory({ since }), drills([DAY, "passed"]), NOW), since);
        assert.equal(due([-DAY, "passed"]), 1);
        const proof = proofOf(TIMES, memory({ since }), drills([DAY, "passed"]), NOW);
        assert.match(proof?.lacking ?? "", /^no drill has proven yet/);
    });

    it("begins when one is wanted, unless it is to stay aside, or has been", () => {
        const [began] = [[{ began: NOW - 10 }]];
        assert.ok(isWanted({ wanted: 1, aside: false }, [], NOW));
        assert.ok(!isWanted({ wanted: 0, aside: false }, [], NOW));
        assert.ok(!isWanted({ wanted: 1, aside: true }, [], NOW));
        assert.ok(isWanted({ wanted: NOW - 9, aside: false }, began, NOW));
        assert.ok(!isWanted({ wanted: NOW - 10, aside: false }, began, NOW));
        // A clock was set back.
        assert.ok(isWanted({ wanted: NOW - 9, aside: false }, [...began, { began: NOW + DAY }], NOW));
    });

    it("begins for the repository that is wanted, whatever was restored of others", () => {
        const other = [{ began: NOW - 5, repository: "other" }];
        const order = { wanted: NOW - 10, aside: false };
        assert.ok(isWanted({ ...order, repository: "local" }, other, NOW));
        assert.ok(!isWanted({ ...order, repository: "other" }, other, NOW));
        assert.ok(!isWanted(order, other, NOW));
    });

    it("is one of the repository that it names, as it is or was called; one of an earlier release of the first", () => {
        const named = (repository?: string) => ({ ...drills([DAY, "passed"]).ended[0], repository });
        const all = [named(), named("local"), named("other"), named("disk")].map((one): Drilled => ({
            began: 1,
            ended: 2,
            result: "passed",
            why: "",
            ...one,
        }));
        const running = { began: 1, by: "hand", phase: "restore", text: "x", repository: "local" } as const;
        const of = (name: string, names: readonly string[], formerNames: string[] = []) => {
            const found = drillsOf({ ended: all, running }, name, names, { formerNames });
            return [...found.ended.map(({ repository }) => repository ?? "none"), found.running === running];
        };
        assert.deepEqual(of("local", ["local", "other"]), ["none", "local", true]);
        assert.deepEqual(of("other", ["local", "other"]), ["other", false]);
        assert.deepEqual(of("new", ["new", "other"], ["local"]), ["none", "local", true]);
        // Another has that name now.
        assert.deepEqual(of("new", ["new", "local"], ["disk", "local"]), ["none", "disk", false]);
    });

    it("is late a day after its time, and proof until then; a day for each repository that has drills", () => {
        assert.equal(latest([TIMES, TIMES, timetable("full 30 1 * * 0")]), 2 * DAY);
        assert.equal(latest([]), DAY);
        const proof = (now: number) => proofOf(TIMES, memory(), drills([3 * DAY, "passed"]), now);
        assert.equal(proof(LAST + DAY)?.lacking, "");
        assert.equal(proof(LAST + DAY + 1)?.lacking, "the drill of 2026-11-25 03:30 UTC is missing");
        assert.equal(proofOf(timetable("full 30 1 * * 0"), memory(), drills(), NOW), undefined);
    });
});

describe("the files of drills", () => {
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), "drills-"))));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const write = (file: string, content: unknown) => {
        writeFileSync(join(directory, file), typeof content === "string" ? content : JSON.stringify(content));
    };
    const record = { began: 1, ended: 2, by: "schedule", result: "passed", why: "", counts: { "a.b.c": 3 } };

    it("are read again when they change, and say nothing where they are not there or broken", () => {
        const files = new DrillFiles(directory);
        assert.deepEqual(new DrillFiles("/nowhere").look(0), { ended: [], running: undefined });
        assert.deepEqual(files.look(0), { ended: [], running: undefined });
        write(DRILLS, [record]);
        const [seen] = files.look(0).ended;
        assert.deepEqual(
            [seen?.began, seen?.result, Object.keys(seen ?? {}).includes("counts")],
            [1, "passed", false],
        );
        assert.equal(files.look(0).ended[0], seen);
        write(DRILLS, [record, { ...record, began: 3 }]);
        assert.equal(files.look(0).ended.length, 2);
        write(DRILLS, "[{");
        assert.equal(files.look(0).ended.length, 0);
    });

    it("tell of a drill that runs only while it notes something", () => {
        const files = new DrillFiles(directory);
        write(RUNNING_DRILL, { began: 1, by: "hand", phase: "replay", text: "x" });
        utimesSync(join(directory, RUNNING_DRILL), 1000, 1000);
        assert.equal(files.look(1_089_000).running?.phase, "replay");
        assert.equal(files.look(1_090_000).running, undefined);
        // The clock was set back.
        assert.equal(files.look(900_000).running, undefined);
    });

    it("are told the order", () => {
        new StateFile(directory).order({ wanted: 5, aside: true });
        const read = readOrder(readFileSync(join(directory, ORDER), "utf8"));
        assert.deepEqual(read, { wanted: 5, aside: true });
    });
});
