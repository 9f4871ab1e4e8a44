// Which backup leads to a target: the newest of the history that ends before it, with all WAL behind it.
import type { Backup } from "../protection/info";
import { bytes } from "../protection/text";
import { segmentNumber } from "../protection/wal";
import { doneBefore } from "./again";
import { attempt, type Attempt, type Candidate, type Found } from "./attempt";
import { type Behind, behindOf } from "./behind";
import { type Away, awayText, type Facts, type Impossible, type RepositoryFacts } from "./facts";
import { moment } from "./goal";
import { missing, type Reach, reachOf, timelineOf, walOf } from "./reach";
import type { Target } from "./target";
import { warningsOf } from "./warnings";
import { windowsOf } from "./windows";
import type { Wish } from "./wish";

export interface Choice {
    /** pgBackRest's number of the repository, and its name. */
    readonly repository: number;
    readonly name: string;
    /** Numbers of the repositories that are asked for WAL, in order. */
    readonly walFrom: "all" | readonly number[];
    readonly backup: Backup;
    /** Along whose history it goes. */
    readonly timeline: number;
    /** The backups that were looked at, newest first. */
    readonly candidates: readonly Candidate[];
    /** WAL segments to replay; of a time about so many. */
    readonly segments: number;
    /** What the running database has and the restored one will not have; nothing where there is none, or nobody knows. */
    readonly behind: Behind | undefined;
    readonly warnings: readonly string[];
}

export function choose(wish: Wish, target: Target, facts: Facts): Choice | Impossible {
    const done = doneBefore(wish, facts);
    if (done !== undefined) return done;
    const found = decide(wish, target, facts);
    if (typeof found === "string")
        return { why: found, instead: [...otherWays(wish, target, facts), ...windowTexts(wish, facts)] };
    return noRoom(found, facts.freeBytes) ?? found;
}

function noRoom({ backup: { label, size } }: Choice, free = Infinity): Impossible | undefined {
    if (free >= size) return undefined;
    return {
        why: `the database of the backup ${label} has ${bytes(size)}, and the disk of its volume has room for ${bytes(free)}`,
        instead: [
            "make room on that disk: npm run ops -- volumes shows the data volumes of earlier restores, and volumes drop removes one",
        ],
    };
}

function decide(wish: Wish, target: Target, facts: Facts): Choice | string {
    const isAsked = ({ name }: { readonly name: string }): boolean => name === (wish.repository ?? name);
    const [asked, away] = [facts.repositories.filter(isAsked), facts.away.filter(isAsked)];
    if (asked.length + away.length === 0) return noRepository(wish, facts);
    const attempts = asked.map((one) =>
        attempt(wish, target, facts, one, timelineFor(wish, target, facts, one)),
    );
    const passed: Candidate[] = [];
    for (const one of attempts) {
        const { found, reach } = one;
        const isChosen =
            typeof found !== "string" && !(target.kind === "latest" && isLeftBehind(reach, attempts));
        if (!isChosen) passed.push(...candidatesOf(one));
        else return choiceOf(found, reach, [...passed, ...one.candidates], away, wish, target, facts);
    }
    const reasons = attempts.flatMap(({ found }) => (typeof found === "string" ? [found] : []));
    return [...new Set([...reasons, ...away.map(awayText)])].join("; ");
}

/** Of a repository that is passed over: of none is it said that it is chosen. */
function candidatesOf({ found, reach, candidates }: Attempt): readonly Candidate[] {
    if (typeof found === "string") return candidates;
    const ends = reach.end === undefined ? "" : ` at ${moment(reach.end.time)}`;
    const why = `not chosen: WAL of ${reach.repository.name} ends${ends}, and that of another repository goes on behind a gap`;
    return candidates.map((one) => (one.label === found.backup.label ? { ...one, why } : one));
}

/**
 * Does the WAL of another repository, in which a backup leads to its end, go on behind a gap? All are asked for a segment, so without a gap
 * the first in order leads as far.
 */
function isLeftBehind({ repository, timeline, end }: Reach, attempts: readonly Attempt[]): boolean {
    if (end === undefined) return false;
    const from = segmentNumber(end.lsn, repository.segmentSize);
    return attempts.some(({ found, reach: other }) => {
        if (typeof found === "string" || other.timeline !== timeline || other.end === undefined) return false;
        if (from > other.end.number) return false;
        return from < begins(other, found) || missing(other, from, other.end.number) !== undefined;
    });
}

/** The first segment that a repository is known to have: older ones may be there, but nothing says so. */
function begins({ repository }: Reach, { first }: Found): number {
    const all = repository.backups.flatMap((backup) => walOf(backup, repository.segmentSize)?.[0] ?? []);
    return Math.min(first, ...all);
}

