import { checkTimezone } from "../schedule/cron";
import zones from "../schedule/zones.json";

/** Those that PostgreSQL of the image knows and its Node.js does not; tests/unit/realPostgresql.test.ts keeps it true. */
export const ONLY_POSTGRESQL = ["America/Coyhaique", "Factory", "localtime", "posixrules"];

/** A zone in POSIX's way, such as `<+03>-3` or `EST5EDT,M3.2.0,M11.1.0`, and the hours before UTC (PostgreSQL documentation, appendix B.5). */
const POSIX = /^(?:<[\w+-]+>|[A-Za-z]{3,})[+-]?\d|^[+-]?\d+(?:\.\d+)?$/;

const KNOWN = new Set([...zones, ...ONLY_POSTGRESQL].map((zone) => zone.toLowerCase()));

/** What is wrong with the value of `timezone` or `log_timezone`, in which case does not count; nothing when the server takes it. */
export function checkServerZone(value: string): string | undefined {
    return KNOWN.has(value.toLowerCase()) || POSIX.test(value) ? undefined : checkTimezone(value);
}
