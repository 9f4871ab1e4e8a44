import { type Span, counted, spanOf, spanText } from "../schedule/calendar";
import { type Consequence, danger, note, warning } from "./consequence";
import type { RepositoryDescription, Schedules } from "../state/description";
import { expiring, type LiveBackup, reachText, withWal } from "./live";

type Retention = RepositoryDescription["retention"];

/** What a retention keeps once it has run long enough. */
export interface Reach {
    /** How many full backups. */
    readonly fulls: Span;
    /** How far back point-in-time recovery reaches, in days: the least is guaranteed. */
    readonly reach: Span;
}

const FOR_EVER: Span = { least: Infinity, greatest: Infinity };

/** Bounds from the retention and the schedules; a run that fails or that is taken by hand moves them. */
export function reachOf(retention: Retention, schedules: Schedules): Reach {
    const byFull = reachByFull(retention, schedules);
    if (retention.archive === 0) return byFull;
    // WAL can be dropped earlier than the backups: these then only restore to where they end.
    const kinds = ["full", "diff", "incr"] as const;
    const counting = kinds.slice(0, kinds.indexOf(retention.archiveType) + 1).map((kind) => schedules[kind]);
    const archived = byCount(
        retention.archive,
        counting.filter((schedule) => schedule !== ""),
        schedules.timezone,
    );
    return {
        fulls: byFull.fulls,
        reach: {
            least: Math.min(byFull.reach.least, archived.least),
            greatest: Math.min(byFull.reach.greatest, archived.greatest),
        },
    };
}

function reachByFull({ full, fullType }: Retention, schedules: Schedules): Reach {
    if (full === 0) return { fulls: FOR_EVER, reach: FOR_EVER };
    if (fullType === "count")
        return {
            fulls: { least: full, greatest: full },
            reach: byCount(full, [schedules.full], schedules.timezone),
        };
    // By time: everything younger, and one that is older, so that the whole time can be restored.
    const interval = spanOf([schedules.full], 1, schedules.timezone);
    return {
        fulls: {
            least: Math.floor(full / interval.greatest) + 1,
            greatest: Math.floor(full / interval.least) + 2,
        },
        reach: { least: full, greatest: full + interval.greatest },
    };
}

/** From the oldest of so many backups: just after the newest was taken, and just before the next. */
function byCount(count: number, schedules: readonly string[], timezone: string): Span {
    return {
        least: spanOf(schedules, count - 1, timezone).least,
        greatest: spanOf(schedules, count, timezone).greatest,
    };
}

export interface RetentionChange {
    /** What to call the repository. */
    readonly name: string;
    readonly before: Retention;
    readonly after: Retention;
    readonly schedulesBefore: Schedules;
    readonly schedulesAfter: Schedules;
    /** The backups that are there, where the repository could be asked. */
    readonly live?: readonly LiveBackup[] | undefined;
    readonly now: Date;
}

/** What another retention, or another rhythm of the backups, means for what can be restored. */
export function retentionConsequences(change: RetentionChange): Consequence[] {
    return [...fullConsequences(change), ...diffConsequences(change)];
}

/** Does recovery reach less far than before, or are fewer backups kept? */
export function isShorter(change: Omit<RetentionChange, "live" | "now" | "name">): boolean {
    const [old, wanted] = [
        reachOf(change.before, change.schedulesBefore),
        reachOf(change.after, change.schedulesAfter),
    ];
    return (
        wanted.reach.least < old.reach.least ||
        wanted.reach.greatest < old.reach.greatest ||
        wanted.fulls.greatest < old.fulls.greatest ||
        diffs(change.after) < diffs(change.before)
    );
}

