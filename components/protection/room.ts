// A repository on this host can fill its disk. Then not even expire can run, because pgBackRest writes its list of backups before it removes
// any. So a reserve lies beside the backups, and is given up for that.
import { bytes } from "./text";

const MIB = 2 ** 20;
/** Bytes of the reserve, and of what one expire gets of it: WAL that waits takes what becomes free, so there is more than one try. */
export const RESERVE = 16 * MIB;
const PIECE = 4 * MIB;
/** With less than a WAL segment free, the next one may not fit. */
const LEAST = 16 * MIB;

export function isFull(free: number): boolean {
    return free < LEAST;
}

/** How much is reserved best. It is made where there is plenty of room, and only given up for expire. */
export function reserveFor(free: number, held: number): number {
    return free + held >= RESERVE + 2 * LEAST ? RESERVE : held;
}

/** What an expire leaves of it. */
export function withoutPiece(held: number): number {
    return Math.max(0, held - PIECE);
}

/** Does pgBackRest say that there was no room? */
export function isOutOfRoom(said: string): boolean {
    return /No space left on device|Disk quota exceeded/.test(said);
}

/** Would expire remove anything, as `expire --dry-run` says it? */
export function wouldRemove(said: readonly string[]): boolean {
    return said.some(
        (line) => /repo\d+: .*\b(expire|remove)\b/.test(line) && !line.includes("no archive to remove"),
    );
}

/** Why it is full, for people. `why` says why expire does not help. */
export function fullText(free: number, why: string): string {
    return (
        `the repository is full: ${bytes(free)} are free on its disk, and WAL and backups need more. ${why} ` +
        "Lower repo1-retention-full or repo1-retention-diff and run pulumi up, which expires at once, or give the disk more room"
    );
}
