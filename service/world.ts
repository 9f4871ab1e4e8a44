import type { Drills } from "../components/drill/due";
import type { DrillOrder } from "../components/drill/order";
import type { Archiving } from "../components/protection/verdict";
import type { PublishedRepository, State } from "../components/protection/state";
import type { Timetable } from "../components/schedule/file";

/** A published configuration, read once. */
export interface Revision {
    readonly name: string;
    readonly directory: string;
    readonly stanza: string;
    /** None for a configuration without. */
    readonly repositories: readonly PublishedRepository[];
    readonly timetable: Timetable;
    /** Do backups expire what retention does not keep? */
    readonly expires: boolean;
    /** Where the repository's files are in this container; nothing for a bucket. */
    readonly repositoryPath: string | undefined;
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
    start(revision: Revision, args: readonly string[], options: RunOptions): Run;
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
