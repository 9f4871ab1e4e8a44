// A database that was written, backed up, restored and written again, told second by second: what the choice of a backup is held to. It
// shares no code with that choice, but the types.
import fc from "fast-check";
import type { Backup } from "../../components/protection/info";
import type { Facts, RepositoryFacts } from "../../components/restore/facts";

export const SIZE = 2 ** 24;
/** Bytes of WAL a second: a segment takes 64 s. */
const RATE = 2 ** 18;
/** All that happens happens at multiples of it, so that what is half of it off is clearly before or after. */
export const TICK = 8;

/** A timeline, as it was written. */
export interface Line {
    readonly number: number;
    readonly parent: Line | undefined;
    /** Along whose history recovery went, to before that one left its parent: what PostgreSQL writes down as the parent. */
    readonly followed: Line | undefined;
    /** Where it left its parent. */
    readonly begin: number;
    /** From when to when it was written. */
    readonly from: number;
    readonly to: number;
}

export interface Taken {
    readonly line: Line;
    readonly start: number;
    readonly stop: number;
    readonly damaged: boolean;
}

export interface World {
    /** The first is timeline 1. */
    readonly lines: readonly Line[];
    /** Of each repository. */
    readonly repositories: readonly Store[];
}

export interface Store {
    readonly name: string;
    readonly taken: readonly Taken[];
    /** `timeline/number` of segments that are lost. */
    readonly lost: ReadonlySet<string>;
}

/** Where a timeline was at a time. */
export function positionAt(line: Line, time: number): number {
    return line.begin + (time - line.from) * RATE;
}

const numberOf = (lsn: number): number => Math.floor(lsn / SIZE);

/** Is a segment in a repository? Only whole ones are archived. */
export function isThere({ lost }: Store, line: Line, number: number): boolean {
    return (
        number >= numberOf(line.begin) &&
        (number + 1) * SIZE <= positionAt(line, line.to) &&
        !lost.has(`${line.number}/${number}`)
    );
}

const archivedAt = (line: Line, number: number): number =>
    line.from + ((number + 1) * SIZE - line.begin) / RATE;

export function nameOf(line: Line, number: number): string {
    return [line.number, Math.floor(number / 256), number % 256]
        .map((part) => part.toString(16).toUpperCase().padStart(8, "0"))
        .join("");
}

