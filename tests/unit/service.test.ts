import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { newState } from "../../components/protection/state";
import { nextRun } from "../../components/schedule/runs";
import { Service } from "../../service/service";
import { FakeWorld, Killed, repositoryOf, revisionOf } from "../support/fakeWorld";

const DAY = 86_400;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
/** Longer steps of the clock than usual, so that more of it passes. */
const STRIDE = 1800;
const WEEKLY = "full 30 1 * * 0\ndiff 30 1 * * 1-6\n";

/** Runs the service until a moment, with its state from before. */
async function serve(world: FakeWorld, until: number, options = {}): Promise<void> {
    world.stopAt = until;
    const state = world.state ?? newState("host", world.now());
    await new Service(world, state, { lookEvery: 3600, grace: 0, ...options }).run();
}

/** The same, where it may be killed. @returns whether it was */
async function serveUntilKilled(world: FakeWorld, until: number): Promise<boolean> {
    try {
        await serve(world, until);
        return false;
    } catch (error) {
        if (error instanceof Killed) return true;
        throw error;
    }
}

describe("the backup service", function () {
    this.timeout(120_000);

    it("takes a full backup first, then what its schedules say, for months, and is protected", async () => {
        const world = new FakeWorld(START, `${WEEKLY}verify 0 5 * * 6\ntimezone Europe/Berlin\n`);
        world.stride = STRIDE;
        await serve(world, START + 120 * DAY);
        const types = world.backups.map(({ type }) => type.charAt(0)).join("");
        assert.match(types, /^fd{5}(fd{6})+fd*$/);
        assert.equal(world.backups.filter(({ type }) => type === "full").length, 1 + 17);
        const verifies = world.commands.filter(({ args }) => args.includes("verify"));
        assert.equal(verifies.length, 17);
        assert.deepEqual(
            world.log.filter((line) => line.startsWith("ERROR")),
            [],
        );
        // Expire runs after each backup but the first.
        assert.equal(
            world.commands.filter(({ args }) => args.at(-1) === "expire").length,
            world.backups.length - 1,
        );
    });

    it("goes on where the data volume is away: PostgreSQL, which does not answer then, tells it", async () => {
        const world = new FakeWorld(START, WEEKLY);
        world.dataFree = undefined;
        await serve(world, START + 2 * DAY);
        assert.deepEqual(
            world.backups.map(({ type }) => type),
            ["full", "diff", "diff"],
        );
    });

    it("takes each occurrence once, in any zone, through clock changes, kills and absences", async () => {
        const zones = [
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
        ];
        await fc.assert(
            fc.asyncProperty(
                fc.record({
                    zone: fc.constantFrom(...zones),
                    minute: fc.integer({ min: 0, max: 59 }),
                    hour: fc.integer({ min: 0, max: 23 }),
                    weekday: fc.integer({ min: 0, max: 7 }),
                    begin: fc.integer({ min: 0, max: 365 * DAY }),
                    kills: fc.array(
                        fc.record({
                            after: fc.integer({ min: 1, max: 9 * DAY }),
                            down: fc.integer({ min: 1, max: 2 * DAY }),
                        }),
                        { maxLength: 6 },
                    ),
                    stateLost: fc.boolean(),
                    backup: fc.integer({ min: 1, max: 7200 }),
                }),
                async ({ zone, minute, hour, weekday, begin, kills, stateLost, backup }) => {
                    const full = `${minute} ${hour} * * ${weekday}`;
                    const diff = `${minute} ${hour} * * *`;
                    const world = new FakeWorld(
                        START + begin,
                        `full ${full}\ndiff ${diff}\ntimezone ${zone}\n`,
                    );
                    world.stride = STRIDE;
                    world.lasts["backup"] = backup;
                    const end = START + begin + 30 * DAY;
                    const absences: (readonly [number, number])[] = [];
                    for (const { after, down } of kills) {
                        world.killAt = world.now() + after;
                        if (world.killAt >= end || !(await serveUntilKilled(world, end))) break;
                        // What a backup had done is lost, so it begins anew; and the new service makes sure of the stanza first.
                        absences.push([world.now() - backup - 60, world.now() + down + STRIDE]);
                        world.pass(down);
                        if (stateLost) world.state = undefined;
                    }
                    world.killAt = Infinity;
                    if (world.now() < end) await serve(world, end);
                    const late = 2 * backup + 2 * STRIDE;
                    const check = (kinds: readonly string[], cron: string): void => {
                        const starts = world.backups
                            .filter(({ type }) => kinds.includes(type))
                            .map(({ start }) => start);
                        for (const [index, start] of starts.entries()) {
                            const next = nextRun(cron, zone, start) ?? Infinity;
                            const taken = starts[index + 1] ?? end;
                            const away = absences.reduce(
                                (sum, [from, to]) =>
                                    sum + Math.max(0, Math.min(to, taken) - Math.max(from, next)),
                                0,
                            );
                            assert.ok(taken >= Math.min(next, end), `${cron} was early`);
                            assert.ok(taken <= next + late + away, `${cron} was late`);
                        }
                    };
                    check(["full"], full);
                    check(["full", "diff"], diff);
                },
            ),
            { numRuns: 10 },
        );
    });

    it("tries again what fails, at longer and longer distances, and goes on when it succeeds", async () => {
        const world = new FakeWorld(START, `${WEEKLY}timezone UTC\n`);
        world.stride = 1;
        world.lasts["backup"] = 0;
        world.fails = (command) =>
            command === "backup" ? "[041]: unable to open file: [13] Permission denied" : undefined;
        await serve(world, START + 3 * 3600);
        const tries = world.commands.filter(({ args }) => args.includes("backup")).map(({ at }) => at);
        const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
        assert.deepEqual(
            waits.map((wait) => Math.round(wait / 10) * 10),
            [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800, 1800],
        );
        assert.match(
            world.log.join("\n"),
            /ERROR: full backup failed: \[041\].*Permission denied - trying again in 10 s/,
        );
        world.fails = () => undefined;
        await serve(world, world.now() + 3600);
        assert.equal(world.backups.length, 1);
        assert.equal(world.state?.error, "");
    });

    it("waits a minute at most for the stanza and archiving, and tries at once what a new configuration may cure", async () => {
        const world = new FakeWorld(START, `${WEEKLY}timezone UTC\n`);
        world.stride = 1;
        world.fails = (command) => (command === "check" ? "[082]: WAL segment was not archived" : undefined);
        await serve(world, START + 900);
        const checks = world.commands.filter(({ args }) => args.includes("check")).map(({ at }) => at);
        assert.ok((checks.at(-1) ?? 0) - (checks.at(-2) ?? 0) <= 70);
        assert.match(world.state?.verdict.sentence ?? "", /not in force yet/);
    });

    it("ends a running backup when the repository is replaced, and protects the new one; other changes wait", async () => {
        const world = new FakeWorld(START, `${WEEKLY}timezone UTC\n`);
        world.runningStride = 60;
        await serve(world, START + 100);
        assert.equal(world.backups.length, 0);
        const old = revisionOf(`${WEEKLY}timezone UTC\n`);
        let changed = { ...old, name: "20261102T000000Z-abd" };
        const say = world.say.bind(world);
        world.say = (text) => {
            say(text);
            if (text === "full backup: running") world.revision = changed;
        };
        await serve(world, START + 3600);
        assert.deepEqual(
            world.backups.map(({ type }) => type),
            ["full"],
        );
        assert.ok(!world.log.some((line) => line.includes("stopping the running")));
        changed = {
            ...old,
            name: "20261103T000000Z-abe",
            repositories: [repositoryOf(WEEKLY, { name: "other", place: "posix:y" })],
        };
        world.backups = [];
        await serve(world, START + 20_000);
        assert.equal(world.log.filter((line) => line.includes("stopping the running full backup")).length, 1);
        assert.deepEqual(Object.keys(world.state?.repositories ?? {}), ["other"]);
        assert.equal(world.backups.length, 1);
    });

    it("does not repeat a backup of damaged pages before its schedule, lets nothing expire, and cleans up after a good one", async () => {
        const world = new FakeWorld(START, `${WEEKLY}timezone UTC\n`);
        await serve(world, START + DAY);
        const expires = () => world.commands.filter(({ args }) => args.includes("expire")).length;
        world.damage = true;
        await serve(world, START + 14 * DAY);
        const before = expires();
        assert.ok(world.backups.filter(({ error }) => error).length <= 14);
        const sentences: string[] = [];
        const save = world.save.bind(world);
        world.save = (state) => {
            save(state);
            sentences.push(state.verdict.sentence);
        };
        await serve(world, START + 15 * DAY);
        assert.match(sentences.join("\n"), /page checksum errors: in files that.*Nothing is expired/);
        assert.equal(expires(), before);
        world.damage = false;
        await serve(world, START + 22 * DAY);
        assert.ok(world.log.includes("no page checksum errors any more"));
        assert.deepEqual(
            world.backups.filter(({ error, type }) => error && type === "full"),
            [],
        );
        assert.ok(expires() > before);
    });

    it("is green without a repository, and takes a new backup after it, but not after another name of the same place", async () => {
        const schedules = `${WEEKLY}timezone UTC\n`;
        const world = new FakeWorld(START, schedules);
        await serve(world, START + 3600);
        world.revision = revisionOf(schedules, {
            name: "2-abe",
            repositories: [repositoryOf(schedules, { name: "nas" })],
        });
        await serve(world, START + 7200);
        assert.equal(world.backups.length, 1);
        world.revision = revisionOf(schedules, { name: "3-abf", repositories: [] });
        await serve(world, START + 9000);
        assert.equal(world.backups.length, 1);
        assert.match(world.log.join("\n"), /no repository: nothing is protected/);
        world.revision = revisionOf(schedules, { name: "4-ac0" });
        await serve(world, START + 12_000);
        assert.equal(world.backups.length, 2);
    });

    it("has its verdict always new, whatever it does", async () => {
        const world = new FakeWorld(START, `${WEEKLY}timezone UTC\n`);
        world.stride = 1;
        world.runningStride = 1;
        const written: number[] = [];
        const save = world.save.bind(world);
        world.save = (state) => {
            save(state);
            written.push(state.written);
        };
        await serve(world, START + 3600);
        assert.ok(written.slice(1).every((time, index) => time - (written[index] ?? 0) <= 21));
    });
});
