import * as v from "valibot";
import { fromJson } from "../fields";
import type { DrillRecord } from "./record";

/** File of the backup service's state volume, which the drill reads. */
export const ORDER = "drill.json";

const DrillOrder = v.object({
    /** When a drill was wanted last, in seconds since the epoch: one that began earlier does not count. 0: none is wanted. */
    wanted: v.number(),
    /** A backup or an expire has the repository: a drill that runs stops and goes on after it, and none begins. */
    aside: v.boolean(),
    /** Which repository is to be restored; the first that can serve, where an earlier service does not say it. */
    repository: v.optional(v.string()),
});
/** What the backup service, which alone knows the schedule, says to the drill. */
export type DrillOrder = v.InferOutput<typeof DrillOrder>;

export function readOrder(json: string): DrillOrder | undefined {
    return fromJson(DrillOrder, json);
}

/** Does one begin now? A drill that is dated in the future, by a clock that was set back, has not been. */
export function isWanted(
    { wanted, aside, repository }: DrillOrder,
    drills: readonly Pick<DrillRecord, "began" | "repository">[],
    now: number,
): boolean {
    const newest = drills.findLast(
        (drill) => drill.began <= now && (repository === undefined || drill.repository === repository),
    );
    return wanted > (newest?.began ?? 0) && !aside;
}
