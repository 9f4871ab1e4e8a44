import type { Facts } from "./facts";
import { marksOf } from "./goal";
import { isOn } from "./history";
import { consistentAt, missing, type Reach, timelineOf, walOf } from "./reach";

/** Any moment from `from` to `to` can be restored; both in seconds since the epoch. */
export interface Window {
    readonly from: number;
    readonly to: number;
}

/** To which times the backups of a history lead, oldest first. */
export function windowsOf(reach: Reach, points: Facts["points"], acceptDamage: boolean): Window[] {
    const { repository, history, end, holes } = reach;
    if (end === undefined) return [];
    const marks = marksOf(reach, points);
    const windows = repository.backups.flatMap((backup) => {
        const wal = walOf(backup, repository.segmentSize);
        if (wal === undefined || (backup.damaged && !acceptDamage)) return [];
        const stop = consistentAt(backup, repository.segmentSize);
        if (!isOn(history, timelineOf(backup), stop) || stop > end.lsn) return [];
        if (missing(reach, ...wal) !== undefined) return [];
        const hole = holes.find(({ from, to }) => to >= wal[0] && from <= end.number);
        const before = marks
            .filter(({ number }) => number < (hole?.from ?? Infinity))
            .map(({ time }) => time - 1);
        const to = hole === undefined ? end.time : Math.min(end.time, Math.max(...before));
        return to > backup.stop ? [{ from: backup.stop + 1, to }] : [];
    });
    return merged(windows);
}

function merged(windows: readonly Window[]): Window[] {
    const all: Window[] = [];
    for (const window of windows.toSorted((a, b) => a.from - b.from)) {
        const last = all.at(-1);
        if (last !== undefined && window.from <= last.to + 1)
            all.splice(-1, 1, { from: last.from, to: Math.max(last.to, window.to) });
        else all.push(window);
    }
    return all;
}
