import type { DrillRecord } from "../drill/record";
import type { Backup } from "../protection/info";
import type { Speed } from "./facts";
import type { RestoreRecord } from "./record";

/** What a restore and a drill measure alike. */
type Measured = Pick<RestoreRecord, "bytes" | "restoreSeconds" | "segments" | "replaySeconds">;

/**
 * How fast it went the last time: the newer of a restore and a drill, since both have read the repository and replayed; else a backup's.
 * @param restore the one that made the data here
 * @param drills oldest first
 * @param backups oldest first
 * @param configuration pgBackRest's, with which they are taken
 * @param cpus that a restore may use
 */
export function speedOf(
    restore: RestoreRecord | undefined,
    drills: readonly DrillRecord[],
    backups: readonly Backup[],
    configuration: string,
    cpus: number,
): Speed | undefined {
    // One that did not come to its replay's end has measured nothing.
    const drill = drills.findLast(({ recoveryTime, bytes }) => recoveryTime !== undefined && bytes > 0);
    const restored = restore !== undefined && restore.bytes > 0 ? restore : undefined;
    if (drill !== undefined && drill.ended > (restored?.ended ?? restored?.began ?? 0))
        return measured(withCpus(drill, cpus), "drill");
    return restored === undefined ? backupSpeed(backups, configuration) : measured(restored, "restore");
}

/**
 * What a drill has measured, as it would be with the CPUs of a restore; replay has one process. It is as much faster where CPUs are all that
 * counts, and not at all where the disk or the network is, so what lies between is at most twice or half as much.
 */
function withCpus(drill: DrillRecord, cpus: number): Measured {
    const faster = (most: number): number => Math.sqrt(Math.max(1, most / (drill.cpus ?? most)));
    return {
        ...drill,
        restoreSeconds: drill.restoreSeconds / faster(cpus),
        replaySeconds: drill.replaySeconds / faster(1),
    };
}

/** Least seconds that anything takes. */
const LEAST = 0.1;
/** A restore of nothing takes as long as one of so many bytes: a cluster has a thousand files before anything is in it. */
const EMPTY_BYTES = 2 ** 28;
/** A replay of nothing takes as long as one of so many segments: PostgreSQL starts, writes a checkpoint and ends. */
const EMPTY_SEGMENTS = 10;
/** Full ones, where none was replayed yet: each is fetched by a process of its own, and its pages are read and written. */
const USUAL_SEGMENTS_PER_SECOND = 5;
/** Seconds around both: the repository is read, the running database archives what it has written, the container begins and ends. */
const AROUND = 2;

/** So many seconds a restore takes of a database of some bytes and of some segments to replay. */
export function secondsFor(
    { bytesPerSecond, segmentsPerSecond }: Speed,
    bytes: number,
    segments: number,
): { readonly restore: number; readonly replay: number } {
    return {
        restore: AROUND + (bytes + EMPTY_BYTES) / bytesPerSecond,
        replay: (segments + EMPTY_SEGMENTS) / segmentsPerSecond,
    };
}

function measured({ bytes, restoreSeconds, segments, replaySeconds }: Measured, from: Speed["from"]): Speed {
    return {
        bytesPerSecond: (bytes + EMPTY_BYTES) / Math.max(LEAST, restoreSeconds),
        segmentsPerSecond:
            segments === 0
                ? USUAL_SEGMENTS_PER_SECOND
                : (segments + EMPTY_SEGMENTS) / Math.max(LEAST, replaySeconds),
        from,
    };
}

/** The same of a full backup: what it took without what only compressing takes. */
function backupSpeed(backups: readonly Backup[], configuration: string): Speed | undefined {
    const full = backups.findLast(({ type, size }) => type === "full" && size > 0);
    if (full === undefined) return undefined;
    const { megabytesPerSecond, faster } = compression(configuration);
    const seconds = Math.max(1, full.stop - full.start);
    const rest = seconds - full.size / 1e6 / megabytesPerSecond;
    return {
        bytesPerSecond: (full.size + EMPTY_BYTES) / Math.max(rest, seconds / faster),
        segmentsPerSecond: USUAL_SEGMENTS_PER_SECOND,
        from: "backup",
    };
}

interface Compression {
    /** With which it compresses, all processes together. */
    readonly megabytesPerSecond: number;
    /** So many times as fast it is the other way, at most. */
    readonly faster: number;
}

/** About, of one process on a CPU of these years: up to a level, and above it. */
const COMPRESSIONS: Readonly<
    Record<string, readonly [level: number, upTo: Compression, above: Compression]>
> = {
    lz4: [2, { megabytesPerSecond: 600, faster: 1.2 }, { megabytesPerSecond: 120, faster: 5 }],
    zst: [3, { megabytesPerSecond: 350, faster: 1.5 }, { megabytesPerSecond: 60, faster: 5 }],
    gz: [3, { megabytesPerSecond: 80, faster: 4 }, { megabytesPerSecond: 30, faster: 8 }],
    bz2: [9, { megabytesPerSecond: 12, faster: 2.5 }, { megabytesPerSecond: 12, faster: 2.5 }],
};

function compression(configuration: string): Compression {
    const value = (option: string) =>
        [...configuration.matchAll(new RegExp(`^${option}=(.*)$`, "gm"))].at(-1)?.[1];
    const known = COMPRESSIONS[value("compress-type") ?? "gz"];
    if (known === undefined) return { megabytesPerSecond: Infinity, faster: 1 };
    const [level, upTo, above] = known;
    const { megabytesPerSecond, faster } = Number(value("compress-level") ?? level) > level ? above : upTo;
    return { megabytesPerSecond: megabytesPerSecond * Number(value("process-max") ?? 1), faster };
}
