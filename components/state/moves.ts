import * as v from "valibot";

/** PostgreSQL's moves to other data volumes, oldest first. */
export const Moves = v.array(
    v.object({
        volume: v.string(),
        /** When the old one was told to stop, in seconds since the epoch. */
        at: v.number(),
        /** How long the database was away. */
        seconds: v.number(),
    }),
);
export type Moves = v.InferOutput<typeof Moves>;
