import type { Backup } from "../../components/protection/info";
import type { Facts, RepositoryFacts } from "../../components/restore/facts";

/** 2026-11-27 00:00 UTC */
export const START = Date.UTC(2026, 10, 27) / 1000;
export const HOUR = 3600;
export const SEGMENT = 2 ** 24;
const GIB = 2 ** 30;

const segment = (timeline: number, number: number): string =>
    [timeline, 0, number].map((part) => part.toString(16).toUpperCase().padStart(8, "0")).join("");

/** One that ended at an hour of that day; four segments are written in an hour. */
export function sampleBackup(label: string, timeline: number, hour: number): Backup {
    const wal = segment(timeline, hour * 4 - 1);
    return {
        ...{ label, type: "full", damaged: false, needs: [], repository: 1, added: 1, size: 2 * GIB },
        ...{ start: START + hour * HOUR - 60, stop: START + hour * HOUR, wal: { first: wal, last: wal } },
        lsn: { start: BigInt((hour * 4 - 1) * SEGMENT + 40), stop: BigInt(hour * 4 * SEGMENT) },
    };
}

/** Timeline 2 began at 4 h in the WAL of timeline 1, which was written until 6 h, and was left behind. */
export function repositoryOfRestore(changes: Partial<RepositoryFacts>): RepositoryFacts {
    return {
        ...{ number: 1, name: "local", segmentSize: SEGMENT, gaps: [], damagedPages: new Map() },
        backups: [
            ...[
                sampleBackup("A", 1, 1),
                sampleBackup("B", 1, 3),
                sampleBackup("C", 1, 5),
                sampleBackup("D", 2, 8),
            ],
        ],
        histories: new Map([[2, [{ timeline: 1, lsn: BigInt(16 * SEGMENT) }]]]),
        ends: new Map([
            [1, { segment: segment(1, 23), time: START + 6 * HOUR }],
            [2, { segment: segment(2, 35), time: START + 9 * HOUR }],
        ]),
        ...changes,
    };
}

export function factsOfRestore(): Facts {
    const point = (name: string, hour: number, timeline: number) => ({
        ...{ name, timeline, time: START + hour * HOUR },
        lsn: BigInt(hour * 4 * SEGMENT),
    });
    return {
        now: START + 9.25 * HOUR,
        repositories: [repositoryOfRestore({})],
        away: [],
        running: { timeline: 2, lsn: 0x24800000n, slots: ["replica"] },
        points: [
            ...[point("twice", 1.5, 1), point("before", 2, 1), point("left", 4.75, 1)],
            ...[point("twice", 7, 2), point("after", 8.5, 2), point("young", 9.0625, 2)],
        ],
        ...{ freeBytes: undefined, speed: undefined },
    };
}
