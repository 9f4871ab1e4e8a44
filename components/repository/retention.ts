import type { SectionOption } from "../pgbackrest/line";
import { inForce } from "../pgbackrest/together";
import { spanOf } from "../schedule/calendar";

/** How long a full backup and what builds on it stays in a repository, and why. */
export interface Lifetime {
    readonly days: number;
    /** For messages. */
    readonly why: string;
}

/** What pgBackRest's options mean for a repository. */
export interface RepositoryUse {
    /** How long its backups are kept; nothing when nothing is ever expired. */
    readonly lifetime: Lifetime | undefined;
    /** Does pgBackRest tag what it writes there? */
    readonly tagging: boolean;
}

/** When full backups are taken: five cron fields, and their zone. */
interface FullSchedule {
    readonly full: string;
    readonly timezone: string;
}

/**
 * How long repository `number` keeps a backup for certain; nothing when nothing is ever expired.
 * @param options those in force, from the template and the stack
 * @param schedules when full backups are taken
 */
export function lifetimeOf(
    options: readonly SectionOption[],
    number: number,
    { full, timezone }: FullSchedule,
): Lifetime | undefined {
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

function round(days: number): string {
    return String(Math.round(days * 100) / 100);
}
