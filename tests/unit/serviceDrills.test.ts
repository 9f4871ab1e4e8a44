import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { newState, type Verdict } from "../../components/protection/state";
import { nextRun } from "../../components/schedule/runs";
import type { Revision } from "../../service/world";
import { Service } from "../../service/service";
import { FakeDrill } from "../support/fakeDrill";
import { FakeWorld, Killed, repositoryOf, revisionOf, timetable } from "../support/fakeWorld";

const DAY = 86_400;
const HOUR = 3600;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const WEEKLY = "full 30 1 * * 0\ndiff 30 1 * * 1-6\nverify 0 5 * * 6\ntimezone Europe/Berlin\n";
const DRILLS = `${WEEKLY}drill 30 3 * * 3\nheartbeat 300\n`;

const OFFSITE = { name: "offsite", number: 2, place: "s3:bucket x" };

/** Two repositories, with these schedules each. */
function worldWithTwo(schedules: string, offsite = schedules): [FakeWorld, FakeDrill] {
    const [world, drill] = worldWith(schedules);
    world.revision = revisionOf(schedules, {
        repositories: [repositoryOf(schedules), repositoryOf(offsite, OFFSITE)],
    });
    world.others.set("offsite", { backups: [], wal: new Map() });
    world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 2 ** 24 } };
    return [world, drill];
}

const timesOf = ({ begun }: FakeDrill, repository: string): number[] =>
    begun.filter((one) => one.repository === repository).map(({ at }) => at);

function worldWith(schedules: string, begin = START): [FakeWorld, FakeDrill] {
    const world = new FakeWorld(begin, schedules);
    const drill = new FakeDrill();
    world.drill = drill;
    return [world, drill];
}

async function serve(world: FakeWorld, until: number): Promise<void> {
    world.stopAt = until;
    const state = world.state ?? newState("host", world.now());
    await new Service(world, state, { lookEvery: HOUR, grace: HOUR }).run();
}

/** Is it killed before? */
async function serveUntilKilled(world: FakeWorld, until: number): Promise<boolean> {
    try {
        await serve(world, until);
        return false;
    } catch (error) {
        if (error instanceof Killed) return true;
        throw error;
    }
}

/** Each sentence that was written, once in a row. */
function sentencesOf(world: FakeWorld): string[] {
    const all: string[] = [];
    const save = world.save.bind(world);
    world.save = (state) => {
        save(state);
        if (all.at(-1) !== state.verdict.sentence) all.push(state.verdict.sentence);
    };
    return all;
}

/** Each verdict that was written while the service ran. */
function verdictsOf(world: FakeWorld): Verdict[] {
    const all: Verdict[] = [];
    const save = world.save.bind(world);
    world.save = (state) => {
        save(state);
        if (world.stopAt !== Infinity) all.push(state.verdict);
    };
    return all;
}

function revisionIn({ revision }: FakeWorld): Revision {
    if (typeof revision !== "object") throw new Error("nothing is published");
    return revision;
}

const startsOf = (world: FakeWorld, command: string): number[] =>
    world.commands.filter(({ args }) => args.includes(command)).map(({ at }) => at);

