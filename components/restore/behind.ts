import type { Found } from "./attempt";
import type { Facts } from "./facts";
import { historyOf, sharedUpTo } from "./history";
import { consistentAt, type Reach } from "./reach";
import type { Target } from "./target";

/** What the running database has written and the restored one will not have. */
export interface Behind {
    /** Seconds since the epoch; nothing where only the position in the WAL is known. */
    readonly from: number | undefined;
    readonly to: number;
    /** Of WAL, about. */
    readonly bytes: number;
}

/** @param isOfNow is the repository read as it is, and not as it was? */
export function behindOf(
    { backup, goal }: Found,
    target: Target,
    { history, repository }: Reach,
    { running, now }: Facts,
    isOfNow: boolean,
): Behind | undefined {
    if (running === undefined || goal.doubt !== "") return undefined;
    const shared = sharedUpTo(history, historyOf(running.timeline, repository.histories));
    // What is not archived yet follows.
    if (isOfNow && target.kind === "latest" && shared === undefined) return undefined;
    const size = repository.segmentSize;
    const stop =
        target.kind === "immediate" ? consistentAt(backup, size) : BigInt(goal.about + 1) * BigInt(size);
    const reached = goal.lsn ?? stop;
    const isShared = shared === undefined || reached <= shared;
    const lsn = isShared ? reached : shared;
    const from = target.kind === "immediate" ? backup.stop : goal.time;
    return { from: isShared ? from : undefined, to: now, bytes: Math.max(0, Number(running.lsn - lsn)) };
}
