import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Backup } from "../../components/protection/info";
import { clockText, lostBackups } from "../../components/protection/kept";
import { newState, type Verdict } from "../../components/protection/state";
import {
    directoriesOf,
    directoryOf,
    endOf,
    type Expected,
    firstNeeded,
    forkOf,
    following,
    type Gap,
    gapsIn,
    laterSegment,
    nextDirectory,
    NO_WAL,
    reachOf,
    readBytes,
    readSegments,
    withListed,
} from "../../components/protection/wal";
import { Service } from "../../service/service";
import { FakeWorld, revisionOf } from "../support/fakeWorld";
import { DAY, fullBackup, NOW } from "../support/repositoryMemory";

const MIB = 2 ** 20;
const HOUR = 3600;

/** So many names in a row. */
function row(first: string, count: number, size: number): string[] {
    const names = [first];
    while (names.length < count) names.push(following(names.at(-1) ?? "", size));
    return names;
}

function backup(label: string, first: string, changes: Partial<Backup> = {}): Backup {
    return fullBackup(first, { label, ...changes });
}

describe("WAL in a repository", () => {
    it("has names that PostgreSQL would give", () => {
        for (const [segment, size, next] of [
            ["000000010000000000000001", 16 * MIB, "000000010000000000000002"],
            ["0000000100000000000000FF", 16 * MIB, "000000010000000100000000"],
            ["0000000A0000000F00000003", 1024 * MIB, "0000000A0000001000000000"],
            ["000000010000000000000FFF", MIB, "000000010000000100000000"],
        ] as const)
            assert.equal(following(segment, size), next);
        assert.equal(
            laterSegment("00000002.history", "000000010000000000000001"),
            "000000010000000000000001",
        );
        assert.equal(laterSegment("", "00000002.history"), "");
    });

    it("is read from a listing, whatever else is in it", () => {
        const sum = "0123456789abcdef0123456789abcdef01234567";
        const json = JSON.stringify({
            ".": { type: "path" },
            [`000000010000000000000001-${sum}.zst`]: { type: "file", size: 5, time: NOW },
            [`000000010000000000000002-${sum}`]: { type: "file", size: 5, time: NOW },
            [`000000010000000000000003-${sum}.zst.pgbackrest.tmp`]: { type: "file", size: 5, time: NOW },
            [`000000010000000000000004.partial-${sum}.zst`]: { type: "file", size: 5, time: NOW },
            "000000010000000000000002.00000028.backup": { type: "file", size: 5, time: NOW },
        });
        // All of it takes room.
        assert.equal(readBytes(json), 25);
        const listing = readSegments(json);
        assert.deepEqual(
            [...(listing ?? [])],
            [
                ["000000010000000000000001", NOW],
                ["000000010000000000000002", NOW],
            ],
        );
        assert.equal(readSegments("ERROR"), undefined);
    });

    it("is missing exactly where it is, however it is listed", () => {
        fc.assert(
            fc.property(
                fc.record({
                    size: fc.constantFrom(MIB, 16 * MIB, 64 * MIB, 1024 * MIB),
                    skip: fc.integer({ min: 0, max: 300 }),
                    present: fc.array(fc.boolean(), { minLength: 1, maxLength: 700 }),
                    known: fc.boolean(),
                }),
                ({ size, skip, present, known }) => {
                    const names = row("000000030000000000000000", skip + present.length, size).slice(skip);
                    const there = new Map(
                        names.flatMap((name, index) =>
                            present[index] === true ? [[name, NOW + index]] : [],
                        ),
                    );
                    const [first = ""] = names;
                    const expected: Expected = { first, last: names.at(-1) ?? "", size };
                    const directories = [...new Set(names.map(directoryOf))];
                    // What was known of them before is replaced.
                    let gaps: Gap[] = known ? [{ first, last: first, count: 1, after: null }] : [];
                    let directory = "";
                    for (const expectedNext of directories) {
                        directory = nextDirectory(directory, expected);
                        assert.equal(directory, expectedNext);
                        const listing = new Map(
                            [...there].filter(([name]) => directoryOf(name) === directory),
                        );
                        gaps = withListed(gaps, directory, gapsIn(directory, listing, expected), first);
                        assert.ok(names.includes(endOf(directory, expected)));
                    }
                    assert.equal(nextDirectory(directory, expected), directories[0]);
                    assert.deepEqual(directoriesOf(expected), directories);
                    const found = gaps.flatMap(({ first: from, count }) => row(from, count, size));
                    assert.deepEqual(
                        found,
                        names.filter((name) => !there.has(name)),
                    );
                    for (const gap of gaps) assert.equal(row(gap.first, gap.count, size).at(-1), gap.last);
                },
            ),
        );
    });

    it("is needed from the oldest backup on that counts, on its own timeline", () => {
        const old = backup("old", "000000010000000000000004", { start: NOW - DAY });
        const ours = backup("ours", "000000020000000000000009");
        const fork = "000000020000000000000007";
        const first = (backups: Backup[], since: number, timeline: number, known: string | undefined) =>
            firstNeeded(backups, since, `0000000${timeline}000000000000000A`, known);
        assert.equal(first([old, ours], 0, 1, undefined), "000000010000000000000004");
        assert.equal(first([old, ours], 0, 2, fork), fork);
        assert.equal(first([old], 0, 2, fork), fork);
        assert.equal(first([ours], 0, 2, fork), "000000020000000000000009");
        assert.equal(first([old, ours], 0, 2, undefined), "000000020000000000000009");
        assert.equal(first([old], 0, 2, undefined), undefined);
        assert.equal(first([old], NOW - 7200, 1, undefined), undefined);
        assert.equal(first([], 0, 1, undefined), undefined);
    });

    it("of a timeline begins where the one before it ended", () => {
        const history = "1\t0/3000028\tno recovery target specified\n\n2\t1/FF000000\tbefore 2026-11-27\n";
        assert.equal(forkOf("00000003", history, 16 * MIB), "0000000300000001000000FF");
        assert.equal(forkOf("00000002", "1\t0/3000028\tx", 16 * MIB), "000000020000000000000003");
        assert.equal(forkOf("00000002", "1\t2/41000000", 1024 * MIB), "000000020000000200000001");
        assert.equal(forkOf("00000002", "", 16 * MIB), undefined);
        assert.equal(forkOf("00000002", "damaged 0/3000028", 16 * MIB), undefined);
    });

    it("that is missing cuts off what follows, until a backup begins behind it", () => {
        const gap = {
            ...{ first: "000000010000000000000005", last: "000000010000000000000007", count: 3 },
            after: NOW - 1800,
        };
        const wal = { ...NO_WAL, gaps: [gap] };
        const before = backup("before", "000000010000000000000002");
        const within = backup("within", "000000010000000000000007");
        const behind = backup("behind", "000000010000000000000008", { stop: NOW });
        assert.deepEqual(reachOf(wal, [before, within]), {
            missingWal:
                "3 WAL segments (000000010000000000000005 to 000000010000000000000007) are missing in the repository: " +
                "nothing that was written after 2026-11-27 05:30 UTC can be restored before a new backup has ended well",
            unreachable: "",
        });
        assert.deepEqual(reachOf(wal, [before, within, behind]), {
            missingWal: "",
            unreachable:
                "no moment from 2026-11-27 05:30 to 2026-11-27 06:00 UTC can be restored: " +
                "3 WAL segments (000000010000000000000005 to 000000010000000000000007) are missing",
        });
        assert.deepEqual(reachOf(NO_WAL, [before]), { missingWal: "", unreachable: "" });
    });
});

