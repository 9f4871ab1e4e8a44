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
 */
export function speedOf(
    restore: RestoreRecord | undefined,
    drills: readonly DrillRecord[],
    backups: readonly Backup[],
): Speed | undefined {
    // One that did not come to its replay's end has measured nothing.
    const drill = drills.findLast(({ recoveryTime, bytes }) => recoveryTime !== undefined && bytes > 0);
    const restored = restore !== undefined && restore.bytes > 0 ? restore : undefined;
    if (drill !== undefined && drill.ended > (restored?.ended ?? restored?.began ?? 0))
        return measured(drill, "drill");
    return restored === undefined ? backupSpeed(backups) : measured(restored, "restore");
}

function measured({ bytes, restoreSeconds, segments, replaySeconds }: Measured, from: Speed["from"]): Speed {
    return {
        bytesPerSecond: bytes / Math.max(1, restoreSeconds),
        segmentsPerSecond: segments === 0 ? undefined : segments / Math.max(1, replaySeconds),
        from,
    };
}

function backupSpeed(backups: readonly Backup[]): Speed | undefined {
    const full = backups.findLast(({ type }) => type === "full");
    if (full === undefined) return undefined;
    const seconds = Math.max(1, full.stop - full.start);
    return { bytesPerSecond: full.size / seconds, segmentsPerSecond: undefined, from: "backup" };
}
