import * as v from "valibot";
import { fromJson } from "../fields";
import { CAUSES } from "./cause";
import { cksum } from "./cksum";
import { Conflict } from "./conflict";
import { End } from "./ends";
import { NO_WAL, Wal } from "./wal";

const text = v.string();
const time = v.number();

/** What nothing is known of. */
export const UNWATCHED = {
    wal: NO_WAL,
    missingWal: "",
    unreachable: "",
    lostBackups: "",
    lostFull: false,
    ahead: "",
    gone: "",
    full: "",
    conflict: null,
    isUnbacked: false,
    isBehind: false,
    firstBackupAt: null,
    formerNames: [],
    away: "",
};

const RepositoryMemory = v.object({
    /** The stanza and where its backups and WAL go; or `cksum:` and what the earlier service remembered of that. */
    place: text,
    /** Since when all WAL goes there; 0 when it never went elsewhere as far as is known. Older backups cannot be recovered past that. */
    since: time,
    /** The revision for which WAL is known to arrive there, and the one for which a good backup is there; or nothing. */
    archiving: text,
    protected: text,
    /** When the newest backup of a kind or a better one began. */
    newest: v.object({
        full: v.nullable(time),
        diff: v.nullable(time),
        incr: v.nullable(time),
    }),
    /** When the last verify began that found all well, or when there was first something to verify. */
    verified: v.nullable(time),
    /** What verify has found, and what backups have found in pages, in words; or nothing. */
    damage: text,
    damagedPages: text,
    wal: v.optional(Wal, NO_WAL),
    /** WAL without which nothing of now can be restored; what cannot be restored although newer backups can; in words, or nothing. */
    missingWal: v.optional(text, ""),
    unreachable: v.optional(text, ""),
    /** Backups that it should have and has not, and one of a clock that was ahead, in words; or nothing. */
    lostBackups: v.optional(text, ""),
    /** Is the newest full one among those? */
    lostFull: v.optional(v.boolean(), false),
    ahead: v.optional(text, ""),
    /** That all earlier backups are gone, in words, until somebody acknowledges it; or nothing. */
    gone: v.optional(text, ""),
    /** Other WAL there than PostgreSQL writes. */
    conflict: v.optional(v.nullable(Conflict), null),
    /** Is PostgreSQL on a timeline on which no backup has begun, as after a restore? */
    isUnbacked: v.optional(v.boolean(), false),
    /** That its disk is full, in words; or nothing. */
    full: v.optional(text, ""),
    /** Does WAL that PostgreSQL cannot archive lack here? Where there are several repositories it may be another that it waits for. */
    isBehind: v.optional(v.boolean(), false),
    /** For when its first backup is scheduled, where the stack wants that to wait; or null. */
    firstBackupAt: v.optional(v.nullable(time), null),
    /** What it was called before: drills of then have proven it. */
    formerNames: v.optional(v.array(text), []),
    /** The revision with which it could not be used when that was tried last; or nothing. */
    away: v.optional(text, ""),
    /** Label of the backup after which expire ran last; nothing is known of it before the first. */
    expired: v.nullable(text),
});
/** What is remembered of a repository. */
export type RepositoryMemory = v.InferOutput<typeof RepositoryMemory>;

const Verdict = v.object({
    /** Is all as it should be? So it is without a repository, too. */
    healthy: v.boolean(),
    protected: v.boolean(),
    /** Since when it is protected, or is not. */
    since: time,
    /** Is it protected, and why not, for people. */
    sentence: text,
    /** What kind of trouble it is; nothing where all is as it should be, and of a service that did not say it. */
    cause: v.optional(v.picklist(CAUSES)),
});
/** Whether the database is protected. */
export type Verdict = v.InferOutput<typeof Verdict>;

const State = v.object({
    version: v.literal(1),
    /** Host name of the container whose service wrote this. */
    service: text,
    /** When. It is written again every few seconds, so that what is old is known to be. */
    written: time,
    /** The published revision that the verdict is about. */
    revision: text,
    activity: text,
    /** Where there are several repositories: what it does for each, and the last error. */
    doing: v.optional(v.record(text, v.object({ activity: text, error: text }))),
    /** The last error, until what failed has succeeded. */
    error: text,
    verdict: Verdict,
    /** Has it ever known where WAL goes? Before that, what is in a repository is believed. */
    begun: v.boolean(),
    /** What of the published configuration is known to end. */
    ends: v.optional(v.array(End), []),
    /** By the repository's name. */
    repositories: v.record(text, RepositoryMemory),
});
/** The file state.json of the backup service. All times are seconds since the epoch. */
export type State = v.InferOutput<typeof State>;

const PublishedRepository = v.object({
    name: text,
    /** 1 is pgBackRest's repo1. */
    number: v.number(),
    /** Where it is, as text: another one is another repository. */
    place: text,
    /** Its own, as the file `schedules` has the stack's; those where there are none. */
    schedules: v.optional(text),
    /** When one without backups gets the first; at once unless it says otherwise. */
    firstBackup: v.optional(v.picklist(["now", "scheduled"])),
    /** When it is drilled, five cron fields or off, where that is not as the stack has it. */
    drill: v.optional(text),
});
/** A repository of the published configuration. */
export type PublishedRepository = Readonly<v.InferOutput<typeof PublishedRepository>>;

