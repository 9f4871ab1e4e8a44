import type { Drills } from "../components/drill/due";
import type { DrillOrder } from "../components/drill/order";
import type { End } from "../components/protection/ends";
import type { Archiving } from "../components/protection/verdict";
import type { PublishedRepository, State } from "../components/protection/state";
import type { Timetable } from "../components/schedule/file";

/** A repository of a published configuration. */
export interface Repository extends PublishedRepository {
    /** When its runs are due: by its own schedules, or those of all. */
    readonly timetable: Timetable;
    /** Where its files are in this container; nothing for a bucket. */
    readonly directory: string | undefined;
}

/** A published configuration, read once. */
export interface Revision {
    readonly name: string;
    readonly directory: string;
    readonly stanza: string;
    /** None for a configuration without. */
    readonly repositories: readonly Repository[];
    /** The stack's. */
    readonly timetable: Timetable;
    /** Do backups expire what retention does not keep? */
    readonly expires: boolean;
    /** What of it is known to end. */
    readonly ends: readonly End[];
}

/** What a published configuration says of one of its repositories. */
export interface OfOne extends Revision {
    readonly repository: Repository;
}

/** By its repositories. */
export function eachOf(revision: Revision): OfOne[] {
    return revision.repositories.map((repository) => ({ ...revision, repository }));
}

/** What makes pgbackrest work on that repository and no other. Some commands take all that a configuration has. */
export function argumentsFor(
    { directory, repositories, repository }: OfOne,
    args: readonly string[],
): readonly string[] {
    if (repositories.length === 1) return args;
    const ofAll = ["stanza-create", "check", "archive-push"].some((command) => args.includes(command));
    return [
        ofAll
            ? `--config=${directory}/archivers/${repository.number}/pgbackrest.conf`
            : `--repo=${repository.number}`,
        ...args,
    ];
}

/** How a pgbackrest ended. */
export interface Ended {
    readonly status: number | null;
    readonly signal: string | null;
}

/** A pgbackrest that runs. */
export interface Run {
    readonly ended: Promise<Ended>;
    /** Ends it and its workers for certain; resolves when none of them is left. */
    end(): Promise<void>;
}

export interface RunOptions {
    /** Does what it says go to the log of the service? */
    readonly shown: boolean;
    /** Each line that it says: on standard output, or else on standard error. */
    readonly onLine: (line: string, output: boolean) => void;
}

/**
 * All that the service does to the world and all that it knows of it, so that months of schedules and faults pass in a test in seconds. What
 * is waited for ends with `Stopped` when the service has been told to end.
 */
export interface World {
    /** Seconds since the epoch. */
    now(): number;
    /** At least that long, or until `event` is signalled, if there is one. */
    sleep(seconds: number, event?: AbortSignal): Promise<void>;
    /** A line of the log. */
    say(text: string): void;
    /** The published configuration; nothing where there is none, and what is wrong with one that cannot be used. */
    published(): Revision | string | undefined;
    /** Starts pgbackrest on a revision, which it holds: setup does not remove it, and its credentials stay valid. */
    start(revision: OfOne, args: readonly string[], options: RunOptions): Run;
    /** May the service's role log in to PostgreSQL? */
    databaseAnswers(): Promise<boolean>;
    archiving(): Promise<Archiving>;
    /** Commits something that is in no table, if PostgreSQL can now. Tells whether it has. */
    commit(): Promise<boolean>;
    /** What drills note of themselves. */
    drills(): Drills;
    /** Says something to them. */
    order(order: DrillOrder): void;
    /** What pgBackRest names a segment of PostgreSQL's WAL by; nothing where it is not there. */
    walChecksum(segment: string): Promise<string | undefined>;
    /** How many processes of this container were killed for want of memory. */
    outOfMemoryKills(): number;
    freeBytes(path: string): number;
    /** Bytes that are kept free for expire beside the backups in a directory, and another number of them; as many as there is room for. */
    reserved(path: string): number;
    reserve(path: string, amount: number): Promise<void>;
    usedBytes(path: string): Promise<number>;
    /** Has somebody acknowledged that backups are gone? Once. */
    takeAcknowledgement(): boolean;
    /** @param durable must it survive a crash of the machine? */
    save(state: State, durable: boolean): void;
}

export interface ServiceOptions {
    /** Seconds between two looks whether the repository is what it was; a cloud wants money for each answer. */
    readonly lookEvery: number;
    /** How late a backup may be before it is missing, in seconds. */
    readonly grace: number;
}

/** The service was told to end. */
export class Stopped extends Error {
    constructor() {
        super("stopped");
        this.name = "Stopped";
    }
}