function fullConsequences(change: RetentionChange): Consequence[] {
    const { name, before, after } = change;
    const old = reachOf(before, change.schedulesBefore);
    const wanted = reachOf(after, change.schedulesAfter);
    const less =
        wanted.reach.least < old.reach.least ||
        wanted.reach.greatest < old.reach.greatest ||
        wanted.fulls.greatest < old.fulls.greatest;
    const more = wanted.reach.least > old.reach.least || wanted.reach.greatest > old.reach.greatest;
    const policies = policyText(before) !== policyText(after);
    if (!less && !more && !policies) return [];
    const subject = policies
        ? `repository ${name} keeps ${policyText(after)} instead of ${policyText(before)}`
        : `repository ${name} keeps ${policyText(after)} as before, taken at other times`;
    const reach = `Point-in-time recovery reaches back ${spanText(old.reach)} now and ${spanText(wanted.reach)} then`;
    if (less) return [danger(`${subject}. ${expiryText(change, old, wanted)} ${reach}.${exact(change)}`)];
    if (!more) return [note(`${subject}. ${reach}.`)];
    const wait = Math.ceil(wanted.reach.least - old.reach.least);
    const when =
        wait > 0 && wait < Infinity
            ? `: it grows by a day each day, and is there in ${counted(wait, "day")}`
            : "";
    return [note(`${subject}. What has expired does not come back. ${reach}${when}.`)];
}

function expiryText(change: RetentionChange, old: Reach, wanted: Reach): string {
    const most = old.fulls.greatest - wanted.fulls.least;
    const what = "with the diff and incr backups that build on them and the WAL since then";
    if (most === Infinity)
        return `All full backups but the newest ${wanted.fulls.least} can expire after the next backup, ${what}: for good.`;
    if (most > 0)
        return `Up to ${counted(most, "full backup")} can expire after the next backup, ${what}: for good.`;
    return change.before.archive === change.after.archive
        ? "Backups expire sooner than before: for good."
        : "No backup expires for it, but WAL does: older backups then restore to the moment they were taken only.";
}

function exact({ before, after, live, now }: RetentionChange): string {
    if (live === undefined || live.length === 0) return "";
    const gone = expiring(live, after, now);
    const left = live.filter((backup) => !gone.includes(backup));
    const kinds = (["full", "diff", "incr"] as const)
        .map((type) => counted(gone.filter((backup) => backup.type === type).length, `${type} backup`))
        .join(", ");
    const [old, wanted] = [reachText(withWal(live, before)), reachText(withWal(left, after))];
    const what =
        gone.length > 0
            ? `${kinds} expire`
            : `${old === wanted ? "nothing" : "no backup"} in it expires at once`;
    return ` The repository was asked: ${what}; recovery reaches back ${old === wanted ? old : `${old} now and ${wanted} then`}.`;
}

/** How many diff backups are kept, full ones counted in. */
function diffs(retention: Retention): number {
    return retention.diff === 0 ? Infinity : retention.diff;
}

function diffConsequences({ name, before, after }: RetentionChange): Consequence[] {
    const [old, wanted] = [diffs(before), diffs(after)];
    if (old === wanted) return [];
    const text = (number: number): string =>
        number === Infinity ? "all diff backups of its full ones" : counted(number, "diff backup");
    const subject = `repository ${name} keeps ${text(wanted)} instead of ${text(old)} (full ones are counted in)`;
    if (wanted > old) return [note(`${subject}. What has expired does not come back.`)];
    const gone = old === Infinity ? "All older ones" : `Up to ${counted(old - wanted, "diff backup")}`;
    return [
        warning(
            `${subject}. ${gone} can expire after the next backup, with the incr backups that build on them. Recovery reaches as far back as before, but replays more WAL where they are missing.`,
        ),
    ];
}

function policyText({ full, fullType, archive, archiveType }: Retention): string {
    const backups =
        full === 0
            ? "all backups"
            : fullType === "count"
              ? counted(full, "full backup")
              : `the full backups of ${counted(full, "day")} and one older`;
    return archive === 0
        ? backups
        : `${backups} with the WAL since the ${archive}. newest ${archiveType} one`;
}