/** Nothing is known. */
export function newState(service: string, now: number): State {
    return {
        version: 1,
        service,
        written: now,
        revision: "",
        activity: "",
        error: "",
        verdict: {
            healthy: false,
            protected: false,
            since: now,
            sentence: "the backup service has just begun",
        },
        begun: false,
        ends: [],
        repositories: {},
    };
}

/** What `newest` of a repository without backups is. */
export const NO_BACKUPS = { full: null, diff: null, incr: null } as const;

/** Reads state.json; nothing when it is no state that this version knows. */
export function readState(json: string): State | undefined {
    return fromJson(State, json);
}

/** The files that the service of release 0.1.0, a shell script, remembered things in. */
export const FORMER_FILES = [
    ...["place", "since", "verified", "damage", "damaged-pages", "expired", "service", "activity", "error"],
    ...["archiving", "protected", "newest-full", "newest-diff", "newest-incr"],
] as const;

/** A repository had no name then. */
const FORMER_NAME = "repo1";

/** What those files say, as a state. What was true of the service that ran then says nothing about now. */
export function takeOver(files: ReadonlyMap<string, string>, service: string, now: number): State {
    const state = newState(service, now);
    const place = files.get("place") ?? "";
    // No memory of a place: there was no check that ended well, so nothing to remember. And none is no place.
    if (place === "") return state;
    const number = (file: string) => {
        const value = files.get(file) ?? "";
        return /^\d+$/.test(value) ? Number(value) : null;
    };
    return {
        ...state,
        begun: true,
        repositories: {
            [FORMER_NAME]: {
                place: `${FORMER}${place}`,
                since: number("since") ?? 0,
                archiving: "",
                protected: "",
                newest: {
                    full: number("newest-full"),
                    diff: number("newest-diff"),
                    incr: number("newest-incr"),
                },
                verified: number("verified"),
                damage: files.get("damage") ?? "",
                damagedPages: files.get("damaged-pages") ?? "",
                ...UNWATCHED,
                expired: files.get("expired") ?? null,
            },
        },
    };
}
const FORMER = "cksum:";

/** The file `repositories.json` of a published revision. No secret. */
export function renderRepositories(repositories: readonly PublishedRepository[]): string {
    return `${JSON.stringify(repositories)}\n`;
}

/**
 * Reads the published file `repositories.json`, or `repositories` of release 0.1.0, a text that said where the one repository is.
 * @returns no repository for a configuration without
 */
export function readRepositories(content: string, none: boolean): PublishedRepository[] {
    if (none) return [];
    const named = fromJson(v.array(PublishedRepository), content) ?? [];
    if (named.length > 0) return named;
    return [{ name: FORMER_NAME, number: 1, place: content.trim() }];
}

/** How the place of a stanza in a repository is remembered. */
export function placeOf(repository: PublishedRepository, stanza: string): string {
    return `${stanza}\n${repository.place}`;
}

/** Is what was remembered this place? The earlier service remembered a checksum; release 0.1.0 one without the stanza. */
export function isPlace(remembered: string, repository: PublishedRepository, stanza: string): boolean {
    const place = placeOf(repository, stanza);
    if (!remembered.startsWith(FORMER)) return remembered === place;
    const former = formerText(repository);
    return [`${stanza}\n${former}\n`, `${former}\n`].some(
        (content) => remembered === `${FORMER}${cksum(Buffer.from(content))}`,
    );
}

/** Where a repository is, in the text that release 0.1.0 published. */
function formerText({ place }: PublishedRepository): string {
    return place.replace(/^azure:container (\S+) of account /, "azure:container $1 of ");
}

/**
 * What is remembered of the repositories that WAL goes to from now on. One whose WAL went elsewhere, or nowhere, has got a gap, so it counts
 * from now. Of a repository that is not used any more nothing is remembered but that: it is new when it comes back.
 */
export function rememberPlaces(
    { begun, repositories: memories }: Pick<State, "begun" | "repositories">,
    repositories: readonly PublishedRepository[],
    stanza: string,
    now: number,
): Record<string, RepositoryMemory> {
    return Object.fromEntries(
        repositories.map((repository) => {
            // By its place, so that another name makes no other repository of it.
            const { name } = repository;
            const [former, same] =
                [[name, memories[name]] as const, ...Object.entries(memories)].find(
                    ([, memory]) => memory !== undefined && isPlace(memory.place, repository, stanza),
                ) ?? [];
            const place = placeOf(repository, stanza);
            const fresh: RepositoryMemory = {
                place,
                since: begun ? now : 0,
                archiving: "",
                protected: "",
                newest: NO_BACKUPS,
                verified: null,
                damage: "",
                damagedPages: "",
                ...UNWATCHED,
                expired: null,
            };
            if (same === undefined || former === undefined) return [name, fresh];
            const formerNames = former === name ? same.formerNames : [...same.formerNames, former];
            return [name, { ...same, place, formerNames }];
        }),
    );
}
