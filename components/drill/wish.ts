import * as v from "valibot";
import { fromJson } from "../fields";

/** Seconds that recovery time and recovery point may have; nothing: any. */
const goals = { rto: v.optional(v.number()), rpo: v.optional(v.number()) };

/** What a stack wants of its drills, as JSON in the variable DRILL of `NAME-drill`. The schedule is published for the backup service. */
const DrillWish = v.object({
    /** Each by a name of the user's. */
    queries: v.record(
        v.string(),
        v.object({
            /** Nothing: the stack's own database. */
            database: v.string(),
            sql: v.string(),
            /** What psql prints of it without a frame, columns parted by `|`, without blanks around it. */
            expect: v.string(),
        }),
    ),
    ...goals,
    /** Of repositories that have goals of their own. */
    repositories: v.optional(v.record(v.string(), v.object(goals))),
});
export type DrillWish = v.InferOutput<typeof DrillWish>;
export type Goals = Pick<DrillWish, "rto" | "rpo">;

/** Those of a repository. */
export function goalsOf({ rto, rpo, repositories = {} }: DrillWish, repository = ""): Goals {
    return repositories[repository] ?? { rto, rpo };
}

export function readDrillWish(json: string): DrillWish | undefined {
    return fromJson(DrillWish, json);
}
