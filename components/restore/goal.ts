// Where in a history a target is, and up to where that needs WAL.
import type { Backup } from "../protection/info";
import { segmentNumber } from "../protection/wal";
import type { Facts } from "./facts";
import { isOn } from "./history";
import { consistentAt, type End, type Reach, timelineOf, walOf } from "./reach";
import { lsnText, type Target, timeText } from "./target";

export interface Goal {
    /** Does a backup end before it? */
    readonly isAfter: (backup: Backup) => boolean;
    /** The last segment that may be needed, and the one in which it probably is. */
    readonly last: number;
    readonly about: number;
    /** Where it is, and when that was (seconds since the epoch), as far as that is known. */
    readonly lsn: bigint | undefined;
    readonly time: number | undefined;
    /** What nobody knows, for people; or nothing. */
    readonly doubt: string;
}

/** `2026-11-27 06:00:00+00`, as it can be typed again. */
export function moment(seconds: number): string {
    return timeText({ seconds, microseconds: 0 });
}

/** @returns why there is no such target in this history, for people */
export function goalOf(target: Target, reach: Reach, points: Facts["points"]): Goal | string {
    const { end, repository, timeline } = reach;
    if (end === undefined) return `the repository ${repository.name} has no WAL of timeline ${timeline}`;
    const all = { isAfter: () => true, last: end.number, about: end.number, time: undefined, doubt: "" };
    switch (target.kind) {
        case "latest":
            return { ...all, lsn: end.lsn };
        case "immediate":
            return { ...all, last: 0, about: 0, lsn: undefined };
        case "lsn":
            return target.lsn < end.lsn
                ? {
                      ...at(target.lsn, target.lsn, repository.segmentSize),
                      isAfter: (backup) => consistentAt(backup, repository.segmentSize) <= target.lsn,
                      time: undefined,
                  }
                : `${lsnText(target.lsn)} is behind the newest WAL of timeline ${timeline} in the repository ${repository.name}, which ends at ${lsnText(end.lsn)}`;
        case "time":
            return timeGoal(target, reach, end, points);
        case "name":
            return (
                pointGoal(target.name, reach, end, points) ?? { ...all, lsn: undefined, doubt: UNKNOWN_POINT }
            );
    }
}

const UNKNOWN_POINT =
    "nobody knows when this restore point was made: the newest backup is taken, and all WAL behind it is searched. If the point is older than " +
    "that backup it is not found, and the restore fails: then name an older one (backup)";

/** @param record where the last record begins that is needed */
function at(lsn: bigint, record: bigint, size: number): Omit<Goal, "isAfter" | "time"> {
    const number = segmentNumber(record, size);
    return { last: number, about: number, lsn, doubt: "" };
}

/** @returns nothing where nobody knows of it */
function pointGoal(name: string, reach: Reach, end: End, points: Facts["points"]): Goal | string | undefined {
    const { history, timeline, repository } = reach;
    const known = points.filter((point) => point.name === name);
    const here = known.filter((point) => isOn(history, point.timeline, point.lsn));
    const [point] = here.length > 0 ? here : known;
    if (point === undefined) return undefined;
    const made = known.map(({ lsn, time }) => `${lsnText(lsn)} (${moment(time)})`).join(", ");
    if (here.length > 1)
        return `there are ${here.length} restore points ${name}, and recovery ends at the first that it finds: say which position with inclusive: false: ${made}`;
    if (here.length === 0)
        return `the restore point ${name} is on timeline ${point.timeline} at ${made}, which is not part of the history of timeline ${timeline}`;
    if (point.lsn > end.lsn)
        return `the WAL of the restore point ${name} at ${made} is not in the repository ${repository.name} yet`;
    return {
        ...at(point.lsn, point.lsn - 1n, repository.segmentSize),
        isAfter: (backup) => consistentAt(backup, repository.segmentSize) < point.lsn,
        time: point.time,
    };
}

type Timed = Extract<Target, { kind: "time" }>;

function timeGoal(
    { at: { seconds } }: Timed,
    reach: Reach,
    end: End,
    points: Facts["points"],
): Goal | string {
    if (seconds > end.time)
        return `${moment(seconds)} is after the newest WAL of timeline ${reach.timeline} in the repository ${reach.repository.name}, which was archived at ${moment(end.time)}`;
    const marks = marksOf(reach, points);
    const later = marks.filter(({ time }) => time > seconds).sort((a, b) => a.number - b.number)[0];
    const last = later?.number ?? end.number;
    const earlier = marks.filter(({ time }) => time <= seconds).sort((a, b) => b.number - a.number)[0];
    const about =
        later === undefined || earlier === undefined
            ? last
            : earlier.number +
              Math.ceil(
                  ((last - earlier.number) * (seconds - earlier.time)) /
                      Math.max(1, later.time - earlier.time),
              );
    return {
        // It ended within that second: what it took in may be later than the target.
        isAfter: ({ stop }) => stop < seconds,
        last,
        about: Math.min(about, last),
        lsn: undefined,
        time: seconds,
        doubt: "",
    };
}

/** A segment that was written at a time, as far as is known. */
interface Mark {
    readonly time: number;
    readonly number: number;
}

export function marksOf({ repository, history, holes, end }: Reach, points: Facts["points"]): Mark[] {
    const { segmentSize: size } = repository;
    const backups = repository.backups.flatMap((backup) => {
        const wal = walOf(backup, size);
        const isThere = wal !== undefined && isOn(history, timelineOf(backup), consistentAt(backup, size));
        return isThere ? [{ time: backup.start, number: wal[0] }] : [];
    });
    return [
        ...backups,
        ...points
            .filter(({ timeline, lsn }) => isOn(history, timeline, lsn))
            .map(({ time, lsn }) => ({ time, number: segmentNumber(lsn, size) })),
        ...holes.flatMap(({ from, after }) => (after === null ? [] : [{ time: after, number: from - 1 }])),
        ...(end === undefined ? [] : [{ time: end.time, number: end.number }]),
    ];
}
