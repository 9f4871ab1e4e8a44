import * as v from "valibot";

/** What is to be restored, as a stack declares it: `pgbackrest:restore`. */
export const Wish = v.object({
    /** The user's word for this restore; its data volume has it behind its name. */
    name: v.string(),
    /** As `readTarget` reads it. */
    at: v.string(),
    /** Is what was committed at the target itself part of it? */
    inclusive: v.boolean(),
    /** Name of a repository; nothing: the first that can serve. */
    repository: v.optional(v.string()),
    /** The repository as it was then, a time as `readTarget` reads it; nothing: as it is. */
    repositoryTime: v.optional(v.string()),
    /** Nothing: the one of the database that runs. */
    timeline: v.optional(v.number()),
    /** Label of a backup; nothing: the newest that can serve. */
    backup: v.optional(v.string()),
    /** Stop at the target for people to look, before anything is written. */
    pause: v.boolean(),
    /** May the backup be one that has found damaged pages? */
    acceptDamage: v.boolean(),
});
export type Wish = v.InferOutput<typeof Wish>;
