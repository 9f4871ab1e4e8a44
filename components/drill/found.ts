// What a drill's findings mean.
import type { DrillRecord, Step } from "./record";
import type { Goals } from "./wish";

/** Bytes that stay free on the disk of the scratch volume, which mostly is that of the running database. */
export const KEPT_FREE = 2 ** 30;
/** Bytes of WAL that lie there at most while it is replayed: PostgreSQL removes what is older than a restartpoint. */
const MOST_WAL = 2 ** 31;

/** Bytes that a drill needs. */
export function roomOf(size: number, segments: number, segmentSize: number): number {
    return size + Math.min(segments * segmentSize, MOST_WAL);
}

/**
 * @param free bytes, with what lies in the scratch volume already
 * @returns what is wrong, for people; or nothing
 */
export function noRoom(needed: number, free: number): string | undefined {
    const lacking = needed + KEPT_FREE - free;
    if (lacking <= 0) return undefined;
    return (
        `no room: ${gib(lacking)} lack on the disk of the scratch volume. The restored database with its WAL needs ${gib(needed)}, ` +
        `${gib(KEPT_FREE)} stay free, and there are ${gib(free)}: make room there, or say drill: off`
    );
}

/** @param free bytes, when others had taken what there was at its begin */
export function noRoomAnyMore(free: number): string {
    return (
        `no room: ${gib(Math.max(1, KEPT_FREE - free))} lack on the disk of the scratch volume, of which ${gib(KEPT_FREE)} stay free. ` +
        "There was enough when the drill began: make room there, or say drill: off"
    );
}

function gib(amount: number): string {
    return `${(Math.ceil((amount / 2 ** 30) * 10) / 10).toFixed(1)} GiB`;
}

/** What is slower or older than the stack wants, for people. */
export function tooSlow(
    { recoveryTime, recoveryPoint }: Pick<DrillRecord, "recoveryTime" | "recoveryPoint">,
    { rto, rpo }: Goals,
): string[] {
    return [
        ...(rto !== undefined && recoveryTime !== undefined && recoveryTime > rto
            ? [`the database took queries ${recoveryTime} s after the restore began, and rto is ${rto} s`]
            : []),
        ...(rpo !== undefined && recoveryPoint !== undefined && recoveryPoint > rpo
            ? [`the newest commit was ${recoveryPoint} s old when the drill began, and rpo is ${rpo} s`]
            : []),
    ];
}

/** What has not passed, the first of it first; empty where all has. */
export function whyFailed(steps: readonly Step[], slow: readonly string[]): string {
    const failed = steps
        .filter(({ result }) => result === "failed")
        .map(({ name, text }) => `${name}: ${text}`);
    return [...failed, ...slow].join("; ");
}

/** What of a drill is forgotten when there are later ones: a number for each table is much. */
const COUNTS_KEPT = 2;

/** The records with one more, without what is too old. */
export function withRecord(
    records: readonly DrillRecord[],
    record: DrillRecord,
    kept: number,
): DrillRecord[] {
    const all = [...records, record].slice(-kept);
    return all.map((one, index) => (index < all.length - COUNTS_KEPT ? { ...one, counts: {} } : one));
}
