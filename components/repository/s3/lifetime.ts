import type { Complain } from "../kind";
import type { Lifetime } from "../retention";
import type { MadeBucket } from "./madeBucket";

/** Without an answer of the stack, a deleted version stays so long: time to notice that something was deleted that should not be. */
const TIME_TO_NOTICE = 30;

/** Why a lock of so many days cannot be; nothing when it can. */
export function checkLock(days: number, mode: string, lifetime: Lifetime | undefined): string | undefined {
    if (lifetime === undefined || days <= lifetime.days) return undefined;
    const forever =
        mode === "compliance" ? ", and nobody can end a compliance lock, not even the account's owner" : "";
    return `${days} is longer than backups are kept (${lifetime.days} days: ${lifetime.why}): what has expired would stay locked and be paid for${forever}. At most ${Math.max(1, lifetime.days)}, or keep more backups`;
}

/** Days after which deleted and overwritten versions go: enough to notice a deletion, never longer than backups are kept anyway. */
export function noncurrentDays(given: number | undefined, lifetime: Lifetime | undefined): number {
    return given ?? Math.max(1, Math.min(TIME_TO_NOTICE, lifetime?.days ?? TIME_TO_NOTICE));
}

/** What cannot be, and what can but is probably not wanted, of a bucket that the program makes. */
export function checkBucketLifetime(
    { lock, noncurrentDays: days }: MadeBucket,
    lifetime: Lifetime | undefined,
    refuse: Complain,
    warn: Complain,
): void {
    const problem = lock === undefined ? undefined : checkLock(lock.days, lock.mode, lifetime);
    if (problem !== undefined) refuse("lock.days", problem);
    if (days !== undefined && lifetime !== undefined && days > lifetime.days)
        warn(
            "noncurrentDays",
            `${days} is longer than backups are kept (${lifetime.days} days): each is paid for twice as long`,
        );
}
