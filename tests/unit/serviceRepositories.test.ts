import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { newState } from "../../components/protection/state";
import { Service } from "../../service/service";
import { argumentsFor, eachOf, type Repository } from "../../service/world";
import { FakeWorld, Killed, repositoryOf, revisionOf } from "../support/fakeWorld";

const HOUR = 3600;
const DAY = 86_400;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const WEEKLY = "full 30 1 * * 0\ndiff 30 1 * * 1-6\n";
const LOCAL = repositoryOf(WEEKLY);
const cloudWith = (schedules: string, changes: Partial<Repository> = {}): Repository =>
    repositoryOf(schedules, { name: "cloud", number: 2, place: "s3:bucket x", ...changes });

function worldWith(cloud: Repository): FakeWorld {
    const world = new FakeWorld(START, WEEKLY);
    world.revision = revisionOf(WEEKLY, { repositories: [LOCAL, cloud] });
    world.others.set("cloud", { backups: [], wal: new Map() });
    world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 2 ** 24 } };
    return world;
}

async function serve(world: FakeWorld, until: number): Promise<void> {
    world.stopAt = until;
    const state = world.state ?? newState("host", world.now());
    try {
        await new Service(world, state, { lookEvery: HOUR, grace: HOUR }).run();
    } catch (error) {
        if (!(error instanceof Killed)) throw error;
    }
}

/** The verdict as it is while the service runs: one that has ended has confirmed nothing. */
function watched(world: FakeWorld): { healthy: boolean; protected: boolean; sentence: string }[] {
    const seen: { healthy: boolean; protected: boolean; sentence: string }[] = [];
    const save = world.save.bind(world);
    world.save = (state) => {
        if (world.stopAt !== Infinity) seen.push(state.verdict);
        save(state);
    };
    return seen;
}

const typesOf = (backups: FakeWorld["backups"]): string => backups.map(({ type }) => type.charAt(0)).join("");
const cloudOf = (world: FakeWorld): FakeWorld["backups"] => world.others.get("cloud")?.backups ?? [];