/** A segment's neighbours and all that is between. */
function range(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

const archivable = (line: Line): number[] =>
    range(numberOf(line.begin), Math.floor(positionAt(line, line.to) / SIZE) - 1);

/** What is known of it, as the service finds it. */
export function factsOf({ lines, repositories }: World, running: Line | undefined): Facts {
    const now = Math.max(...lines.map(({ to }) => to)) + TICK;
    return {
        now,
        repositories: repositories.map((store, index) => repositoryOf(store, lines, index + 1)),
        running:
            running === undefined
                ? undefined
                : { timeline: running.number, lsn: BigInt(positionAt(running, running.to)), slots: [] },
        ...{ points: [], away: [], freeBytes: undefined, speed: undefined },
    };
}

function repositoryOf(store: Store, lines: readonly Line[], number: number): RepositoryFacts {
    const ends = lines.flatMap((line) => {
        const newest = archivable(line).findLast((segment) => isThere(store, line, segment));
        return newest === undefined
            ? []
            : [[line.number, { segment: nameOf(line, newest), time: archivedAt(line, newest) }] as const];
    });
    return {
        ...{ number, name: store.name, segmentSize: SIZE, damagedPages: new Map() },
        backups: store.taken.map((one) => backupOf(one, number)),
        histories: new Map(
            lines.filter(({ parent }) => parent !== undefined).map((line) => [line.number, switchesOf(line)]),
        ),
        ends: new Map(ends),
        gaps: lines.flatMap((line) => gapsOf(store, line)),
    };
}

function switchesOf(line: Line): { timeline: number; lsn: bigint }[] {
    const { followed } = line;
    return followed === undefined
        ? []
        : [...switchesOf(followed), { timeline: followed.number, lsn: BigInt(line.begin) }];
}

function gapsOf(store: Store, line: Line): RepositoryFacts["gaps"] {
    const all = archivable(line);
    const newest = all.findLast((segment) => isThere(store, line, segment)) ?? -1;
    return all
        .filter((segment) => segment < newest && !isThere(store, line, segment))
        .map((segment) => ({
            ...{ first: nameOf(line, segment), last: nameOf(line, segment), count: 1 },
            after: isThere(store, line, segment - 1) ? archivedAt(line, segment - 1) : null,
        }));
}

export function labelOf({ line, start }: Taken): string {
    return `${line.number}-${start}F`;
}

function backupOf(taken: Taken, repository: number): Backup {
    const { line, start, stop, damaged } = taken;
    const [first, last] = [positionAt(line, start), positionAt(line, stop)];
    return {
        ...{ label: labelOf(taken), type: "full", damaged, needs: [], repository, start, stop },
        ...{ added: 1, size: 1, lsn: { start: BigInt(first), stop: BigInt(last) } },
        wal: { first: nameOf(line, numberOf(first)), last: nameOf(line, numberOf(last - 1)) },
    };
}

/** Whose WAL a position is in the history of a timeline. */
export function writerOf(line: Line, lsn: number): Line {
    return lsn >= line.begin || line.parent === undefined ? line : writerOf(line.parent, lsn);
}

/**
 * Replays as PostgreSQL does: up to which position does it come from a backup along a timeline? Nothing where the backup is not consistent
 * by then, or not of that history. Of a timeline of which nothing is archived its parent's WAL goes up to where it begins.
 */
export function replayed(store: Store, { line, start, stop }: Taken, along: Line): number | undefined {
    const [first, last] = [positionAt(line, start), positionAt(line, stop)];
    if (writerOf(along, first) !== line || writerOf(along, last - 1) !== line) return undefined;
    const way = archivable(along).some((segment) => isThere(store, along, segment)) ? along : along.parent;
    const limit = way === along || way === undefined ? Infinity : along.begin;
    if (way === undefined) return undefined;
    if (limit !== Infinity) {
        const before = replayed(store, { line, start, stop, damaged: false }, way);
        return before === undefined ? undefined : Math.min(before, limit);
    }
    let number = numberOf(first);
    while (isThere(store, writerOf(along, (number + 1) * SIZE - 1), number)) number++;
    return number * SIZE >= last ? number * SIZE : undefined;
}

/** Where the archived WAL of a history ends. */
export function endOf(store: Store, along: Line): number | undefined {
    const newest = archivable(along).findLast((segment) => isThere(store, along, segment));
    if (newest !== undefined) return (newest + 1) * SIZE;
    const before = along.parent === undefined ? undefined : endOf(store, along.parent);
    return before === undefined ? undefined : Math.min(before, along.begin);
}

/** The first commit after a time, in a history: there is one each second. */
export function firstAfter(line: Line, time: number): number | undefined {
    const { parent } = line;
    const earlier = parent === undefined ? undefined : firstAfter(parent, time);
    if (earlier !== undefined && earlier < line.begin) return earlier;
    const seconds = Math.max(time + 1, line.from);
    return seconds < line.to ? positionAt(line, seconds) : undefined;
}

const line = fc.record({
    parent: fc.nat(),
    followed: fc.nat(),
    /** How far along its parent it leaves, and how long it is written. */
    leaves: fc.integer({ min: 1, max: 100 }),
    /** Does it leave where a segment ends? */
    whole: fc.boolean(),
    ticks: fc.integer({ min: 1, max: 80 }),
});

const store = fc.record({
    taken: fc.array(
        fc.record({
            line: fc.nat(),
            at: fc.nat(),
            ticks: fc.integer({ min: 1, max: 6 }),
            damaged: fc.nat(5),
        }),
        { maxLength: 6 },
    ),
    lost: fc.array(fc.record({ line: fc.nat(), number: fc.nat() }), { maxLength: 4 }),
});

export const anyWorld: fc.Arbitrary<World> = fc
    .record({
        lines: fc.array(line, { minLength: 1, maxLength: 5 }),
        repositories: fc.array(store, { minLength: 1, maxLength: 2 }),
    })
    .map((drawn) => {
        const lines: Line[] = [];
        for (const { parent, followed, leaves, whole, ticks } of drawn.lines) {
            const from = 10_000 * TICK + (lines.at(-1)?.to ?? 0);
            const of = lines.length === 0 ? undefined : lines[parent % lines.length];
            const left = of === undefined ? 0 : Math.ceil(((of.to - of.from) / TICK) * (leaves / 100)) * TICK;
            const at = of === undefined ? SIZE : positionAt(of, of.from + left);
            const begin =
                whole && of !== undefined
                    ? Math.max(of.begin + TICK * RATE, Math.floor(at / SIZE) * SIZE)
                    : at;
            const along = lines.filter((one) => writerOf(one, begin - 1) === of);
            lines.push({
                ...{ number: lines.length + 1, parent: of, followed: along[followed % along.length] },
                ...{ begin, from, to: from + ticks * TICK },
            });
        }
        const pick = (number: number): Line => lines[number % lines.length] ?? { ...NOTHING };
        return {
            lines,
            repositories: drawn.repositories.map(({ taken, lost }, index) => {
                const whole: Store = { name: `store${index}`, taken: [], lost: new Set() };
                const losable = lines.flatMap((one) =>
                    archivable(one).map((number) => `${one.number}/${number}`),
                );
                const kept = {
                    ...whole,
                    lost: new Set(lost.map(({ number }) => losable[number % losable.length] ?? "")),
                };
                return { ...kept, taken: takenOf(taken, pick, whole) };
            }),
        };
    });

const NOTHING: Line = { number: 1, parent: undefined, followed: undefined, begin: SIZE, from: 0, to: 0 };

/** pgBackRest ends a backup only when its WAL is archived; what is lost is lost later. */
function takenOf(
    drawn: readonly { line: number; at: number; ticks: number; damaged: number }[],
    pick: (number: number) => Line,
    whole: Store,
): Taken[] {
    return drawn
        .flatMap(({ line: number, at, ticks, damaged }) => {
            const one = pick(number);
            const length = (one.to - one.from) / TICK;
            const start = one.from + (at % length) * TICK;
            const stop = start + ticks * TICK;
            const last = numberOf(positionAt(one, stop) - 1);
            return stop <= one.to && isThere(whole, one, last)
                ? [{ line: one, start, stop, damaged: damaged === 0 }]
                : [];
        })
        .filter((one, index, all) => all.findIndex((other) => labelOf(other) === labelOf(one)) === index)
        .sort((a, b) => a.stop - b.stop);
}
