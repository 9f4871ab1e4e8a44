import * as v from "valibot";
import { fromJson } from "../fields";
import type { Point } from "./facts";
import { moment } from "./goal";
import { lsnText, type Moment, type Target } from "./target";
import { Wish } from "./wish";

/** Where in the data volume it is noted how far a restore is. */
export const RECORD = "restore.json";

const RestoreRecord = v.object({
    wish: Wish,
    /**
     * `restored`: the backup is there. `replaying`: WAL is being replayed. `paused`: at the target, and nothing was written. `following`: at the
     * end of the WAL; PostgreSQL replays what comes until it starts there. `done`: at the target, on a timeline of its own.
     */
    phase: v.picklist(["restored", "replaying", "paused", "following", "done"]),
    repository: v.string(),
    backup: v.string(),
    /** Along whose history it goes. */
    timeline: v.number(),
    /** How far it is: a position in the WAL as a number in text, and the time of the last commit (as PostgreSQL says it). */
    lsn: v.optional(v.string()),
    lastCommit: v.optional(v.string()),
    /** Is the end of the WAL the target, because no commit is later? */
    atEnd: v.optional(v.boolean(), false),
    /** What restore and replay did and took. */
    bytes: v.optional(v.number(), 0),
    restoreSeconds: v.optional(v.number(), 0),
    segments: v.optional(v.number(), 0),
    replaySeconds: v.optional(v.number(), 0),
    /** Seconds since the epoch. */
    began: v.number(),
    ended: v.optional(v.number()),
});
/** What a restore has done, written in its volume. */
export type RestoreRecord = v.InferOutput<typeof RestoreRecord>;

export function readRecord(json: string): RestoreRecord | undefined {
    return fromJson(RestoreRecord, json);
}

/** What else says how far a restore is, now: a phase tells what was so when it was written. */
export interface Seen {
    /** Does PostgreSQL still recover there, or will with its start? It takes the file `recovery.signal` away when it has. */
    readonly recovers: boolean;
    /** Does a restore run? */
    readonly isAtWork: boolean;
}

/** How far a restore is, now, in a word. */
export function phaseNow(phase: string, { recovers, isAtWork }: Seen): string {
    if (phase === "following" && !recovers) return "done";
    return (phase === "restored" || phase === "replaying") && !isAtWork ? "unfinished" : phase;
}

/** What is to be done for a wish: the backup and all behind it, the replay alone, nothing, or that it cannot be (for people). */
export type Step = "restore" | "replay" | "nothing" | { readonly refused: string };

/**
 * @param record what its volume says; that of another restore came with the backup and counts for nothing
 * @param points those that are known along its history
 */
export function nextStep(
    record: RestoreRecord | undefined,
    wish: Wish,
    target: Target,
    points: readonly Point[],
): Step {
    if (record?.wish.name !== wish.name) return "restore";
    const { phase } = record;
    const isDone = phase === "done" || phase === "following";
    if (isSame(record.wish, wish)) return isDone || phase === "paused" ? "nothing" : "replay";
    const another = `restore ${wish.name} ${isDone ? "is done" : "is paused"}: it went ${reachedText(record)}`;
    if (isDone) return { refused: `${another}. Another target needs another name` };
    if (phase !== "paused") return "restore";
    if (!isSame({ ...record.wish, pause: false, at: "" }, { ...wish, pause: false, at: "" }))
        return { refused: `${another}. Another way to it needs another name` };
    const problem = wish.at === record.wish.at ? undefined : notLater(target, record, points);
    return problem === undefined ? "replay" : { refused: `${another}. ${problem}` };
}

function isSame(one: Wish, other: Wish): boolean {
    const where = ["repository", "repositoryTime", "timeline", "backup", "acceptDamage"] as const;
    return ([...where, "at", "inclusive", "pause"] as const).every((key) => one[key] === other[key]);
}

/** Why replaying on from there does not lead to the target for certain, for people. */
function notLater(
    target: Target,
    { lsn, lastCommit, timeline }: RestoreRecord,
    points: readonly Point[],
): string | undefined {
    if (target.kind === "name") return noLaterPoint(target.name, BigInt(lsn ?? 0), timeline, points);
    const isLater =
        target.kind === "latest" ||
        (target.kind === "lsn" && lsn !== undefined && target.lsn >= BigInt(lsn)) ||
        (target.kind === "time" &&
            lastCommit !== undefined &&
            microseconds(target.at) >= Date.parse(lastCommit) * 1000);
    return isLater ? undefined : "What is earlier, or may be, needs a new restore with another name";
}

/** Recovery ends at the first point of that name that it finds. */
function noLaterPoint(
    name: string,
    lsn: bigint,
    timeline: number,
    points: readonly Point[],
): string | undefined {
    const known = points.filter((point) => point.name === name);
    const later = known.filter((point) => point.lsn > lsn);
    const list = (some: readonly Point[]) =>
        some.map((point) => `${lsnText(point.lsn)} (${moment(point.time)})`).join(", ");
    if (later.length === 1) return undefined;
    if (later.length > 1)
        return `There are ${later.length} later restore points ${name}: say which position, one of ${list(later)}`;
    return known.length === 0
        ? `Nobody knows of a restore point ${name} in the history of timeline ${timeline}, so it may be earlier: say a later time or position, or restore to it under another name`
        : `The restore point ${name} is earlier, at ${list(known)}, and needs a new restore with another name`;
}

function microseconds({ seconds, microseconds: rest }: Moment): number {
    return seconds * 1_000_000 + rest;
}

/** `to 2026-11-27 06:00:00+00 (last commit ...)` */
function reachedText({ wish, lastCommit }: RestoreRecord): string {
    return `to ${wish.at}${lastCommit === undefined ? "" : ` (last commit ${lastCommit})`}`;
}
