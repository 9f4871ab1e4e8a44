import type { SectionOption } from "../pgbackrest/line";
import { inForce } from "../pgbackrest/together";
import { spanOf } from "../schedule/calendar";
import type { Settings } from "../settings/schema";

/** How long a full backup and what builds on it stays in a repository, and why. */
export interface Kept {
    readonly days: number;
    /** For messages. */
    readonly why: string;
}

/** What pgBackRest's options mean for a repository. */
export interface RepositoryUse {
    /** How long its backups are kept; nothing when nothing is ever expired. */
    readonly kept: Kept | undefined;
    /** Does pgBackRest tag what it writes there? */
    readonly tagging: boolean;
}

/** Without an answer of the stack, a deleted version stays so long: time to notice that something was deleted that should not be. */
const TIME_TO_NOTICE = 30;

/**
 * How long repository `number` keeps a backup for certain; nothing when nothing is ever expired.
 * @param options those in force, from the template and the stack
 * @param schedules when full backups are taken
 */
export function keptFor(
    options: readonly SectionOption[],
    number: number,
    { full, timezone }: Pick<Settings["schedules"], "full" | "timezone">,
): Kept | undefined {
    const amount = inForce(options, `repo${number}-retention-full`, "expire")?.value;
    if (amount === undefined) return undefined;
    const type = inForce(options, `repo${number}-retention-full-type`, "expire")?.value ?? "count";
    if (type === "time") return { days: Number(amount), why: `repo${number}-retention-full=${amount} days` };
    const gap = spanOf([full], 1, timezone).least;
    const days = Math.floor(spanOf([full], Number(amount), timezone).least);
    return {
        days,
        why: `repo${number}-retention-full=${amount}, and ${round(gap)} ${gap === 1 ? "day" : "days"} between full backups`,
    };
}

/** Why a lock of so many days cannot be; nothing when it can. */
export function checkLock(days: number, mode: string, kept: Kept | undefined): string | undefined {
    if (kept === undefined || days <= kept.days) return undefined;
    const forever =
        mode === "compliance" ? ", and nobody can end a compliance lock, not even the account's owner" : "";
    return `${days} is longer than backups are kept (${kept.days} days: ${kept.why}): what has expired would stay locked and be paid for${forever}. At most ${Math.max(1, kept.days)}, or keep more backups`;
}

/** Days after which deleted and overwritten versions go: enough to notice a deletion, never longer than backups are kept anyway. */
export function noncurrentDays(given: number | undefined, kept: Kept | undefined): number {
    return given ?? Math.max(1, Math.min(TIME_TO_NOTICE, kept?.days ?? TIME_TO_NOTICE));
}

/**
 * What the options in force mean for each repository.
 * @param options from the template and the stack
 */
export function repositoryUses(
    settings: Pick<Settings, "repositories" | "schedules">,
    options: readonly SectionOption[],
): RepositoryUse[] {
    return settings.repositories.map((_, index) => ({
        kept: keptFor(options, index + 1, settings.schedules),
        tagging: options.some(({ option }) => option.name === `repo${index + 1}-storage-tag`),
    }));
}

/** What cannot be, and what can but is probably not wanted, of buckets that the program makes. */
export function checkRetention(
    settings: Pick<Settings, "repositories">,
    uses: readonly RepositoryUse[],
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
    const problems: string[] = [];
    const warnings: string[] = [];
    for (const [index, repository] of settings.repositories.entries()) {
        if (repository.type !== "s3" || typeof repository.bucket === "string") continue;
        const key = `pgbackrest:repositories[${index}]`;
        const kept = uses[index]?.kept;
        const { lock, noncurrentDays: days } = repository.bucket;
        const problem = lock === undefined ? undefined : checkLock(lock.days, lock.mode, kept);
        if (problem !== undefined) problems.push(`${key}.lock.days: ${problem}`);
        if (days !== undefined && kept !== undefined && days > kept.days)
            warnings.push(
                `${key}.noncurrentDays: ${days} is longer than backups are kept (${kept.days} days): each is paid for twice as long`,
            );
    }
    return { problems, warnings };
}

function round(days: number): string {
    return String(Math.round(days * 100) / 100);
}
