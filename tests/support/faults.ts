import assert from "node:assert/strict";
import fc from "fast-check";
import { newState, type State } from "../../components/protection/state";
import { Service } from "../../service/service";
import { Stopped } from "../../service/world";
import { FakeDrill } from "./fakeDrill";
import { FakeWorld } from "./fakeWorld";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const SCHEDULES =
    "full 30 1 * * 0\ndiff 30 */6 * * *\nverify 0 5 * * 6\ndrill 0 4 * * *\nheartbeat 300\ntimezone UTC\n";
/** As they are in use. */
const OPTIONS = { lookEvery: 600, grace: HOUR };
/** The clock's longest step, which is more than that of the real service; and the same where hours are waited for. */
const STRIDE = 4 * MINUTE;
const LONG_STRIDE = 25 * MINUTE;
/** Larger than usual, so that a directory has fewer of them, whose listing takes most of the time. */
const SEGMENT_SIZE = 2 ** 26;
/** One in so many states is read again from its text, which takes as long as all the rest. */
const READ_EVERY = 20;

/** What goes wrong, from which moment on it may be told, and how late it is told. */
interface Fault {
    /** @returns what of it is said also where all is well again */
    readonly breaks: (world: FakeWorld) => unknown;
    /** Nothing where it is over by itself. */
    readonly mends: (world: FakeWorld) => void;
    readonly says: RegExp;
    /** Is it over before it could be told, because what runs meanwhile has mended it? */
    readonly isOver?: (world: FakeWorld) => boolean;
    /** Seconds after which it has to be known. */
    readonly within: number;
}

const quiet = (): undefined => undefined;
const nextSegment = (world: FakeWorld): string => world.write(1);

/** By the longest that the project promises: ten minutes, an hour after the schedule wanted a backup, a day for drills. */
export const FAULTS = {
    "archiving fails": {
        breaks: (world) => {
            const failed = nextSegment(world);
            world.archiver = { ...world.archiver, failing: "since then", failed };
        },
        mends: (world) => {
            world.archiver = { ...world.archiver, failing: undefined, failed: undefined };
        },
        says: /^WAL does not arrive/,
        within: 10 * MINUTE,
    },
    "archiving hangs": {
        breaks: (world) => {
            world.archiver = { ...world.archiver, waiting: nextSegment(world) };
        },
        mends: (world) => {
            world.archiver = { ...world.archiver, waiting: undefined };
        },
        says: /^WAL segment \w+ has waited/,
        within: 10 * MINUTE,
    },
    "the database is down": {
        breaks: (world) => {
            world.database = false;
            world.archiver = { ...world.archiver, unreachable: "connection refused" };
        },
        mends: (world) => {
            world.database = true;
            world.archiver = { ...world.archiver, unreachable: undefined };
        },
        says: /^PostgreSQL does not answer/,
        within: 10 * MINUTE,
    },
    "the repository is away": {
        breaks: (world) => void world.away.add("local"),
        mends: (world) => world.away.delete("local"),
        says: /cannot be read|not in force yet/,
        within: 10 * MINUTE,
    },
    "WAL is dropped": {
        breaks: (world) => {
            const lost = nextSegment(world);
            world.write(2);
            world.wal.delete(lost);
            // A backup that its schedule wants may close the gap before anybody has seen it.
            return `the WAL segment ${lost} is missing`;
        },
        mends: quiet,
        says: /missing/,
        within: 10 * MINUTE,
    },
    "a backup vanishes": {
        breaks: (world) => void world.lost.add(world.backups.at(-1)?.label ?? ""),
        mends: quiet,
        says: /backup/,
        // pgBackRest itself takes it off its list with the next backup, which is there then.
        isOver: ({ backups, lost }) => !backups.some(({ label }) => lost.has(label)),
        within: 10 * MINUTE,
    },
    "backups fail": {
        breaks: (world) => {
            world.fails = (command) =>
                command === "backup" ? "[125]: remote-0 process terminated" : undefined;
        },
        mends: (world) => {
            world.fails = quiet;
        },
        // Its schedule wants one every six hours.
        says: /^the diff backup of .* is missing|^there is no full backup|^the full backup of .* is missing/,
        within: 6 * HOUR + OPTIONS.grace + HOUR,
    },
    "drills fail": {
        breaks: (world) => {
            if (world.drill !== undefined) world.drill.result = "failed";
        },
        mends: (world) => {
            if (world.drill !== undefined) world.drill.result = "passed";
        },
        says: /^the drill of .* has failed/,
        // Its schedule wants one a day.
        within: DAY + HOUR,
    },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

/** What may happen between two faults and is none. */
const HARMLESS: readonly ((world: FakeWorld) => void)[] = [
    quiet,
    (world) => void world.write(50),
    // Somebody corrects the clock.
    (world) => {
        world.turn(-20 * MINUTE);
    },
    (world) => {
        world.turn(20 * MINUTE);
    },
];

export interface Planned {
    readonly name: FaultName;
    /** Seconds for which all is well before it. */
    readonly after: number;
    readonly meanwhile: number;
}

const NAMES = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);