describe("the backup service, with drills", function () {
    this.timeout(120_000);

    it("has the first one made after the first full backup, then one a week, and is green by them", async () => {
        const [world, drill] = worldWith(DRILLS);
        const said = sentencesOf(world);
        await serve(world, START + DAY);
        assert.ok((drill.begun[0]?.at ?? 0) > START + 600 && (drill.begun[0]?.at ?? 0) < START + HOUR);
        assert.ok(
            said.some((sentence) =>
                sentence.startsWith(
                    "no drill has proven yet that the backups restore: the first one begins as soon as",
                ),
            ),
        );
        assert.ok(said.some((sentence) => sentence.includes("restore: the first one runs: under way (not")));
        const green = said.findLast((sentence) => sentence.startsWith("protected"));
        assert.match(green ?? "", /^protected, .*, proven by a drill \d+ h ago: 10 min, 40 s of data/);
        world.stride = 1800;
        await serve(world, START + 60 * DAY);
        assert.equal(drill.begun.length, 1 + 9);
        assert.ok(drill.begun.every(({ beside }) => beside === undefined));
        assert.deepEqual(drill.wrongs, []);
        assert.deepEqual(
            world.log.filter((line) => line.startsWith("ERROR")),
            [],
        );
    });

    it("commits every five minutes while drills are on, also during a backup, and no oftener than every half minute in vain", async () => {
        const [world] = worldWith(DRILLS);
        world.stride = 1;
        world.runningStride = 1;
        world.lasts["backup"] = HOUR;
        await serve(world, START + 3 * HOUR);
        const apart = world.commits.slice(1).map((at, index) => at - (world.commits[index] ?? 0));
        assert.ok(world.commits.length >= 35 && apart.every((one) => one >= 300 && one <= 302), apart.join());
        world.database = false;
        let tried = 0;
        world.commit = () => {
            tried++;
            return Promise.resolve(false);
        };
        await serve(world, world.now() + 600);
        assert.ok(tried >= 19 && tried <= 21, String(tried));
    });

    it("orders and commits nothing where drills are off, or there is no repository", async () => {
        const none: Partial<Revision>[] = [{}, { repositories: [] }];
        for (const changes of none) {
            const [world, drill] = worldWith("full 30 1 * * 0\n");
            world.revision = revisionOf(changes.repositories === undefined ? WEEKLY : DRILLS, changes);
            const said = sentencesOf(world);
            await serve(world, START + 2 * DAY);
            assert.deepEqual([drill.begun.length, world.commits.length], [0, 0]);
            assert.ok(said.every((sentence) => !sentence.includes("drill")));
        }
    });

    it("has a missed one made when it is back, and one that was killed an hour later; what has failed waits for its time", async () => {
        const [world, drill] = worldWith(DRILLS);
        await serve(world, START + DAY);
        world.pass(10 * DAY);
        const back = world.now();
        await serve(world, back + DAY);
        assert.equal(drill.begun.filter(({ at }) => at >= back && at < back + 2 * HOUR).length, 1);
        const said = sentencesOf(world);
        drill.result = "unverified";
        await serve(world, back + 8 * DAY);
        const tries = drill.begun.filter(({ at }) => at > back + DAY).map(({ at }) => at);
        const waits = tries.slice(1).map((at, index) => Math.round((at - (tries[index] ?? 0)) / HOUR));
        assert.deepEqual(waits.slice(0, 6), [1, 2, 4, 8, 16, 24]);
        const text =
            /^the drill of .* UTC could not verify that the backups restore: it was killed; the next is due at .* \(not proven since/;
        assert.ok(said.some((sentence) => text.test(sentence)));
        drill.result = "failed";
        const from = world.now();
        world.stride = 1800;
        await serve(world, from + 15 * DAY);
        const failed = drill.ended.filter(({ result }) => result === "failed");
        assert.ok(failed.length === 3 || failed.length === 2, String(failed.length));
        assert.ok(said.some((sentence) => /^the drill of .* has failed: /.test(sentence)));
    });

    it("is red where none passes for a day longer than the schedule has it", async () => {
        const [world, drill] = worldWith(DRILLS);
        await serve(world, START + DAY);
        drill.kill();
        const said = sentencesOf(world);
        world.stride = 600;
        await serve(world, START + 20 * DAY);
        const late = said.find((sentence) => sentence.startsWith("the drill of"));
        // A week after the first, which was on a Monday.
        assert.match(
            late ?? "",
            /^the drill of 2026-01-07 02:30 UTC is missing \(not proven since 2026-01-08/,
        );
        // No backup waits for it.
        assert.equal(world.backups.length, 1 + 20);
    });

    it("has a new repository proven anew", async () => {
        const [world, drill] = worldWith(DRILLS);
        await serve(world, START + DAY);
        world.backups = [];
        world.revision = revisionOf(DRILLS, {
            name: "2-abe",
            repositories: [repositoryOf(DRILLS, { name: "other", place: "posix:y" })],
        });
        const said = sentencesOf(world);
        await serve(world, START + DAY + 3 * HOUR);
        assert.ok(said.some((sentence) => sentence.startsWith("no drill has proven yet")));
        assert.equal(drill.begun.length, 2);
    });

    it("has a drill let go for a backup twice, lets it go on beside the third, and expires when it has read all", async () => {
        const [world, drill] = worldWith("full 0 0 * * 0\nincr 0 * * * *\ndrill 30 3 * * *\n");
        drill.reads = 10 * HOUR;
        world.lasts["backup"] = 1200;
        await serve(world, START + 5 * DAY);
        assert.deepEqual(drill.wrongs, []);
        assert.ok(drill.ended.length >= 4, String(drill.ended.length));
        assert.ok(world.log.includes("expire: waiting until the drill has read what it restores"));
        // An hourly backup is never late, whatever the drill does.
        const starts = startsOf(world, "backup").slice(1);
        const waits = starts.map((at) => at % HOUR);
        assert.ok(Math.max(...waits) <= 600, String(Math.max(...waits)));
    });

    it("waits for a drill that does not let go, or whose container was killed, for half a minute and no longer", async () => {
        for (const isKilled of [true, false]) {
            const [world, drill] = worldWith("full 0 13 * * *\nincr 0 * * * *\ndrill 30 3 * * *\n");
            [drill.reads, world.lasts["backup"], world.stride, world.runningStride] = [DAY, 60, 1, 1];
            await serve(world, START + HOUR - 10);
            assert.ok(drill.isReading);
            if (isKilled) drill.kill();
            await serve(world, START + (isKilled ? HOUR + 600 : 3 * HOUR + 600));
            const waits = startsOf(world, "backup").map((at) => (at - START) % HOUR);
            assert.ok(Math.max(...waits.slice(1)) <= 45, waits.join());
            assert.equal(waits.length, isKilled ? 2 : 4);
        }
    });

    it("has each of several repositories proven by a drill of its own, one after the other, and says which is by which", async () => {
        const [world, drill] = worldWithTwo(DRILLS);
        const said = sentencesOf(world);
        const verdicts = verdictsOf(world);
        await serve(world, START + DAY);
        assert.deepEqual(
            drill.begun.map(({ repository }) => repository),
            ["local", "offsite"],
        );
        assert.ok(said.some((text) => text.includes("repository offsite: no drill has proven yet")));
        assert.match(
            verdicts.findLast(({ healthy }) => healthy)?.sentence ?? "",
            /^protected, .*, local proven by a drill \d+ h ago: 10 min, 40 s of data, offsite proven by a drill/,
        );
        assert.ok(world.log.includes("a drill of offsite is due: it begins when nothing else is to be done"));
        world.stride = 1800;
        await serve(world, START + 11 * DAY);
        assert.deepEqual([timesOf(drill, "local").length, timesOf(drill, "offsite").length], [3, 3]);
        assert.ok(drill.begun.every(({ beside }) => beside === undefined));
    });

    it("is red by the repository whose drill fails or cannot verify, and protected by the other", async () => {
        const [world, drill] = worldWithTwo(DRILLS.replace("30 3 * * 3", "30 3 * * *"), DRILLS);
        const verdicts = verdictsOf(world);
        world.stride = 1800;
        drill.results.set("offsite", "unverified");
        await serve(world, START + 2 * DAY - HOUR);
        const red = verdicts.findLast(({ healthy }) => !healthy);
        assert.deepEqual([red?.protected, red?.cause], [true, "drill"]);
        assert.match(
            red?.sentence ?? "",
            /^protected by local only; repository offsite: the drill of .* could not verify .*, local proven by a drill/,
        );
        assert.ok(!red?.sentence.includes("offsite proven"));
        // It is tried again, and the other one not oftener for it.
        assert.ok(timesOf(drill, "offsite").length >= 4);
        assert.equal(timesOf(drill, "local").length, 3);
        drill.results.set("offsite", "failed").set("local", "failed");
        await serve(world, START + 3 * DAY);
        const none = verdicts.findLast(({ healthy }) => !healthy);
        assert.deepEqual([none?.protected, none?.cause], [false, "drill"]);
        assert.match(
            none?.sentence ?? "",
            /^repository local: the drill .* has failed: .*; repository offsite: the drill .* \(not proven since/,
        );
    });

    it("drills each by its own schedule, and none that has none", async () => {
        const [world, drill] = worldWithTwo(WEEKLY, `${WEEKLY}drill 30 3 * * *\nheartbeat 300\n`);
        const said = sentencesOf(world);
        world.revision = {
            ...revisionOf(WEEKLY),
            ...revisionIn(world),
            timetable: timetable(`${WEEKLY}heartbeat 300`),
        };
        world.stride = 1800;
        await serve(world, START + 4 * DAY);
        assert.equal(timesOf(drill, "local").length, 0);
        assert.equal(timesOf(drill, "offsite").length, 5);
        assert.ok(world.commits.length > 100);
        assert.match(
            said.findLast((text) => text.startsWith("protected")) ?? "",
            /h ago: 10 min, 40 s of data/,
        );
        assert.ok(said.every((text) => !text.includes("local proven")));
    });

    it("goes on with the drills of an earlier release, of one that has another name now, and with none of one that is gone", async () => {
        const [world, drill] = worldWith(DRILLS);
        await serve(world, START + DAY);
        // That release noted no repository where it could read none.
        drill.ended.splice(0, 1, {
            ...drill.ended[0],
            began: START + HOUR,
            ended: START + 2 * HOUR,
            repository: undefined,
            result: "passed",
            why: "",
        });
        await serve(world, START + DAY + 6 * HOUR);
        assert.equal(drill.begun.length, 1);
        drill.ended[0] = {
            ...drill.ended[0],
            began: START + HOUR,
            ended: START + 2 * HOUR,
            repository: "local",
            result: "passed",
            why: "",
        };
        world.revision = revisionOf(DRILLS, {
            name: "2-b",
            repositories: [repositoryOf(DRILLS, { name: "disk" })],
        });
        const said = sentencesOf(world);
        await serve(world, START + DAY + 12 * HOUR);
        assert.equal(drill.begun.length, 1);
        assert.ok(said.every((text) => !text.includes("no drill has proven")));
        // Another one of the first name, elsewhere, is not proven by it.
        world.others.set("local", { backups: [], wal: new Map() });
        world.revision = revisionOf(DRILLS, {
            name: "3-c",
            repositories: [
                repositoryOf(DRILLS, { name: "disk" }),
                repositoryOf(DRILLS, { ...OFFSITE, name: "local" }),
            ],
        });
        await serve(world, START + DAY + 14 * HOUR);
        // The name tells the drills of then not from those of now.
        const begun = drill.begun.slice(1).map(({ repository }) => repository);
        assert.deepEqual(begun, ["disk", "local"]);
    });

    it("never lets runs overlap wrongly, nor a drill starve or delay a backup, whatever happens to whom", async () => {
        const every = (kind: string, hours: readonly string[]) =>
            fc.constantFrom(...hours.map((hour) => `${kind} 30 ${hour} * * *`));
        await fc.assert(
            fc.asyncProperty(
                fc.record({
                    incr: every("incr", ["*", "*/3", "*/6", "1"]),
                    verify: fc.constantFrom("verify 0 5 * * 6", "verify 0 4 * * *"),
                    drill: fc.constantFrom("30 3 * * *", "30 2,14 * * *"),
                    zone: fc.constantFrom("UTC", "Europe/Berlin", "Africa/Casablanca"),
                    begin: fc.integer({ min: 0, max: 365 * DAY }),
                    backup: fc.integer({ min: 1, max: 3500 }),
                    verifies: fc.integer({ min: 60, max: 5 * HOUR }),
                    expire: fc.integer({ min: 1, max: 300 }),
                    reads: fc.integer({ min: 60, max: 8 * HOUR }),
                    tests: fc.integer({ min: 1, max: 2 * HOUR }),
                    kills: fc.array(
                        fc.record({
                            after: fc.integer({ min: 1, max: 2 * DAY }),
                            down: fc.integer({ min: 1, max: DAY / 2 }),
                            whom: fc.constantFrom("service", "drill", "both"),
                            clock: fc.constantFrom(0, 0, -2 * HOUR, -10 * DAY),
                        }),
                        { maxLength: 3 },
                    ),
                }),
                async (drawn) => {
                    const { zone, begin, backup } = drawn;
                    const schedules = ["full 30 1 * * 0", drawn.incr, drawn.verify, `drill ${drawn.drill}`];
                    const [world, drill] = worldWith(
                        [...schedules, `timezone ${zone}`, "heartbeat 300", ""].join("\n"),
                        START + begin,
                    );
                    Object.assign(world.lasts, { backup, verify: drawn.verifies, expire: drawn.expire });
                    world.stride = 600;
                    [drill.reads, drill.tests] = [drawn.reads, drawn.tests];
                    const end = START + begin + 30 * DAY;
                    for (const { after, down, whom, clock } of drawn.kills) {
                        if (world.now() + after + down >= end) break;
                        if (whom === "drill") await serve(world, world.now() + after);
                        else {
                            world.killAt = world.now() + after;
                            assert.ok(await serveUntilKilled(world, end));
                        }
                        if (whom !== "service") drill.kill();
                        if (whom === "drill") await serve(world, world.now() + down);
                        else world.pass(down);
                        world.turn(clock);
                        drill.comeBack(world.now());
                    }
                    const settled = world.now();
                    const before = drill.ended.length;
                    await serve(world, settled + 5 * DAY);
                    assert.deepEqual(drill.wrongs, []);
                    // Each occurrence once, and within a day. One that began before the clock was set back ended before that.
                    const passed = drill.ended.slice(before).filter(({ began, ended }) => began <= ended);
                    assert.ok(passed.length > 0);
                    for (const [index, { began, ended }] of passed.entries()) {
                        const next = nextRun(drawn.drill, zone, began) ?? Infinity;
                        const free = Math.max(next, ended);
                        const following = passed[index + 1];
                        assert.ok(ended - began < DAY);
                        if (following === undefined) assert.ok(world.now() < free + DAY, "a drill starved");
                        else {
                            assert.ok(following.began >= next, "a drill was made twice");
                            assert.ok(following.began < free + DAY / 2, "a drill began late");
                        }
                    }
                    // Backups are as punctual as without drills.
                    const cron = drawn.incr.slice("incr ".length);
                    const taken = world.backups.map(({ start }) => start).sort((a, b) => a - b);
                    const starts = taken.filter((at) => at > settled && at < world.now());
                    for (const [index, start] of starts.entries()) {
                        const next = nextRun(cron, zone, start) ?? Infinity;
                        const late = (starts[index + 1] ?? world.now()) - next;
                        // Steps of the clock: two until a verify is ended, and one each behind that, behind an expire, and to begin.
                        const most = 2 * backup + drawn.expire + 5 * world.stride;
                        assert.ok(late <= most, `a backup was ${late} s late`);
                    }
                },
            ),
            { numRuns: 8 },
        );
    });

    it("drills each of several repositories at each of its times, one at a time, whatever becomes of the others", async () => {
        const times = fc.constantFrom("30 3 * * *", "30 2,14 * * *", "0 4 * * 1,3,5");
        await fc.assert(
            fc.asyncProperty(
                fc.record({
                    local: times,
                    offsite: times,
                    reads: fc.integer({ min: 60, max: 3 * HOUR }),
                    result: fc.constantFrom("passed" as const, "failed" as const, "unverified" as const),
                    away: fc.boolean(),
                    killed: fc.integer({ min: 1, max: 2 * DAY }),
                }),
                async ({ local, offsite, reads, result, away, killed }) => {
                    const [world, drill] = worldWithTwo(
                        `${WEEKLY}drill ${local}\n`,
                        `${WEEKLY}drill ${offsite}\n`,
                    );
                    [world.stride, drill.reads] = [1800, reads];
                    drill.results.set("offsite", result);
                    world.killAt = START + killed;
                    await serveUntilKilled(world, START + 3 * DAY);
                    if (away) world.away.add("offsite");
                    const settled = world.now();
                    await serve(world, settled + 5 * DAY);
                    assert.deepEqual(drill.wrongs, []);
                    for (const [name, cron] of [
                        ["local", local],
                        ["offsite", offsite],
                    ] as const) {
                        const made = drill.ended.filter(({ repository }) => repository === name);
                        for (const [index, { began }] of made.entries()) {
                            const next = nextRun(cron, "Europe/Berlin", began) ?? Infinity;
                            const following = made[index + 1]?.began;
                            // One that could not verify is made again before.
                            if (name === "local" || result !== "unverified")
                                assert.ok((following ?? Infinity) >= next, "a drill was made twice");
                            if (name === "offsite" && away) continue;
                            assert.ok((following ?? world.now()) < next + DAY / 2, "a drill began late");
                        }
                        assert.ok(made.length > 0 || away);
                    }
                    // One drill at a time.
                    const inOrder = drill.ended.every(
                        ({ began }, index) => began >= (drill.ended[index - 1]?.ended ?? 0),
                    );
                    assert.ok(inOrder, "two drills at one time");
                    // What is away is not tried in vain.
                    const tried = drill.begun.filter(
                        ({ at, repository }) => at > settled + HOUR && repository === "offsite",
                    );
                    assert.ok(!away || tried.length === 0, "one that is away was drilled");
                },
            ),
            { numRuns: 6 },
        );
    });
});