function passedOver(away: Away): string {
    return `${awayText(away)}. What it alone has is not used`;
}

function noRepository({ repository }: Wish, { repositories, away }: Facts): string {
    const names = [...repositories, ...away].map(({ name }) => name).join(", ");
    return repository === undefined
        ? "there is no repository"
        : `there is no repository ${repository}, but ${names}`;
}

/**
 * Along whose history: the one that is wished, of the backup that alone is wished, of the database that runs, or else of what was archived
 * last. That was the live one: after a restore, WAL is on its new timeline before any backup is.
 */
function timelineFor(
    wish: Wish,
    { kind }: Target,
    { running, repositories }: Facts,
    repository: RepositoryFacts,
): number {
    const alone = repository.backups.find(({ label }) => kind === "immediate" && label === wish.backup);
    const known = alone === undefined ? runningThen(wish, running, repository) : timelineOf(alone);
    const seen = repositories.flatMap(({ backups, ends }) => [
        ...backups
            .filter(({ wal }) => wal !== undefined)
            .map((one) => ({ timeline: timelineOf(one), time: one.stop })),
        ...[...ends].map(([timeline, { time }]) => ({ timeline, time })),
    ]);
    const [newest] = seen.sort((a, b) => b.time - a.time || b.timeline - a.timeline);
    return wish.timeline ?? known ?? newest?.timeline ?? 1;
}

/** The timeline of the database that runs, unless it began after the moment as of which the repository is read. */
function runningThen({ repositoryTime }: Wish, running: Facts["running"], { ends }: RepositoryFacts) {
    const timeline = running?.timeline;
    return repositoryTime === undefined || (timeline !== undefined && ends.has(timeline))
        ? timeline
        : undefined;
}

function choiceOf(
    found: Found,
    reach: Reach,
    candidates: readonly Candidate[],
    away: readonly Away[],
    wish: Wish,
    target: Target,
    facts: Facts,
): Choice {
    const { backup, first, last } = found;
    const { repository } = reach;
    return {
        repository: repository.number,
        name: repository.name,
        walFrom: walFrom(repository, wish, facts),
        backup,
        // Whatever becomes of other timelines: the end of a backup is on its own.
        timeline: target.kind === "immediate" ? timelineOf(backup) : reach.timeline,
        candidates,
        segments: last - first + 1,
        behind: behindOf(found, target, reach, facts, wish.repositoryTime === undefined),
        warnings: [...warningsOf(found, wish, target, reach, facts), ...away.map(passedOver)],
    };
}

/** Where somebody names a repository he wants no other's WAL. To ask one that is away for each segment would take for ever. */
function walFrom({ number }: RepositoryFacts, wish: Wish, { repositories, away }: Facts): Choice["walFrom"] {
    if (wish.repository !== undefined || wish.repositoryTime !== undefined) return [number];
    if (away.length === 0) return "all";
    return [number, ...repositories.map((one) => one.number).filter((one) => one !== number)];
}

/** What of a wish, wished otherwise, leads to the target. */
function otherWays(wish: Wish, target: Target, facts: Facts): string[] {
    const anyRepository = { ...wish, repository: undefined };
    const anyBackup = { ...wish, backup: undefined };
    const timelines = facts.repositories.flatMap(({ backups, ends }) => [
        ...ends.keys(),
        ...backups.filter(({ wal }) => wal !== undefined).map(timelineOf),
    ]);
    const others: (readonly [string, Wish, Target])[] = [
        ...(wish.repository === undefined ? [] : [["no repository", anyRepository, target] as const]),
        ...(wish.backup === undefined ? [] : [["no backup", anyBackup, target] as const]),
        ...(wish.acceptDamage
            ? []
            : [["acceptDamage: true", { ...wish, acceptDamage: true }, target] as const]),
        ...[...new Set(timelines)]
            .sort((a, b) => a - b)
            .map((timeline) => [`timeline: ${timeline}`, { ...wish, timeline }, target] as const),
        ["at: latest", wish, { kind: "latest" }],
    ];
    return others.flatMap(([words, other, to]) => {
        const found = decide(other, to, facts);
        return typeof found === "string"
            ? []
            : [`${words}: then the backup ${found.backup.label} of ${found.name} serves`];
    });
}

/** From when to when a time can be reached as the wish is else. */
function windowTexts(wish: Wish, facts: Facts): string[] {
    const target: Target = { kind: "latest" };
    return facts.repositories.flatMap((repository) => {
        const reach = reachOf(repository, timelineFor(wish, target, facts, repository));
        return windowsOf(reach, facts.points, wish.acceptDamage).map(
            ({ from, to }) =>
                `at: a time from ${moment(from)} to ${moment(to)} (repository ${repository.name}, timeline ${reach.timeline})`,
        );
    });
}
