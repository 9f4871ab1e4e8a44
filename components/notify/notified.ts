import * as v from "valibot";
import { fromJson } from "../fields";
import { Told } from "./decide";
import { Outbox } from "./outbox";

/** The file of the backup service's state volume. */
export const NOTIFIED = "notified.json";

const Notified = v.object({ version: v.literal(1), told: Told, outbox: Outbox });
/** What was told, and what waits for its receivers. No secret. */
export type Notified = v.InferOutput<typeof Notified>;

/** Nothing when it is no such file of this version. */
export function readNotified(json: string): Notified | undefined {
    return fromJson(Notified, json);
}
