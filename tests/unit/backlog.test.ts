import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { newState, type State } from "../../components/protection/state";
import { waitingSegments } from "../../service/archiveStatus";
import { Service } from "../../service/service";
import { FakeWorld } from "../support/fakeWorld";

const HOUR = 3600;
const START = Date.UTC(2026, 0, 5, 12) / 1000;

/** With all that the service has ever told of protection. */
class Told extends FakeWorld {
    readonly sentences: string[] = [];

    override save(state: State): void {
        super.save(state);
        this.sentences.push(state.verdict.sentence);
    }

    said(start: string): boolean {
        return this.sentences.some((sentence) => sentence.startsWith(start));
    }
}

describe("the segments that wait to be archived", () => {
    let directory = "";
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbt-"));
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("are counted, but not what is archived or no segment; the first and last old one are named", () => {
        const log = "00000001000000000000000";
        const ready = [1, 2, 3, 4, 5].map((number) => `${log}${number}.ready`);
        for (const file of [...ready, `${log}0.done`, "00000002.history.ready"])
            writeFileSync(join(directory, file), "");
        assert.deepEqual(waitingSegments(directory, 2_000_000), { count: 5, old: undefined });
        for (const number of [2, 3, 4]) utimesSync(join(directory, `${log}${number}.ready`), 1000, 1000);
        const old = { first: `${log}2`, last: `${log}4` };
        assert.deepEqual(waitingSegments(directory, 2_000_000), { count: 5, old });
        assert.deepEqual(waitingSegments(directory, 1000), { count: 5, old: undefined });
    });

    it("are none where there is no such directory", () => {
        assert.deepEqual(waitingSegments(join(directory, "none"), 0), { count: 0, old: undefined });
    });
});

describe("a backup behind a backlog of WAL", () => {
    /** With segments of 16 MiB. */
    const serve = async (world: FakeWorld, backlog: number, hours: number): Promise<void> => {
        world.archiver = { ...world.archiver, backlog };
        world.stopAt = world.now() + hours * HOUR;
        const state = world.state ?? newState("host", world.now());
        await new Service(world, state, { lookEvery: HOUR, grace: HOUR }).run();
    };
    const world = new Told(START, "full 30 1 * * *\n");
    world.write(1);

    it("waits for it, says so, and is missing only once it is late", async () => {
        await serve(world, 0, 2);
        assert.equal(world.backups.length, 1);
        await serve(world, 65, 12);
        assert.equal(world.backups.length, 1);
        const waiting = "full backup: waiting until WAL is archived: 65 segments (1040 MiB) are before it";
        assert.equal(world.log.filter((line) => line === waiting).length, 1);
        const missing = "the full backup of 2026-01-06 01:30 UTC is missing: full backup: waiting until WAL";
        assert.ok(world.said("protected, full backup: waiting until WAL"));
        assert.ok(!world.said(missing));
        await serve(world, 65, 2);
        assert.ok(world.said(missing));
    });

    it("begins when little is left of it", async () => {
        await serve(world, 64, 1);
        assert.equal(world.backups.length, 2);
    });
});
