import { field } from "../fields";
import { parseTime } from "./value";

/** Seconds, with the units that pgBackRest's options have. */
export const duration = field("seconds, or a time such as 90s, 30m or 4h", (input) => {
    const written = typeof input === "number" || typeof input === "string" ? String(input).trim() : "";
    const seconds = (parseTime(written) ?? NaN) / 1000;
    return Number.isInteger(seconds) ? seconds : undefined;
});
