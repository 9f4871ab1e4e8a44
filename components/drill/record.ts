import * as v from "valibot";
import { fromJson } from "../fields";

/** Files of the drill's own volume, `NAME-drill-state`. */
export const DRILLS = "drills.json";
export const RUNNING_DRILL = "running.json";

/** Seconds after which a drill that has noted nothing is taken for killed: it notes every ten seconds. */
export const SILENT_DRILL = 90;

/** More than these are forgotten, oldest first: two years of a drill a day. */
export const KEPT_DRILLS = 730;

/** What a drill climbs, in order. */
export const STEPS = ["restore", "replay", "start", "amcheck", "queries", "checksums"] as const;
export type StepName = (typeof STEPS)[number];

const Step = v.object({
    name: v.picklist(STEPS),
    /** `skipped`: there was nothing to test, or what came before has failed; `text` says why. */
    result: v.picklist(["passed", "failed", "skipped"]),
    seconds: v.number(),
    /** For people: what was tested, or what is wrong. */
    text: v.string(),
});
export type Step = v.InferOutput<typeof Step>;

const DrillRecord = v.object({
    /** Seconds since the epoch. */
    began: v.number(),
    ended: v.number(),
    by: v.picklist(["schedule", "hand"]),
    /** `failed`: what is in the repository does not restore as it should. `unverified`: that could not be found out. */
    result: v.picklist(["passed", "failed", "unverified"]),
    /** Why it has not passed, in words; empty where it has. */
    why: v.string(),
    /** Which repository it was about, and what was restored of it, as far as it came. */
    repository: v.optional(v.string()),
    backup: v.optional(v.string()),
    timeline: v.optional(v.number()),
    /** Of the restored cluster. */
    bytes: v.optional(v.number(), 0),
    restoreSeconds: v.optional(v.number(), 0),
    segments: v.optional(v.number(), 0),
    replaySeconds: v.optional(v.number(), 0),
    /** That it might use. */
    cpus: v.optional(v.number()),
    /** Measured recovery time: seconds from nothing until the database takes queries. */
    recoveryTime: v.optional(v.number()),
    /** Measured recovery point: seconds from the newest recovered commit to when the drill began, all that a loss of the host would have cost then. */
    recoveryPoint: v.optional(v.number()),
    steps: v.optional(v.array(Step), []),
    /** Rows of each table, `DATABASE.SCHEMA.TABLE`. */
    counts: v.optional(v.record(v.string(), v.number()), {}),
    /** What no step has looked at, each in words. */
    notTested: v.optional(v.array(v.string()), []),
});
/** A drill that has ended. */
export type DrillRecord = v.InferOutput<typeof DrillRecord>;

const RunningDrill = v.object({
    began: v.number(),
    by: v.picklist(["schedule", "hand"]),
    /** Which it restores, once that is known. */
    repository: v.optional(v.string()),
    /** `aside`: it has let go of the repository for a backup, and goes on after it. */
    phase: v.picklist([...STEPS, "aside"]),
    /** For people, such as `restoring, 40 %`. */
    text: v.string(),
});
/** A drill that runs, in RUNNING_DRILL; there is no such file where none does. */
export type RunningDrill = v.InferOutput<typeof RunningDrill>;

/** The drills that were, oldest first; none where it is no such file. */
export function readDrills(json: string): readonly DrillRecord[] {
    return fromJson(v.array(DrillRecord), json) ?? [];
}

export function readRunningDrill(json: string): RunningDrill | undefined {
    return fromJson(RunningDrill, json);
}
