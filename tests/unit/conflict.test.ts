import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    type Conflict,
    isAmong,
    isOver,
    lastDirectory,
    listedChecksum,
} from "../../components/protection/conflict";
import { newState } from "../../components/protection/state";
import { Service } from "../../service/service";
import { FakeWorld, Killed } from "../support/fakeWorld";
import { fullBackup } from "../support/repositoryMemory";

const DAY = 86_400;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const segment = (number: number, timeline = 1) =>
    [timeline, 0, number].map((part) => part.toString(16).toUpperCase().padStart(8, "0")).join("");
const OTHER = "f".repeat(40);

async function serve(world: FakeWorld, until: number): Promise<void> {
    world.killAt = until;
    const state = world.state ?? newState("host", world.now());
    await assert.rejects(new Service(world, state, { lookEvery: 600, grace: 3600 }).run(), Killed);
    world.pass(0);
}

describe("other WAL of the same name", () => {
    const conflict: Conflict = { first: segment(5), last: segment(9), since: START };

    it("is known by the name of its file", () => {
        const listing = JSON.stringify({
            [`${segment(5)}-${OTHER}.lz4`]: { type: "file" },
            [`${segment(6)}-${"0".repeat(40)}`]: { type: "file" },
        });
        assert.equal(listedChecksum(listing, segment(5)), OTHER);
        assert.equal(listedChecksum(listing, segment(6)), "0".repeat(40));
        assert.equal(listedChecksum(listing, segment(7)), undefined);
        assert.equal(listedChecksum("", segment(5)), undefined);
    });

    it("ends with the last directory of its timeline", () => {
        const names = ["0000000100000000", "0000000100000001", "0000000200000000", "archive.info"];
        assert.equal(lastDirectory(names, segment(5)), "0000000100000001");
        assert.equal(lastDirectory(names, segment(5, 3)), undefined);
    });

    it("is over with a later backup that begins behind it, on this timeline or a new one", () => {
        for (const [start, first, over] of [
            [START + 1, segment(10), true],
            [START + 1, segment(7, 2), true],
            [START + 1, segment(9), false],
            // Of what the repository knew before.
            [START - 1, segment(10), false],
            [START - 1, segment(1, 2), false],
        ] as const)
            assert.equal(
                isOver(conflict, [fullBackup(first, { start, stop: start + 1 })]),
                over,
                `${start - START} ${first}`,
            );
        assert.ok(!isOver(conflict, []));
    });

    it("lets no backup begin among its names", () => {
        assert.ok(isAmong(conflict, ""));
        assert.ok(isAmong(conflict, segment(9)));
        assert.ok(!isAmong(conflict, segment(10)));
        assert.ok(!isAmong(conflict, segment(4, 2)));
        assert.ok(!isAmong(null, segment(5)));
    });
});

describe("PostgreSQL that was set back", function () {
    this.timeout(60_000);
    /** A day of WAL and backups is in the repository, and PostgreSQL is where it was before most of it. */
    async function setBack(): Promise<FakeWorld> {
        const world = new FakeWorld(START, "full 30 1 * * 0\ndiff 30 1 * * 1-6\n");
        world.write(3);
        await serve(world, START + DAY);
        world.write(6);
        await serve(world, world.now() + 3600);
        assert.match(world.state?.verdict.sentence ?? "", /^protected/);
        world.ours.set(segment(4), OTHER);
        world.archiver = {
            ...{ failing: `since now with ${segment(4)}`, failed: segment(4) },
            archived: { last: segment(3), segmentSize: 2 ** 24 },
        };
        return world;
    }
    const memory = (world: FakeWorld) => world.state?.repositories["local"];

    it("is named, and no backup is taken, whatever is due", async () => {
        const world = await setBack();
        const taken = world.backups.length;
        await serve(world, world.now() + 9 * DAY);
        assert.match(
            world.state?.verdict.sentence ?? "",
            new RegExp(`^the repository has another WAL segment ${segment(4)} than .* no backup is taken`),
        );
        assert.equal(memory(world)?.conflict?.last, [...world.wal.keys()].sort().at(-1));
        assert.equal(world.backups.length, taken);
        assert.equal(memory(world)?.protected, "");
    });

    it("stays named when WAL is dropped, until a full backup behind those names has ended well", async () => {
        const world = await setBack();
        await serve(world, world.now() + 3600);
        // The queue limit has dropped some: PostgreSQL has none of them any more, and nothing fails.
        world.ours.clear();
        world.archiver = { archived: { last: segment(5), segmentSize: 2 ** 24 } };
        await serve(world, world.now() + DAY);
        assert.match(world.state?.verdict.sentence ?? "", /has another WAL segment/);
        const taken = world.backups.length;
        world.write(20, false);
        world.fails = (command) => (command === "backup" ? "[082]: no WAL" : undefined);
        await serve(world, world.now() + 3600);
        assert.match(world.state?.verdict.sentence ?? "", /PostgreSQL is behind those names now/);
        world.fails = () => undefined;
        await serve(world, world.now() + 2 * 3600);
        assert.deepEqual(
            world.backups.slice(taken).map(({ type }) => type),
            ["full"],
        );
        assert.match(world.state?.verdict.sentence ?? "", /^protected/);
        assert.equal(memory(world)?.conflict, null);
    });

    it("is over when the other WAL is out of the way", async () => {
        const world = await setBack();
        await serve(world, world.now() + 3600);
        assert.notEqual(memory(world)?.conflict, null);
        world.ours.set(segment(4), "0".repeat(40));
        world.archiver = { archived: { last: segment(12), segmentSize: 2 ** 24 } };
        await serve(world, world.now() + 3600);
        assert.equal(memory(world)?.conflict, null);
    });

    it("is not named so when WAL fails for another reason", async () => {
        const world = await setBack();
        world.ours.set(segment(4), "0".repeat(40));
        await serve(world, world.now() + 3600);
        assert.match(world.state?.verdict.sentence ?? "", /^WAL does not arrive/);
    });
});
