// What of a history is in a repository: up to where, and what is missing on the way. Segments by their numbers, since one number stands for
// the timeline that has it in this history: a segment in which a timeline ended is needed as the next one wrote it.
import type { Backup } from "../protection/info";
import { type Gap, nameOf, positionOf, segmentNumber } from "../protection/wal";
import type { RepositoryFacts } from "./facts";
import { historyOf, type Stretch, timelineName, timelineNumber } from "./history";

export interface Reach {
    readonly repository: RepositoryFacts;
    readonly timeline: number;
    readonly history: readonly Stretch[];
    /** Where WAL of it ends; nothing where there is none. */
    readonly end: End | undefined;
    /** In their order. */
    readonly holes: readonly Hole[];
}

export interface End {
    /** The first position that is not there. */
    readonly lsn: bigint;
    /** The last segment. */
    readonly number: number;
    /** When it was archived. */
    readonly time: number;
    /** Is it where the next timeline begins, of which nothing is there? Then it was archived before `time`, and nobody knows when. */
    readonly isFork: boolean;
}

/** Segments in a row that are not there, both ends included. */
export interface Hole {
    readonly from: number;
    readonly to: number;
    /** Names of both ends. */
    readonly first: string;
    readonly last: string;
    /** When the segment before them was archived; nothing where that is not known. */
    readonly after: number | null;
}

export function reachOf(repository: RepositoryFacts, timeline: number): Reach {
    const history = historyOf(timeline, repository.histories);
    const written = writtenOf(history, repository);
    const holes = asIfLast(written).flatMap((stretch) => [
        ...repository.gaps.flatMap((gap) => holeOf(gap, stretch, repository.segmentSize)),
        ...cutOff(stretch, repository),
    ]);
    const end = endOf(written, repository);
    return { repository, timeline, history, end, holes: holes.sort((a, b) => a.from - b.from) };
}

/** Its last timeline wrote the last segment that is there, wherever the next one begins. */
function asIfLast(written: readonly Stretch[]): Stretch[] {
    return written.map((one, index) => (index === written.length - 1 ? { ...one, end: undefined } : one));
}

/** A history as far as there is WAL of its timelines: what comes then may not be archived yet. */
function writtenOf(history: readonly Stretch[], { ends, segmentSize }: RepositoryFacts): readonly Stretch[] {
    return history.slice(
        0,
        1 +
            history.findLastIndex(({ timeline, begin, end }) => {
                // Nothing of it is part of this history: a later timeline left where it began, or before that.
                if (begin === end) return false;
                const newest = ends.get(timeline)?.segment;
                return (
                    newest !== undefined &&
                    positionOf(newest, segmentSize).number >= segmentNumber(begin, segmentSize)
                );
            }),
    );
}

function endOf(written: readonly Stretch[], { ends, segmentSize }: RepositoryFacts): End | undefined {
    const last = written.at(-1);
    const newest = last === undefined ? undefined : ends.get(last.timeline);
    if (last === undefined || newest === undefined) return undefined;
    const { number } = positionOf(newest.segment, segmentSize);
    const lsn = BigInt(number + 1) * BigInt(segmentSize);
    return last.end === undefined || last.end > lsn
        ? { lsn, number, time: newest.time, isFork: false }
        : {
              lsn: last.end,
              number: segmentNumber(last.end - 1n, segmentSize),
              time: newest.time,
              isFork: true,
          };
}

/** The first and the last segment that a history needs of one of its timelines. */
function span({ begin, end }: Stretch, size: number): readonly [number, number] {
    return [segmentNumber(begin, size), end === undefined ? Infinity : segmentNumber(end, size) - 1];
}

function holeOf({ first, last, after }: Gap, stretch: Stretch, size: number): Hole[] {
    const [begin, end] = span(stretch, size);
    const [from, to] = [positionOf(first, size).number, positionOf(last, size).number];
    const isThere = timelineNumber(first) === stretch.timeline && from <= end && to >= begin;
    return isThere ? [{ from: Math.max(from, begin), to: Math.min(to, end), first, last, after }] : [];
}

/** What is missing where a timeline's WAL ends before the next one begins. */
function cutOff(stretch: Stretch, { ends, segmentSize }: RepositoryFacts): Hole[] {
    const [begin, to] = span(stretch, segmentSize);
    const newest = ends.get(stretch.timeline);
    const last = newest === undefined ? -1 : positionOf(newest.segment, segmentSize).number;
    const from = Math.max(begin, last + 1);
    if (to === Infinity || from > to) return [];
    const name = (number: number) =>
        nameOf({ timeline: timelineName(stretch.timeline), number }, segmentSize);
    return [{ from, to, first: name(from), last: name(to), after: newest?.time ?? null }];
}

/** What is missing between two segments. */
export function missing({ holes }: Reach, first: number, last: number): Hole | undefined {
    return holes.find(({ from, to }) => from <= last && to >= first);
}

/** The segments without which a backup is not consistent; nothing of one that was taken without WAL. */
export function walOf({ wal }: Backup, size: number): readonly [number, number] | undefined {
    return wal === undefined
        ? undefined
        : [positionOf(wal.first, size).number, positionOf(wal.last, size).number];
}

/** On which timeline a backup was taken. */
export function timelineOf({ wal }: Backup): number {
    return timelineNumber(wal?.first ?? "");
}

/** Where it is consistent, or a position behind that. */
export function consistentAt({ lsn, wal }: Backup, size: number): bigint {
    return lsn?.stop ?? BigInt(positionOf(wal?.last ?? "", size).number + 1) * BigInt(size);
}
