// WAL segments in a repository: which are missing, and what that means. Names as PostgreSQL gives them: 8 hexadecimal digits for the
// timeline, 8 for the log file, 8 for the segment in it.
import * as v from "valibot";
import { fromJson } from "../fields";
import type { Backup } from "./info";
import { readLsn } from "./lsn";
import { minute } from "./text";

const SEGMENT = /^[0-9A-F]{24}$/;
/** What pgBackRest makes of a segment's name: a checksum behind it, and how it is compressed. */
const ARCHIVED = /^([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$/;
/** A directory of the archive has the segments of one log file. */
const DIRECTORY_LENGTH = 16;
const LOG_FILE = 2 ** 32;

export const Gap = v.object({
    /** Names of the first and the last segment that is not there. */
    first: v.string(),
    last: v.string(),
    count: v.number(),
    /** When the segment before them was archived; nothing where that is not known. */
    after: v.nullable(v.number()),
});
/** Segments in a row that are not in the repository, though what was written later is. */
export type Gap = v.InferOutput<typeof Gap>;

export const Wal = v.object({
    /** The newest segment that was looked for; nothing before there was one. */
    checked: v.string(),
    /** Bytes of a segment. */
    size: v.number(),
    /** In their order; one that goes on in the next directory is there twice. */
    gaps: v.array(Gap),
});
/** What is known of the WAL in a repository. */
export type Wal = v.InferOutput<typeof Wal>;

export const NO_WAL: Wal = { checked: "", size: 2 ** 24, gaps: [] };

/** The archived segments of a listing, with the time of each (seconds since the epoch). */
export type Listing = ReadonlyMap<string, number>;

const Files = v.record(
    v.string(),
    v.object({
        type: v.string(),
        time: v.optional(v.number(), 0),
        size: v.optional(v.number(), 0),
    }),
);

/** The files and directories that `repo-ls --output=json` has found; nothing when it has printed something else. */
export function readNames(json: string): readonly string[] | undefined {
    const files = fromJson(Files, json);
    return files === undefined ? undefined : Object.keys(files).filter((name) => name !== ".");
}

/** The segments that `repo-ls --output=json` has found; nothing when it has printed something else. */
export function readSegments(json: string): Listing | undefined {
    const files = fromJson(Files, json);
    if (files === undefined) return undefined;
    const found = Object.entries(files).flatMap(([file, { time }]) => {
        const segment = ARCHIVED.exec(file)?.[1];
        return segment === undefined ? [] : [[segment, time] as const];
    });
    return new Map(found);
}

/** Bytes of all files that `repo-ls --output=json` has found. */
export function readBytes(json: string): number {
    return Object.values(fromJson(Files, json) ?? {}).reduce((sum, { size }) => sum + size, 0);
}

/** Where a segment stands on its timeline. */
export interface Position {
    readonly timeline: string;
    readonly number: number;
}

export function positionOf(segment: string, size: number): Position {
    const part = (from: number) => Number.parseInt(segment.slice(from, from + 8), 16);
    return { timeline: timelineOf(segment), number: part(8) * (LOG_FILE / size) + part(16) };
}

export function nameOf({ timeline, number }: Position, size: number): string {
    const inLog = LOG_FILE / size;
    const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
    return `${timeline}${hex(Math.floor(number / inLog))}${hex(number % inLog)}`;
}

/** The segment that has a position in the WAL, counted from 0. */
export function segmentNumber(lsn: bigint, size: number): number {
    return Number(lsn / BigInt(size));
}

/** The later of two names; what is no segment's counts as nothing. Timelines come first in a name, so that text order is their order. */
export function laterSegment(a: string, b: string): string {
    return (
        [a, b]
            .filter((name) => SEGMENT.test(name))
            .sort()
            .at(-1) ?? ""
    );
}

/** The names of a timeline's segments begin with it. */
export function timelineOf(segment: string): string {
    return segment.slice(0, 8);
}

export function directoryOf(segment: string): string {
    return segment.slice(0, DIRECTORY_LENGTH);
}

/** What must be in the repository, on one timeline, both ends included. */
export interface Expected {
    readonly first: string;
    readonly last: string;
    /** Bytes of a segment. */
    readonly size: number;
}

/** The segment behind one. */
export function following(segment: string, size: number): string {
    const { timeline, number } = positionOf(segment, size);
    return nameOf({ timeline, number: number + 1 }, size);
}

/** The last segment that is expected in a directory. */
export function endOf(directory: string, { last, size }: Expected): string {
    if (directoryOf(last) === directory) return last;
    const { timeline, number } = positionOf(`${directory}00000000`, size);
    return nameOf({ timeline, number: number + LOG_FILE / size - 1 }, size);
}

/** The directory behind one, as far as something is expected there; the first again after the last. */
export function nextDirectory(directory: string, { first, last, size }: Expected): string {
    const { timeline, number } = positionOf(`${directory}00000000`, size);
    const next = directoryOf(nameOf({ timeline, number: number + LOG_FILE / size }, size));
    return next >= directoryOf(first) && next <= directoryOf(last) ? next : directoryOf(first);
}

/** All directories in which something is expected. */
export function directoriesOf(expected: Expected): string[] {
    const last = directoryOf(expected.last);
    const all = [directoryOf(expected.first)];
    for (let one = all[0] ?? last; one < last; all.push(one)) one = nextDirectory(one, expected);
    return all;
}

/** What is expected in a directory, and not there. */
export function gapsIn(directory: string, listing: Listing, { first, last, size }: Expected): Gap[] {
    const inLog = LOG_FILE / size;
    const begin = positionOf(`${directory}00000000`, size);
    const { timeline } = begin;
    const from = Math.max(begin.number, positionOf(first, size).number);
    const to = Math.min(begin.number + inLog - 1, positionOf(last, size).number);
    const gaps: Gap[] = [];
    let after: number | null = null;
    let isOpen = false;
    for (let number = from; number <= to; number++) {
        const name = nameOf({ timeline, number }, size);
        const time = listing.get(name);
        if (time !== undefined) after = time;
        else {
            const gap = isOpen ? gaps.pop() : undefined;
            gaps.push(
                gap === undefined
                    ? { first: name, last: name, count: 1, after }
                    : { ...gap, last: name, count: gap.count + 1 },
            );
        }
        isOpen = time === undefined;
    }
    return gaps;
}

/** All known gaps, after a directory was listed; without those that no backup is kept of that would need them. */
export function withListed(
    known: readonly Gap[],
    directory: string,
    found: readonly Gap[],
    first: string,
): Gap[] {
    const elsewhere = known.filter((gap) => directoryOf(gap.first) !== directory && gap.last >= first);
    return [...elsewhere, ...found].sort((a, b) => (a.first < b.first ? -1 : 1));
}

/**
 * The first segment of a timeline, by the last line of its history file (PostgreSQL documentation, "Timelines"): it is the one in which
 * the timeline before it ended. Nothing when the file says something else.
 */
export function forkOf(timeline: string, history: string, size: number): string | undefined {
    const ends = [...history.matchAll(/^\s*\d+\s+([0-9A-F]{1,8}\/[0-9A-F]{1,8})(?=\s|$)/gm)];
    const lsn = readLsn(ends.at(-1)?.[1] ?? "");
    return lsn === undefined ? undefined : nameOf({ timeline, number: segmentNumber(lsn, size) }, size);
}

/** Where the WAL of the oldest backup that counts begins, on whatever timeline; nothing where there is none. */
export function oldestNeeded(backups: readonly Backup[], since: number): string | undefined {
    return backups
        .filter(({ start, wal }) => start >= since && wal !== undefined)
        .map(({ wal }) => wal?.first ?? "")
        .sort()
        .at(0);
}

/** From where on this timeline's WAL is needed, for a backup of its own or of an earlier one; nothing where no backup is. */
export function firstNeeded(
    backups: readonly Backup[],
    since: number,
    last: string,
    fork: string | undefined,
): string | undefined {
    const oldest = oldestNeeded(backups, since);
    if (oldest === undefined || timelineOf(oldest) >= timelineOf(last)) return oldest;
    const ofThisTimeline = backups.filter(({ wal }) => wal !== undefined && wal.first >= timelineOf(last));
    return fork ?? oldestNeeded(ofThisTimeline, since);
}

/** Has no backup begun on a timeline, although there are some? */
export function isUnbacked(backups: readonly Backup[], timeline: string | undefined): boolean {
    return (
        timeline !== undefined &&
        backups.length > 0 &&
        !backups.some(({ wal }) => wal !== undefined && timelineOf(wal.first) === timeline)
    );
}

/** A backup that begins behind a gap needs nothing of it. */
function isClosedBy(gap: Gap, { wal }: Backup): boolean {
    return wal !== undefined && wal.first > gap.last;
}

export interface Reach {
    /** Why nothing of now can be restored, for people; or nothing. */
    readonly missingWal: string;
    /** What cannot be restored although newer backups can, for people; or nothing. */
    readonly unreachable: string;
}

/** What gaps mean for a restore. */
export function reachOf({ gaps: found, size }: Wal, backups: readonly Backup[]): Reach {
    const gaps = joined(found, size);
    const open = gaps.filter((gap) => !backups.some((backup) => isClosedBy(gap, backup)));
    const closed = gaps.filter((gap) => !open.includes(gap));
    return {
        missingWal: open.length === 0 ? "" : missingText(open),
        unreachable: closed.map((gap) => unreachableText(gap, backups)).join("; "),
    };
}

/** Segments that are missing, with the moments that cannot be restored for it. */
export interface Hole extends Gap {
    /** Where the first backup ends that needs nothing of it; nothing before there is one. */
    readonly until: number | undefined;
}

/** In their order. */
export function holesIn({ gaps, size }: Wal, backups: readonly Backup[]): Hole[] {
    return joined(gaps, size).map((gap) => ({
        ...gap,
        until: backups.find((backup) => isClosedBy(gap, backup))?.stop,
    }));
}

/** Those that go on in the next directory as one. */
function joined(gaps: readonly Gap[], size: number): Gap[] {
    const all: Gap[] = [];
    for (const gap of gaps) {
        const before = all.at(-1);
        if (before !== undefined && following(before.last, size) === gap.first)
            all.splice(-1, 1, { ...before, last: gap.last, count: before.count + gap.count });
        else all.push(gap);
    }
    return all;
}

function missingText(gaps: readonly Gap[]): string {
    const [first] = gaps;
    const after = typeof first?.after === "number" ? `${minute(first.after)} UTC` : "the last backup";
    return `${segments(gaps)} missing in the repository: nothing that was written after ${after} can be restored before a new backup has ended well`;
}

function unreachableText(gap: Gap, backups: readonly Backup[]): string {
    const from = gap.after === null ? "" : ` from ${minute(gap.after)}`;
    const next = backups.find((backup) => isClosedBy(gap, backup));
    return `no moment${from} to ${minute(next?.stop ?? 0)} UTC can be restored: ${segments([gap])} missing`;
}

/** `2 WAL segments (00000001000000000000000A to 00000001000000000000000B) are` */
function segments(gaps: readonly Gap[]): string {
    const count = gaps.reduce((sum, gap) => sum + gap.count, 0);
    const [first, last] = [gaps[0]?.first ?? "", gaps.at(-1)?.last ?? ""];
    return count === 1 ? `the WAL segment ${first} is` : `${count} WAL segments (${first} to ${last}) are`;
}