describe("backups that a repository should have", () => {
    it("are lost with their directories, and with those they need", () => {
        const full = backup("1F", "000000010000000000000002");
        const diff = backup("1F_2D", "000000010000000000000003", { type: "diff", needs: ["1F"] });
        assert.equal(lostBackups([full, diff], new Set(["1F", "1F_2D", "backup.info"])), "");
        assert.match(
            lostBackups([full, diff], new Set(["1F_2D"])),
            /^the backup 1F is in the repository's list, but its directory is gone: it cannot be restored, nor 1F_2D, which needs it/,
        );
        assert.match(
            lostBackups([full, diff], new Set()),
            /^the backups 1F, 1F_2D are .* they cannot be restored\./,
        );
    });

    it("were taken by now, or a clock is wrong", () => {
        const full = backup("1F", "000000010000000000000002");
        assert.equal(clockText([full], NOW), "");
        // A clock that is corrected by minutes just after a backup.
        assert.equal(clockText([{ ...full, start: NOW + 3000 }], NOW), "");
        assert.match(
            clockText([{ ...full, start: NOW + DAY }], NOW),
            /1F is dated 2026-11-28 06:00 UTC, and now it is 2026-11-27 06:00 UTC/,
        );
    });
});

describe("the backup service, where something is missing in the repository", function () {
    this.timeout(60_000);
    const START = Date.UTC(2026, 0, 5, 12) / 1000;
    /** What it said last before it was told to end. */
    const serve = async (world: FakeWorld, seconds: number): Promise<Verdict> => {
        world.stopAt = world.now() + seconds;
        const save = world.save.bind(world);
        let last: Verdict | undefined;
        world.save = (state) => {
            if (!state.verdict.sentence.includes("is not in force yet")) last = state.verdict;
            save(state);
        };
        await new Service(world, world.state ?? newState("host", world.now()), {
            lookEvery: 600,
            grace: 3600,
        }).run();
        world.save = save;
        assert.ok(last !== undefined);
        return last;
    };
    /** A stack that has been up for an hour. */
    const running = async (): Promise<FakeWorld> => {
        const world = new FakeWorld(START, "full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC\n");
        world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 16 * MIB } };
        world.wal.set("000000010000000000000001", START);
        [world.stride, world.lasts["backup"]] = [10, 60];
        await serve(world, 3600);
        return world;
    };
    const sentences = (world: FakeWorld): Set<string> => {
        const said = new Set<string>();
        const save = world.save.bind(world);
        world.save = (state) => {
            said.add(`${state.verdict.healthy ? "well" : "ill"}: ${state.verdict.sentence}`);
            save(state);
        };
        return said;
    };
    const said = (all: ReadonlySet<string>, pattern: RegExp): void => {
        assert.ok(
            [...all].some((text) => pattern.test(text)),
            [...all].join("\n"),
        );
    };

    it("takes a backup at once on a timeline on which none has begun, also where nothing is written, and only one", async () => {
        const world = await running();
        const { archived } = world.archiver;
        assert.ok(archived !== undefined);
        world.archiver = { archived: { ...archived, timeline: "00000001" } };
        await serve(world, 1200);
        assert.equal(world.backups.length, 1);
        // While it recovers it is on none.
        world.archiver = { archived };
        await serve(world, 1200);
        world.archiver = { archived: { ...archived, timeline: "00000002" } };
        world.fails = (command) => (command === "backup" ? "[082]: not now" : undefined);
        const all = sentences(world);
        await serve(world, 600);
        said(all, /^well: protected, idle, next .*diff at once/);
        world.fails = () => undefined;
        await serve(world, 1200);
        assert.deepEqual(
            world.backups.map(({ type, wal }) => `${type} ${wal?.slice(0, 8) ?? ""}`),
            ["full 00000001", "diff 00000002"],
        );
        assert.ok(world.log.includes("no backup has begun on timeline 2 yet: one follows"));
    });

    it("sees WAL that was dropped, takes a backup at once, and tells what cannot be restored", async () => {
        const world = await running();
        assert.deepEqual(
            world.backups.map(({ type }) => type),
            ["full"],
        );
        world.write(3);
        world.write(300, false);
        world.write(2);
        const all = sentences(world);
        const verdict = await serve(world, 1200);
        said(
            all,
            /^ill: \d+ WAL segments \(.*\) are missing in the repository: nothing that was written after/,
        );
        assert.deepEqual(
            world.backups.map(({ type }) => type),
            ["full", "diff"],
        );
        assert.ok(verdict.healthy, verdict.sentence);
        assert.match(
            verdict.sentence,
            /^protected, .*; no moment from 2026-01-05 .* UTC can be restored: 300 WAL/,
        );
        // As long as a backup before it is there.
        world.backups = world.backups.slice(1).map((one) => ({ ...one, type: "full" }));
        assert.doesNotMatch((await serve(world, 3600)).sentence, /no moment/);
    });

    it("sees it also without a state, and what vanishes later", async () => {
        const world = await running();
        const gone = world.write(1);
        world.write(4);
        world.state = undefined;
        world.wal.delete(gone);
        const all = sentences(world);
        const verdict = await serve(world, 2400);
        said(all, new RegExp(`^ill: the WAL segment ${gone} is missing`));
        assert.equal(world.backups.length, 2);
        assert.ok(verdict.healthy);
        const newest = world.backups.at(-1)?.wal ?? "";
        world.write(3);
        await serve(world, 1200);
        world.wal.delete(following(newest, 16 * MIB));
        await serve(world, 4000);
        said(all, new RegExp(`^ill: the WAL segment ${following(newest, 16 * MIB)} is missing`));
        assert.equal(world.backups.length, 3);
    });

    it("takes a full backup at once where the newest full one has vanished, so that none is late after it", async () => {
        const world = await running();
        world.stride = 600;
        await serve(world, 6 * DAY);
        assert.deepEqual(
            world.backups.map(({ type }) => type),
            ["full", "diff", "diff", "diff", "diff", "diff", "full"],
        );
        world.lost.add(world.backups.at(-1)?.label ?? "");
        const all = sentences(world);
        assert.ok((await serve(world, 3600)).healthy);
        assert.equal(world.backups.at(-1)?.type, "full");
        said(all, /^ill: the backup \w+F is in the repository's list, but its directory is gone/);
        assert.ok(![...all].some((text) => text.startsWith("ill: the full backup")), [...all].join("\n"));
    });

    it("tells within two minutes that the repository is away", async () => {
        const world = await running();
        const at = world.now() + 900;
        let told: number | undefined;
        const [sleep, save] = [world.sleep.bind(world), world.save.bind(world)];
        world.sleep = async (seconds, event) => {
            if (world.now() >= at) world.away.add("local");
            await sleep(seconds, event);
        };
        world.save = (state) => {
            if (state.verdict.sentence.includes("cannot be read")) told ??= world.now();
            save(state);
        };
        await serve(world, 1800);
        assert.ok(told !== undefined && told - at <= 120, `after ${(told ?? Infinity) - at} s`);
    });

    it("goes on to ask PostgreSQL for the WAL that waits, while the repository is away", async () => {
        const world = await running();
        const at = world.now() + 900;
        let asked = 0;
        const archiving = world.archiving.bind(world);
        world.archiving = () => {
            if (world.now() >= at) world.away.add("local");
            if (world.now() >= at + 300) asked++;
            return archiving();
        };
        await serve(world, 1800);
        assert.ok(asked >= 10, `${asked} times`);
    });

    for (const command of ["backup", "verify"])
        it(`tells it also while a ${command} runs, and that it is back, and takes no WAL of then for missing`, async () => {
            const world = await running();
            world.revision = revisionOf("full 0 14 * * *\nverify 0 16 * * *\ntimezone UTC\n", { name: "2" });
            await serve(world, 1800);
            world.lasts = { ...world.lasts, backup: 4 * HOUR, verify: 4 * HOUR };
            world.runningStride = 10;
            const [verdicts, began]: [{ at: number; healthy: boolean; sentence: string }[], number[]] = [
                [],
                [],
            ];
            const [sleep, save] = [world.sleep.bind(world), world.save.bind(world)];
            world.sleep = async (seconds, event) => {
                if (world.runs === command && began.length === 0) began.push(world.now());
                const passed = world.now() - (began[0] ?? Infinity);
                if (passed >= HOUR && world.away.size === 0 && passed < 2 * HOUR) {
                    world.away.add("local");
                    world.write(3);
                }
                if (passed >= 2 * HOUR) world.away.clear();
                await sleep(seconds, event);
            };
            world.save = (state) => {
                const { healthy, sentence } = state.verdict;
                if (world.runs === command) verdicts.push({ at: world.now(), healthy, sentence });
                save(state);
            };
            await serve(world, 10 * HOUR);
            const [start = 0] = began;
            const red = verdicts.filter(({ healthy }) => !healthy);
            for (const { sentence } of red)
                assert.match(
                    sentence,
                    /^this configuration is not in force yet: the repository cannot be read: /,
                );
            const [first, last] = [red[0]?.at ?? 0, red.at(-1)?.at ?? 0];
            assert.ok(first >= start + HOUR && first <= start + HOUR + 120, `told after ${first - start} s`);
            assert.ok(last >= start + 2 * HOUR - 60 && last <= start + 2 * HOUR + 120, `${last - start} s`);
            assert.match(verdicts.at(-1)?.sentence ?? "", new RegExp(`^protected, .*${command}: running`));
            assert.ok((verdicts.at(-1)?.at ?? 0) >= start + 3 * HOUR);
        });

    it("takes nothing for missing while all is there, and lists no oftener than once a minute", async () => {
        const world = await running();
        const lists: number[] = [];
        const start = world.start.bind(world);
        world.start = (revision, args, options) => {
            if (args.at(-1)?.startsWith("archive/") === true) lists.push(world.now());
            return start(revision, args, options);
        };
        const all = sentences(world);
        for (let hour = 0; hour < 48; hour++) {
            world.write(hour % 5);
            await serve(world, 3600);
        }
        assert.deepEqual(
            [...all].filter((text) => /missing|no moment/.test(text)),
            [],
        );
        // Each service begins with one, as it does not know when the last was.
        const close = lists.filter((time, index) => time - (lists[index - 1] ?? -Infinity) < 60);
        assert.deepEqual(close, []);
        assert.ok(lists.length > 48);
    });

    it("sees a backup whose directory is gone within a minute, and takes another", async () => {
        const world = await running();
        const [lost] = world.backups;
        world.lost.add(lost?.label ?? "");
        const all = sentences(world);
        const verdict = await serve(world, 300);
        said(all, /^ill: the backup .* is in the repository's list, but its directory is gone/);
        assert.equal(world.backups.length, 1);
        assert.notEqual(world.backups[0]?.label, lost?.label);
        assert.match(verdict.sentence, /^everything before .* is gone/);
    });

    it("that is emptied gets a backup at once, and is not well before that is acknowledged", async () => {
        const world = await running();
        world.backups = [];
        world.wal.clear();
        const verdict = await serve(world, 1200);
        assert.equal(world.backups.length, 1);
        assert.match(verdict.sentence, /^everything before 2026-01-05 \S+ UTC is gone: of the backups/);
        // Whatever comes and goes.
        world.stride = 240;
        const later = await serve(world, 8 * DAY);
        assert.ok(!later.healthy);
        assert.ok(world.backups.some(({ type }) => type !== "full"));
        assert.match(later.sentence, /^everything before 2026-01-05 \S+ UTC is gone: /);
        world.acknowledged = true;
        assert.match((await serve(world, 600)).sentence, /^protected, /);
        assert.match((await serve(world, DAY)).sentence, /^protected, /);
    });

    it("whose backups somebody expired after a full one of his own has lost nothing", async () => {
        const world = await running();
        world.backups = [];
        world.add("full", world.now());
        assert.match((await serve(world, 1200)).sentence, /^protected, /);
    });

    it("is not silenced by a backup of a clock that was ahead", async () => {
        const world = await running();
        world.add("full", world.now() + 30 * DAY);
        world.stride = 240;
        const verdict = await serve(world, 8 * DAY);
        assert.ok(!verdict.healthy);
        assert.match(verdict.sentence, /is dated 2026-02-04 .* the clock was ahead/);
        assert.ok(world.backups.length > 7);
    });
});
