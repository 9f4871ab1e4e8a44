import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
    isFull,
    isOutOfRoom,
    RESERVE,
    reserveFor,
    withoutPiece,
    wouldRemove,
} from "../../components/protection/room";
import { newState } from "../../components/protection/state";
import { Service } from "../../service/service";
import { FakeWorld, Killed, repositoryOf, revisionOf } from "../support/fakeWorld";

const DAY = 86_400;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const SCHEDULES = "full 30 1 * * 0\ndiff 30 1 * * 1-6\n";
const MIB = 2 ** 20;

/** Runs the service until it is killed at a moment: so its state is that of a service at work. */
async function serve(world: FakeWorld, until: number): Promise<void> {
    world.killAt = until;
    const state = world.state ?? newState("host", world.now());
    const run = new Service(world, state, { lookEvery: 60, grace: 3600 }).run();
    await assert.rejects(run, Killed);
    world.pass(0);
}

/** Protected for a day, in a repository on this host. */
async function protectedWorld(): Promise<FakeWorld> {
    const world = new FakeWorld(START, SCHEDULES);
    world.revision = revisionOf(SCHEDULES, {
        repositories: [repositoryOf(SCHEDULES, { directory: "/var/lib/pgbackrest" })],
    });
    world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 2 ** 24 } };
    await serve(world, START + DAY);
    return world;
}
const expires = (world: FakeWorld, from: number) =>
    world.commands.filter(
        ({ at, args }) => at >= from && args.includes("expire") && !args.includes("--dry-run"),
    ).length;
const sentence = (world: FakeWorld) => world.state?.verdict.sentence ?? "";

describe("the reserve of a repository", () => {
    it("is made where that leaves plenty, and given up in pieces", () => {
        const size = fc.integer({ min: 0, max: 200 * MIB });
        fc.assert(
            fc.property(size, fc.integer({ min: 0, max: RESERVE }), (free, held) => {
                const wanted = reserveFor(free, held);
                assert.ok(wanted === held || (wanted === RESERVE && !isFull(free + held - wanted)));
            }),
        );
        assert.equal(reserveFor(2 ** 40, 0), RESERVE);
        const left = [RESERVE];
        while ((left.at(-1) ?? 0) > 0) left.push(withoutPiece(left.at(-1) ?? 0));
        assert.equal(left.length, 5);
    });

    it("is for an expire that removes something", () => {
        const dry = "P00   INFO: [DRY-RUN] repo1: ";
        for (const line of [
            "expire full backup 20261127-050000F",
            "remove expired backup 20261127-050000F",
            "17-1 remove archive, start = 1",
        ])
            assert.ok(wouldRemove([`${dry}${line}`]), line);
        for (const line of [
            "P00   INFO: expire command begin 2.60.0: --dry-run --repo1-path=/x",
            `${dry}17-1 no archive to remove`,
            "P00   INFO: expire command end: completed successfully (12ms)",
        ])
            assert.ok(!wouldRemove([line]), line);
    });

    it("knows what pgBackRest says", () => {
        assert.ok(isOutOfRoom("[041]: unable to write '/x': [28] No space left on device"));
        assert.ok(isOutOfRoom("[041]: unable to write '/x': [122] Disk quota exceeded"));
        assert.ok(!isOutOfRoom("[041]: unable to write '/x': [13] Permission denied"));
    });
});

describe("a full repository", function () {
    this.timeout(60_000);

    it("has its reserve before, and says what helps while nothing can expire", async () => {
        const world = await protectedWorld();
        assert.equal(world.held, RESERVE);
        assert.match(sentence(world), /^protected/);
        world.free = 0;
        const [full, taken] = [world.now(), world.backups.length];
        await serve(world, full + 3 * DAY);
        assert.match(sentence(world), /^the repository is full: 0B are free .* Retention keeps all/);
        assert.deepEqual([world.held, expires(world, full), world.backups.length], [RESERVE, 0, taken]);
    });

    it("expires with a piece of it when there is something to expire, and goes on", async () => {
        const world = await protectedWorld();
        [world.free, world.removable] = [0, 100 * MIB];
        const [full, taken] = [world.now(), world.backups.length];
        await serve(world, full + 3 * DAY);
        assert.match(sentence(world), /^protected/);
        assert.ok(world.backups.length > taken);
        assert.equal(world.held, RESERVE);
        assert.ok(expires(world, full) > 0);
    });

    it("tries again when a smaller retention is published, also before WAL can be checked", async () => {
        const world = await protectedWorld();
        world.free = 0;
        world.fails = (command) =>
            command === "check" && world.free === 0 ? "[082]: WAL was not archived" : undefined;
        await serve(world, world.now() + DAY);
        // Nothing is known of it: the service is new, or its state is lost.
        world.state = undefined;
        world.removable = 100 * MIB;
        world.revision = revisionOf(SCHEDULES, {
            name: "20261102T000000Z-def",
            repositories: [repositoryOf(SCHEDULES, { directory: "/var/lib/pgbackrest" })],
        });
        await serve(world, world.now() + 3600);
        assert.match(sentence(world), /^protected/);
    });

    it("expires nothing while the newest backup has damaged pages, or where nothing expires by itself", async () => {
        for (const changes of [{ expires: false }, { damage: true }] as const) {
            const world = await protectedWorld();
            world.damage = "damage" in changes;
            if (world.damage) await serve(world, world.now() + 2 * DAY);
            world.revision = revisionOf(SCHEDULES, {
                repositories: [repositoryOf(SCHEDULES, { directory: "/x" })],
                ...("expires" in changes ? changes : {}),
            });
            [world.free, world.removable] = [0, 100 * MIB];
            const full = world.now();
            await serve(world, full + DAY);
            assert.equal(expires(world, full), 0);
            assert.match(sentence(world), /^the repository is full: .* Nothing expires/);
        }
    });
});
