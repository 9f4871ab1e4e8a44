// Along which timelines the WAL of a database was written (PostgreSQL documentation, "Timelines").
import * as v from "valibot";
import { fromJson } from "../fields";
import { readLsn } from "../protection/lsn";
import { timelineOf } from "../protection/wal";
import type { Switch } from "./facts";
import type { Wish } from "./wish";

/** What of a history was written on one timeline. */
export interface Stretch {
    readonly timeline: number;
    /** Where it begins; 0 for the first. */
    readonly begin: bigint;
    /** Where the next timeline begins; nothing for the last. */
    readonly end: bigint | undefined;
}

/** Reads a timeline history file. One that PostgreSQL would refuse says nothing. */
export function readHistory(content: string): Switch[] {
    const lines = content
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));
    const switches = lines.map(readLine).filter((one) => one !== undefined);
    const isRising = switches.every(
        ({ timeline }, index) => index === 0 || timeline > (switches[index - 1]?.timeline ?? 0),
    );
    return isRising && switches.length === lines.length ? switches : [];
}

const RESTORE = "# restore ";
const Restore = v.object({ name: v.string(), at: v.string() });

/**
 * With which restore a timeline began, in its history file: PostgreSQL and pgBackRest skip comments there, and PostgreSQL copies them to the
 * files of later timelines, each in front of their own lines.
 */
export function withRestore(content: string, { name, at }: Pick<Wish, "name" | "at">): string {
    return readRestore(content) === undefined
        ? `${content.trimEnd()}\n${RESTORE}${JSON.stringify({ name, at })}\n`
        : content;
}

/** Which restore began a timeline, by its history file; nothing where none did. */
export function readRestore(content: string): Pick<Wish, "name" | "at"> | undefined {
    const last = content.trimEnd().split("\n").at(-1) ?? "";
    return last.startsWith(RESTORE) ? fromJson(Restore, last.slice(RESTORE.length)) : undefined;
}

function readLine(line: string): Switch | undefined {
    const [, timeline = "", position = ""] = /^(\d+)\s+(\S+)/.exec(line) ?? [];
    const lsn = readLsn(position);
    return lsn === undefined ? undefined : { timeline: Number(timeline), lsn };
}

/**
 * The history of a timeline, oldest first. PostgreSQL writes the timeline that a recovery went along as the parent, also where it ended before
 * that one began (seen: `1 0/C000000`, `3 0/7000000`): so none goes beyond where a later one ended.
 */
export function historyOf(timeline: number, histories: ReadonlyMap<number, readonly Switch[]>): Stretch[] {
    const switches = histories.get(timeline) ?? [];
    const ends = switches.map((_, index) => least(switches.slice(index).map(({ lsn }) => lsn)));
    return [...switches.map((one) => one.timeline), timeline].map((number, index) => ({
        timeline: number,
        begin: ends[index - 1] ?? 0n,
        end: ends[index],
    }));
}

function least(positions: readonly bigint[]): bigint | undefined {
    return [...positions].sort(ascending)[0];
}

/** The number of the timeline that a segment is of. */
export function timelineNumber(segment: string): number {
    return Number.parseInt(timelineOf(segment), 16);
}

/** How the names of its segments and of its history file begin. */
export function timelineName(timeline: number): string {
    return timeline.toString(16).toUpperCase().padStart(8, "0");
}

/** Is a position part of a history, and on that timeline? An end belongs to both. */
export function isOn(history: readonly Stretch[], timeline: number, lsn: bigint): boolean {
    const stretch = history.find((one) => one.timeline === timeline);
    return stretch !== undefined && (stretch.end === undefined || lsn <= stretch.end);
}

/** Up to where two histories are the same. */
export function sharedUpTo(one: readonly Stretch[], other: readonly Stretch[]): bigint | undefined {
    let shared: bigint | undefined = 0n;
    for (const [index, { timeline, end }] of one.entries()) {
        const twin = other[index];
        if (twin?.timeline !== timeline) return shared;
        if (twin.end !== end) return [twin.end, end].filter((lsn) => lsn !== undefined).sort(ascending)[0];
        shared = end;
    }
    return shared;
}

function ascending(a: bigint, b: bigint): number {
    return a < b ? -1 : Number(a > b);
}
