// What one repository has for a target: its backups, one by one.
import type { Backup } from "../protection/info";
import type { Facts, RepositoryFacts } from "./facts";
import { type Goal, goalOf, moment } from "./goal";
import { isOn } from "./history";
import { consistentAt, missing, type Reach, reachOf, timelineOf, walOf } from "./reach";
import { lsnText, type Target } from "./target";
import type { Wish } from "./wish";

export interface Candidate {
    readonly repository: string;
    readonly label: string;
    /** Why it is chosen, or is not. */
    readonly why: string;
}

export interface Attempt {
    readonly reach: Reach;
    /** Newest first. */
    readonly candidates: readonly Candidate[];
    /** The newest that leads to the target, or why there is none, for people. */
    readonly found: Found | string;
}

export interface Found {
    readonly backup: Backup;
    readonly goal: Goal;
    /** Label of the newest that has found no damaged pages; nothing where there is none. */
    readonly sound: string | undefined;
    /** The first and the last segment to replay, the last of a time only about. */
    readonly first: number;
    readonly last: number;
}

/** What is against a backup: the later in this list, the nearer it is to serving. */
const OBJECTIONS = ["offline", "elsewhere", "later", "missing", "damaged"] as const;

interface Objection {
    readonly kind: (typeof OBJECTIONS)[number];
    /** Behind `it `. */
    readonly text: string;
}

/** @param timeline along whose history */
export function attempt(
    wish: Wish,
    target: Target,
    facts: Facts,
    repository: RepositoryFacts,
    timeline: number,
): Attempt {
    const reach = reachOf(repository, timeline);
    const backups = repository.backups.toReversed();
    const goal = goalOf(target, reach, facts.points);
    if (typeof goal === "string")
        return { reach, found: goal, candidates: backups.map(({ label }) => candidate(reach, label, goal)) };
    const judged = backups.map((backup) => ({
        backup,
        against: objection(backup, wish, target, reach, goal),
    }));
    const wanted = judged.filter(({ backup }) => wish.backup === undefined || backup.label === wish.backup);
    const chosen = wanted.find(({ against }) => against === undefined)?.backup;
    const candidates = judged.map(({ backup, against }) => {
        const other = wanted.some((one) => one.backup === backup)
            ? "older than the chosen one"
            : "not the one that is wished";
        const good = backup === chosen ? chosenText(wish, target) : other;
        return candidate(reach, backup.label, against?.text ?? good);
    });
    const wal = chosen === undefined ? undefined : walOf(chosen, repository.segmentSize);
    if (chosen === undefined || wal === undefined)
        return { reach, candidates, found: whyNone(wanted, wish, target, reach) };
    const sound = judged.find(({ backup, against }) => against === undefined && !backup.damaged)?.backup
        .label;
    const last = Math.max(goal.about, wal[1]);
    return { reach, candidates, found: { backup: chosen, goal, sound, first: wal[0], last } };
}

function candidate({ repository }: Reach, label: string, why: string): Candidate {
    return { repository: repository.name, label, why };
}

function chosenText(wish: Wish, { kind }: Target): string {
    if (wish.backup !== undefined) return "chosen: it is the one that is wished";
    return kind === "time" || kind === "lsn" || kind === "name"
        ? "chosen: the newest that ended before the target"
        : "chosen: the newest";
}

function objection(
    backup: Backup,
    wish: Wish,
    { kind }: Target,
    reach: Reach,
    goal: Goal,
): Objection | undefined {
    const { segmentSize: size } = reach.repository;
    const wal = walOf(backup, size);
    if (wal === undefined)
        return { kind: "offline", text: "was taken while PostgreSQL was stopped, and has no WAL" };
    const elsewhere = elsewhereText(backup, reach);
    if (elsewhere !== undefined) return { kind: "elsewhere", text: elsewhere };
    if (!goal.isAfter(backup))
        return { kind: "later", text: `ended ${endText(backup, kind, size)}, after the target` };
    const way = kind === "immediate" ? reachOf(reach.repository, timelineOf(backup)) : reach;
    const hole = missing(way, wal[0], Math.max(goal.last, wal[1]));
    if (hole !== undefined)
        return { kind: "missing", text: `needs WAL that is missing: ${segmentsText(hole.first, hole.last)}` };
    if (way.end === undefined || way.end.lsn < consistentAt(backup, size))
        return { kind: "missing", text: "needs WAL that is not in the repository" };
    if (backup.damaged && !wish.acceptDamage) return { kind: "damaged", text: "has found damaged pages" };
    return undefined;
}

/** Why a backup is not part of the history. */
function elsewhereText(backup: Backup, { history, timeline, repository }: Reach): string | undefined {
    const stop = consistentAt(backup, repository.segmentSize);
    const own = timelineOf(backup);
    if (isOn(history, own, stop)) return undefined;
    const end = history.find((one) => one.timeline === own)?.end;
    return end === undefined
        ? `is on timeline ${own}, which is not part of the history of timeline ${timeline}`
        : `ended at ${lsnText(stop)} on timeline ${own}, which the history of timeline ${timeline} had left at ${lsnText(end)}`;
}

function endText(backup: Backup, kind: Target["kind"], size: number): string {
    return kind === "time" ? moment(backup.stop) : `at ${lsnText(consistentAt(backup, size))}`;
}

export function segmentsText(first: string, last: string): string {
    return first === last ? first : `${first} to ${last}`;
}

interface Judged {
    readonly backup: Backup;
    readonly against: Objection | undefined;
}

/** @param judged newest first */
function whyNone(
    judged: readonly Judged[],
    wish: Wish,
    target: Target,
    { repository, timeline }: Reach,
): string {
    const { name } = repository;
    if (repository.backups.length === 0) return `the repository ${name} has no backup`;
    if (judged.length === 0) return `the repository ${name} has no backup ${wish.backup ?? ""}`;
    const kind = OBJECTIONS.findLast((one) => judged.some(({ against }) => against?.kind === one));
    const nearest = judged.filter(({ against }) => against?.kind === kind);
    const one = kind === "later" ? nearest.at(-1) : nearest[0];
    const text = `${one?.backup.label ?? ""} ${one?.against?.text ?? ""}`;
    if (wish.backup !== undefined) return `the backup ${text}`;
    if (kind === "elsewhere" || kind === "offline")
        return `the repository ${name} has no backup of the history of timeline ${timeline}: the newest, ${text}`;
    return kind === "later"
        ? `${wish.at} is before the oldest backup of that history: ${text}`
        : `no backup in the repository ${name} leads to ${wish.at}: ${text}`;
}