describe("the backup service with several repositories", function () {
    this.timeout(120_000);

    it("backs up to each by its own schedules, one run at a time", async () => {
        const world = worldWith(cloudWith("full 0 3 * * *\n"));
        await serve(world, START + 20 * DAY);
        assert.match(typesOf(world.backups), /^fd{5}fd{6}fd{6}f$/);
        assert.match(typesOf(cloudOf(world)), /^f{20,21}$/);
        const runs = world.commands.filter(({ args }) => args.includes("backup")).map(({ at }) => at);
        assert.ok(runs.every((at, index) => at - (runs[index - 1] ?? -Infinity) >= 600));
    });

    it("protects with one that is well while another is away, says which is which, and mends by itself", async () => {
        const world = worldWith(cloudWith(WEEKLY));
        const seen = watched(world);
        await serve(world, START + DAY);
        assert.deepEqual([seen.at(-1)?.healthy, seen.at(-1)?.protected], [true, true]);
        world.away.add("cloud");
        await serve(world, START + 3 * DAY);
        const away = seen.at(-1);
        assert.deepEqual([away?.healthy, away?.protected], [false, true]);
        assert.match(away?.sentence ?? "", /^protected by local only; repository cloud: .*unable to connect/);
        assert.equal(typesOf(world.backups), "fddd");
        assert.equal(typesOf(cloudOf(world)), "fd");
        world.away.delete("cloud");
        await serve(world, START + 5 * DAY);
        assert.deepEqual([seen.at(-1)?.healthy, seen.at(-1)?.protected], [true, true]);
        assert.equal(seen.at(-1)?.sentence.startsWith("protected, "), true);
        assert.ok(cloudOf(world).length >= 4);
    });

    it("notes with which configuration one of them could not be used, until it can", async () => {
        const world = worldWith(cloudWith(WEEKLY));
        await serve(world, START + DAY);
        world.away.add("cloud");
        world.revision = revisionOf(WEEKLY, { name: "2-b", repositories: [LOCAL, cloudWith(WEEKLY)] });
        let noted: unknown;
        const save = world.save.bind(world);
        world.save = (state) => {
            // One that has ended has confirmed nothing.
            if (state.repositories["local"]?.archiving !== "")
                noted = Object.entries(state.repositories).map(([name, { archiving, away }]) => {
                    return { name, archiving, away };
                });
            save(state);
        };
        const local = { name: "local", archiving: "2-b", away: "" };
        await serve(world, START + DAY + HOUR);
        assert.deepEqual(noted, [local, { name: "cloud", archiving: "", away: "2-b" }]);
        world.away.delete("cloud");
        await serve(world, START + DAY + 3 * HOUR);
        assert.deepEqual(noted, [local, { ...local, name: "cloud" }]);
    });

    it("says of which one WAL lacks when PostgreSQL waits, and goes on with backups to the others", async () => {
        const world = worldWith(cloudWith(WEEKLY));
        const seen = watched(world);
        await serve(world, START + DAY);
        world.away.add("cloud");
        const segment = world.write(200);
        world.archiver = { ...world.archiver, failing: "since 12:00 UTC", failed: segment, backlog: 200 };
        await serve(world, START + 2 * DAY);
        assert.match(seen.at(-1)?.sentence ?? "", /^protected by local only; repository cloud: /);
        assert.equal(world.state?.repositories["local"]?.isBehind, false);
        assert.equal(typesOf(world.backups), "fdd");
    });

    for (const away of [[], ["cloud"]])
        it(`is not protected when PostgreSQL's archiver is stuck with what all others have, ${away.length} away`, async () => {
            const world = worldWith(cloudWith(WEEKLY));
            const seen = watched(world);
            await serve(world, START + DAY);
            for (const name of away) world.away.add(name);
            const waiting = world.write(1);
            await serve(world, world.now() + 60);
            world.archiver = { ...world.archiver, waiting, late: world.write(600, false), backlog: 700 };
            await serve(world, world.now() + 300);
            assert.deepEqual([seen.at(-1)?.healthy, seen.at(-1)?.protected], [false, false]);
            assert.match(
                seen.at(-1)?.sentence ?? "",
                /^(?:repository local: )?WAL segment \S+ has waited for more than 5 minutes/,
            );
        });

    it("is not protected where none of them is well, and says once what is wrong with all", async () => {
        const world = worldWith(cloudWith(WEEKLY));
        const seen = watched(world);
        await serve(world, START + DAY);
        world.away.add("cloud").add("local");
        await serve(world, START + 3 * DAY);
        assert.deepEqual([seen.at(-1)?.healthy, seen.at(-1)?.protected], [false, false]);
        assert.match(
            seen.at(-1)?.sentence ?? "",
            /^this configuration is not in force yet: .*unable to connect \(not protected/,
        );
    });

    it("takes the first backup of a new one at once, and touches nothing else", async () => {
        const world = new FakeWorld(START, WEEKLY);
        await serve(world, START + 2 * DAY);
        const before = typesOf(world.backups);
        world.others.set("cloud", { backups: [], wal: new Map() });
        world.revision = revisionOf(WEEKLY, { name: "2-b", repositories: [LOCAL, cloudWith(WEEKLY)] });
        await serve(world, START + 2 * DAY + HOUR);
        assert.equal(typesOf(world.backups), before);
        assert.equal(typesOf(cloudOf(world)), "f");
        // And forgets it when it goes; what is there stays.
        world.revision = revisionOf(WEEKLY, { name: "3-c" });
        await serve(world, START + 2 * DAY + 2 * HOUR);
        assert.deepEqual(Object.keys(world.state?.repositories ?? {}), ["local"]);
        assert.equal(world.state?.doing, undefined);
        assert.equal(typesOf(world.backups), before);
    });

    it("lets the first backup wait for its schedule where that is wanted, red until then", async () => {
        const world = new FakeWorld(START, WEEKLY);
        const seen = watched(world);
        await serve(world, START + DAY);
        world.others.set("cloud", { backups: [], wal: new Map() });
        const cloud = cloudWith("full 0 3 * * 6\n", { firstBackup: "scheduled" });
        world.revision = revisionOf(WEEKLY, { name: "2-b", repositories: [LOCAL, cloud] });
        await serve(world, START + 2 * DAY);
        assert.equal(typesOf(cloudOf(world)), "");
        assert.deepEqual([seen.at(-1)?.healthy, seen.at(-1)?.protected], [false, true]);
        assert.match(
            seen.at(-1)?.sentence ?? "",
            /repository cloud: the first backup is scheduled for 2026-01-10 03:00 UTC/,
        );
        await serve(world, START + 6 * DAY);
        assert.equal(typesOf(cloudOf(world)), "f");
        assert.equal(seen.at(-1)?.healthy, true);
    });

    it("knows one again that has another name or another place in the list", async () => {
        const world = worldWith(cloudWith(WEEKLY));
        await serve(world, START + DAY);
        const renamed = { ...LOCAL, name: "disk" };
        world.others.set("disk", world);
        world.revision = revisionOf(WEEKLY, { name: "2-b", repositories: [cloudWith(WEEKLY), renamed] });
        await serve(world, START + DAY + HOUR);
        assert.deepEqual([typesOf(world.backups), typesOf(cloudOf(world))], ["fd", "fd"]);
    });

    it("takes no run of one for a run of another, whatever fails (property)", async () => {
        await fc.assert(
            fc.asyncProperty(
                fc.array(
                    fc.record({
                        after: fc.integer({ min: 1, max: 3 * DAY }),
                        who: fc.constantFrom("local", "cloud"),
                    }),
                    {
                        maxLength: 6,
                    },
                ),
                async (outages) => {
                    const world = worldWith(cloudWith(WEEKLY));
                    const seen = watched(world);
                    let end = START + HOUR;
                    await serve(world, end);
                    for (const { after, who } of outages) {
                        if (!world.away.delete(who)) world.away.add(who);
                        end += after;
                        await serve(world, end);
                        const { sentence = "", protected: isProtected } = seen.at(-1) ?? {};
                        if (world.away.size === 0 || !isProtected) continue;
                        for (const name of world.away)
                            assert.ok(!sentence.includes(`by ${name} only`), sentence);
                    }
                    world.away.clear();
                    await serve(world, end + 2 * DAY);
                    assert.equal(seen.at(-1)?.healthy, true, seen.at(-1)?.sentence);
                },
            ),
            { numRuns: 6 },
        );
    });

    it("gives pgbackrest one repository, or the configuration of one alone where it would take all", () => {
        const [, cloud] = eachOf(revisionOf(WEEKLY, { repositories: [LOCAL, cloudWith(WEEKLY)] }));
        const [alone] = eachOf(revisionOf(WEEKLY));
        assert.ok(cloud !== undefined && alone !== undefined);
        assert.deepEqual(argumentsFor(cloud, ["--type=full", "backup"]), [
            "--repo=2",
            "--type=full",
            "backup",
        ]);
        assert.deepEqual(argumentsFor(cloud, ["check"]), [
            "--config=/nowhere/archivers/2/pgbackrest.conf",
            "check",
        ]);
        assert.deepEqual(argumentsFor(alone, ["check"]), ["check"]);
    });
});
