// Which moment of a database is wanted back.
import { readLsn } from "../protection/lsn";

/** Where recovery ends (PostgreSQL documentation, "Recovery Target"). */
export type Target =
    /** As far as there is WAL. */
    | { readonly kind: "latest" }
    /** As soon as the backup is consistent. */
    | { readonly kind: "immediate" }
    | { readonly kind: "time"; readonly at: Moment }
    /** A position in the WAL, as a number. */
    | { readonly kind: "lsn"; readonly lsn: bigint }
    /** A restore point. */
    | { readonly kind: "name"; readonly name: string };

/** A moment to the microsecond, as PostgreSQL has them. */
export interface Moment {
    /** Whole seconds since the epoch. */
    readonly seconds: number;
    readonly microseconds: number;
}

/** Bytes of the longest name of a restore point (PostgreSQL's MAXFNAMELEN). */
const LONGEST_NAME = 63;

const FORMS =
    "latest, immediate (the end of a backup), a time with its zone (2026-11-27 06:00:00+01), a position in the WAL (0/3000060), or the name of a restore point";

/**
 * Reads `at` of a restore.
 * @param now seconds since the epoch: what a time before now would be
 * @returns what is wrong with it, for people
 */
export function readTarget(text: string, now: number): Target | string {
    if (text === "latest" || text === "immediate") return { kind: text };
    const lsn = readLsn(text);
    if (lsn !== undefined) return { kind: "lsn", lsn };
    const before = secondsBefore(text);
    if (before !== undefined)
        return `is another moment each time that it is read: write the time, such as ${timeText({ seconds: now - before, microseconds: 0 })}`;
    if (/^\d{4}-/.test(text)) return readTime(text);
    if (/[\p{Cc}]/u.test(text) || text === "") return `is not one of ${FORMS}`;
    if (Buffer.byteLength(text) > LONGEST_NAME)
        return `has more than ${LONGEST_NAME} bytes, which no restore point's name has: ${FORMS}`;
    return { kind: "name", name: text };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, m: 60, h: 3600, d: 86_400 };

/** `2h`, `90 min`: how many seconds. */
export function secondsBefore(text: string): number | undefined {
    const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(s|min|m|h|d)$/.exec(text) ?? [];
    const seconds = UNITS[unit];
    return seconds === undefined ? undefined : Math.round(Number(number) * seconds);
}

const TIME =
    /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/;

function readTime(text: string): Target | string {
    const found = TIME.exec(text);
    if (found === null) return `is no time such as 2026-11-27 06:00:00+01 or 2026-11-27T05:00:00Z`;
    const [, year, month, day, hour, minute, second = "0", fraction = "", zone] = found;
    if (zone === undefined) return `has no zone: write ${text}+00 for UTC, or another offset from it`;
    const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number);
    const milliseconds = Date.UTC(y ?? 0, (mo ?? 0) - 1, d, h, mi, s);
    const back = new Date(milliseconds);
    const same = back.getUTCMonth() + 1 === mo && back.getUTCDate() === d && back.getUTCHours() === h;
    if (!same || (mi ?? 0) > 59 || (s ?? 0) > 59) return `is no time that there is`;
    const at = { seconds: milliseconds / 1000 - offset(zone), microseconds: Number(fraction.padEnd(6, "0")) };
    return { kind: "time", at };
}

/** Seconds east of UTC. */
function offset(zone: string): number {
    const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** As PostgreSQL and `readTarget` read it, in UTC. */
export function timeText({ seconds, microseconds }: Moment): string {
    const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
    return `${text}${microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0")}`}+00`;
}

/** `1A/3000060` */
export function lsnText(lsn: bigint): string {
    const hex = (part: bigint): string => part.toString(16).toUpperCase();
    return `${hex(lsn >> 32n)}/${hex(lsn & 0xffffffffn)}`;
}

/** The settings of PostgreSQL's recovery that say where it ends. */
export function recoverySettings(target: Target, inclusive: boolean): Readonly<Record<string, string>> {
    const upTo = { recovery_target_inclusive: inclusive ? "on" : "off" };
    switch (target.kind) {
        case "latest":
            return {};
        case "immediate":
            return { recovery_target: "immediate" };
        case "time":
            return { recovery_target_time: timeText(target.at), ...upTo };
        case "lsn":
            return { recovery_target_lsn: lsnText(target.lsn), ...upTo };
        case "name":
            return { recovery_target_name: target.name };
    }
}