export const planned: fc.Arbitrary<Planned> = fc.record({
    name: fc.constantFrom(...NAMES),
    after: fc.integer({ min: HOUR, max: 8 * HOUR }),
    meanwhile: fc.nat(HARMLESS.length - 1),
});

/** What came of them. */
export interface Outcome {
    /** How late each was told, in seconds. */
    readonly late: { readonly name: FaultName; readonly seconds: number }[];
    /** What must not be: one that nobody was told of, and an alarm without one. */
    readonly wrongs: string[];
}

type Phase = "begins" | "well" | "broken" | "mended";

/** A world in which these go wrong, one after the other, while one service runs. */
class FaultyWorld extends FakeWorld {
    readonly outcome: Outcome = { late: [], wrongs: [] };
    #phase: Phase = "begins";
    #since: number;
    #next = 0;
    #isDisturbed = false;
    #alsoSaid: unknown;
    #saved = 0;

    constructor(private readonly plan: readonly Planned[]) {
        super(START, SCHEDULES);
        this.#since = START;
        this.drill = new FakeDrill();
        this.archiver = { archived: { last: "000000010000000000000001", segmentSize: SEGMENT_SIZE } };
        [this.stride, this.runningStride] = [STRIDE, STRIDE];
        this.keeps = 3;
    }

    override save(state: State): void {
        if (this.#saved++ % READ_EVERY === 0) super.save(state);
        else this.state = state;
        const { healthy, sentence } = state.verdict;
        const fault = this.plan[this.#next];
        if (fault === undefined) return;
        const passed = this.now() - this.#since;
        if (this.#phase === "broken" && this.isTold(fault.name, healthy, sentence)) {
            this.outcome.late.push({ name: fault.name, seconds: passed });
            this.enter("mended");
            FAULTS[fault.name].mends(this);
        } else if (this.#phase === "well" && !healthy) {
            this.outcome.wrongs.push(`an alarm before "${fault.name}": ${sentence}`);
            this.enter("mended");
        } else if ((this.#phase === "mended" || this.#phase === "begins") && healthy) {
            if (this.#phase === "mended") this.#next++;
            this.enter("well");
        }
    }

    override async sleep(seconds: number, event?: AbortSignal): Promise<void> {
        this.live();
        await super.sleep(seconds, event);
    }

    private live(): void {
        const fault = this.plan[this.#next];
        if (fault === undefined) throw new Stopped();
        const passed = this.now() - this.#since;
        if (this.#phase === "well" && !this.#isDisturbed && passed >= fault.after / 2) {
            this.#isDisturbed = true;
            HARMLESS[fault.meanwhile]?.(this);
        } else if (this.#phase === "well" && passed >= fault.after) {
            this.#alsoSaid = FAULTS[fault.name].breaks(this);
            this.enter("broken");
        } else if (this.#phase === "broken" && passed > FAULTS[fault.name].within + STRIDE) {
            const { isOver, mends }: Fault = FAULTS[fault.name];
            if (isOver?.(this) === true) this.outcome.late.push({ name: fault.name, seconds: passed });
            else
                this.outcome.wrongs.push(
                    `"${fault.name}" was not told within ${passed} s: ${this.state?.verdict.sentence ?? ""}`,
                );
            mends(this);
            this.enter("mended");
        } else if (this.#phase === "mended" && passed > 2 * DAY) {
            this.outcome.wrongs.push(
                `it is not over after "${fault.name}": ${this.state?.verdict.sentence ?? ""}`,
            );
            throw new Stopped();
        }
    }

    private isTold(name: FaultName, healthy: boolean, sentence: string): boolean {
        return healthy
            ? typeof this.#alsoSaid === "string" && sentence.includes(this.#alsoSaid)
            : FAULTS[name].says.test(sentence);
    }

    private enter(phase: Phase): void {
        this.#phase = phase;
        const { within } = FAULTS[this.plan[this.#next]?.name ?? "archiving fails"];
        this.stride = phase === "well" || (phase === "broken" && within > HOUR) ? LONG_STRIDE : STRIDE;
        this.#since = this.now();
        this.#isDisturbed = false;
    }
}

/** Lets them happen, one after the other, in the life of one service. */
export async function live(plan: readonly Planned[]): Promise<Outcome> {
    const world = new FaultyWorld(plan);
    await new Service(world, newState("host", world.now()), OPTIONS).run();
    return world.outcome;
}

/**
 * Lets them happen, and sees each told in time and nothing else.
 * @param where what a failure says, so that the same faults come again
 */
export async function areTold(plan: readonly Planned[], where: string): Promise<void> {
    const { late, wrongs } = await live(plan);
    assert.deepEqual(wrongs, [], where);
    assert.deepEqual(
        late.map(({ name }) => name),
        plan.map(({ name }) => name),
        where,
    );
}
