// What the report shows, from what was seen of a stack. Pure.
import type { Backup } from "../../components/protection/info";
import { endsList } from "../../components/protection/ends";
import { NO_WAL } from "../../components/protection/wal";
import { nextScheduled, SCHEDULED, type Scheduled, type Timetable } from "../../components/schedule/file";
import type { Description } from "../../components/state/description";
import type { Drills } from "../operations/atWork";
import { type Reach, reachOf } from "../operations/reach";
import { type Repository, unreadable } from "../operations/repositories";
import { heldIn, type Seen, type Told, toldOf } from "../operations/seen";
import { type NextRun, nextRuns } from "../operations/status";
import type { DatabaseWal } from "../operations/wal";
import { missingSpans, type Missing, type Span, without } from "./spans";
import { type Group, inForce } from "./settings";
import { untested } from "./untested";

export interface RepositoryFacts {
    readonly name: string;
    readonly number: number;
    /** Why it could not be read; or nothing. */
    readonly problem: string;
    /** Oldest first. */
    readonly backups: readonly Backup[];
    /** Nothing where there is nothing to restore. */
    readonly reach: Reach | undefined;
    /** The moments that can be restored. */
    readonly window: readonly Span[];
    /** From when to when its WAL is there. */
    readonly wal: readonly Span[];
    readonly missing: readonly Missing[];
    /** Of its WAL; nothing where it could not be listed. */
    readonly walBytes: number | undefined;
}

export interface Run {
    readonly kind: Scheduled;
    /** Seconds since the epoch. */
    readonly at: number;
}

export interface Facts {
    readonly stack: string;
    /** What the names of its objects begin with. */
    readonly name: string;
    readonly now: number;
    readonly told: Told;
    readonly repositories: readonly RepositoryFacts[];
    readonly database: DatabaseWal | string;
    readonly drills: Drills & {
        /** What was asked of them, in seconds. */
        readonly goals: { readonly time: number | undefined; readonly point: number | undefined };
    };
    /** What runs next, each kind once; 0 is at once. */
    readonly next: readonly NextRun[];
    /** All that runs in the next days. */
    readonly runs: readonly Run[];
    readonly settings: readonly Group[];
    /** Certificates and signatures that are known to end, what ends first first. */
    readonly ends: readonly string[];
    readonly untested: readonly string[];
}

export const DAY = 86_400;
/** How far the report looks ahead. */
export const AHEAD = 7 * DAY;
/** A schedule of every minute is as good as a line. */
const MOST_RUNS = 400;

export interface About {
    readonly stack: string;
    readonly name: string;
    /** Of the last `up`; nothing where it cannot be read. */
    readonly description: Description | undefined;
}

export function factsOf(seen: Seen, { stack, name, description }: About): Facts {
    const { service, database } = seen;
    const { now, drills } = service;
    const { rto, rpo } = description?.drill ?? {};
    const repositories = service.repositories.map((repository) => repositoryFacts(seen, repository));
    const facts = {
        ...{ stack, name, now, told: toldOf(service), repositories, database },
        drills: { ...drills, goals: { time: rto, point: rpo } },
        next: nextRuns(service),
        runs: runsOf(service, now),
        ends: endsList(service.state?.ends ?? [], now),
        settings: description === undefined ? [] : inForce(description, service.published),
    };
    return { ...facts, untested: untested(facts, seen) };
}

function repositoryFacts(seen: Seen, repository: Repository): RepositoryFacts {
    const { service, wal: listed } = seen;
    const { name, number } = repository;
    const held = heldIn(seen, repository);
    const [problem = ""] = unreadable([held], service.repositories);
    const backups = typeof held.report === "string" ? [] : held.report.backups;
    const memory = service.state?.repositories[name];
    const ofIt = listed.get(number);
    const reach = reachOf(backups, memory, ofIt?.newest);
    const good = backups.filter(({ damaged }) => !damaged);
    const missing = missingSpans(memory?.wal ?? NO_WAL, good, service.now);
    const [oldest] = backups;
    const newest = ofIt?.newest ?? backups.at(-1)?.stop;
    const covered = oldest === undefined || newest === undefined ? [] : [{ from: oldest.start, to: newest }];
    return {
        ...{ name, number, problem, backups, reach, missing, walBytes: ofIt?.bytes },
        window:
            reach === undefined
                ? []
                : without(
                      [reach],
                      missing.map(({ unreachable }) => unreachable),
                  ),
        wal: without(
            covered,
            missing.map(({ wal }) => wal),
        ),
    };
}

/** By the schedules of each repository; what runs for several at one time is one run of the schedule. */
function runsOf({ repositories }: Seen["service"], now: number): Run[] {
    const own = repositories.map(({ timetable }) => timetable);
    const all = own.filter((one) => one !== undefined).flatMap((one) => runsBy(one, now));
    return [...new Map(all.map((run) => [`${run.kind} ${run.at}`, run])).values()];
}

function runsBy(timetable: Timetable, now: number): Run[] {
    return SCHEDULED.flatMap((kind) => {
        const runs: Run[] = [];
        for (
            let at = nextScheduled(timetable, kind, now);
            at !== undefined && at <= now + AHEAD && runs.length < MOST_RUNS;
            at = nextScheduled(timetable, kind, at)
        )
            runs.push({ kind, at });
        return runs;
    });
}
