import * as v from "valibot";
import { fromJson } from "../fields";

/** The file of the backup service's state volume. */
export const SILENCE = "silence.json";

const Silence = v.object({
    /** Seconds since the epoch. */
    since: v.number(),
    until: v.number(),
    why: v.string(),
});
/** Nobody is told anything for a while; what is true stays true. */
export type Silence = v.InferOutput<typeof Silence>;

/** Longer is no silence but the end of telling. */
export const LONGEST_SILENCE = 30 * 86_400;

/** The silence that holds now; nothing when there is none, or it has ended. */
export function readSilence(json: string, now: number): Silence | undefined {
    const silence = fromJson(Silence, json);
    return silence === undefined || silence.until <= now ? undefined : silence;
}
