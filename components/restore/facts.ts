import type { Backup } from "../protection/info";
import type { Gap } from "../protection/wal";
import type { Minimums } from "./minimums";
import type { Wish } from "./wish";

/** All that the choice of a backup depends on. */
export interface Facts {
    /** Seconds since the epoch. */
    readonly now: number;
    /** Those that can be read, in the order in which they are asked. */
    readonly repositories: readonly RepositoryFacts[];
    /** Those that cannot. */
    readonly away: readonly Away[];
    /** The database that runs; nothing where none does. */
    readonly running: Running | undefined;
    /** Restore points that are known, oldest first. */
    readonly points: readonly Point[];
    /** Bytes that the new data volume may have: what its disk has free, and what lies in it already; nothing where that is not known. */
    readonly freeBytes: number | undefined;
    /** How fast it went the last time; nothing before there was one. */
    readonly speed: Speed | undefined;
    /** Settings of which recovery refuses less than the WAL was written with: what the running server has, and the restored one will. */
    readonly minimums?: { readonly now?: Minimums | undefined; readonly then?: Minimums | undefined };
}

export interface Away {
    readonly name: string;
    /** Why, in words. */
    readonly why: string;
}

export function awayText({ name, why }: Away): string {
    return `the repository ${name} cannot be read: ${why}`;
}

export interface Running {
    readonly timeline: number;
    /** How far it has written. */
    readonly lsn: bigint;
    /** Replication slots that are not part of any backup. */
    readonly slots: readonly string[];
}

export interface RepositoryFacts {
    /** pgBackRest's, from 1. */
    readonly number: number;
    readonly name: string;
    /** Of the cluster that is to be restored, oldest first. */
    readonly backups: readonly Backup[];
    /** Where the timelines before each one ended; the first timeline has none. */
    readonly histories: ReadonlyMap<number, readonly Switch[]>;
    /** Which restore began a timeline, of those that one did. */
    readonly restores?: ReadonlyMap<number, Pick<Wish, "name" | "at">>;
    /** The newest WAL of each timeline. */
    readonly ends: ReadonlyMap<number, WalEnd>;
    /** Segments that are known to be missing. */
    readonly gaps: readonly Gap[];
    /** Bytes of a segment. */
    readonly segmentSize: number;
    /** Files and pages that damaged backups have found, by label, in words; as far as they are known. */
    readonly damagedPages: ReadonlyMap<string, string>;
}

/** Where a timeline ended for those that come after it. */
export interface Switch {
    readonly timeline: number;
    readonly lsn: bigint;
}

export interface WalEnd {
    /** Name of the newest segment. */
    readonly segment: string;
    /** When it was archived, in seconds since the epoch. */
    readonly time: number;
}

export interface Point {
    readonly name: string;
    /** Seconds since the epoch. */
    readonly time: number;
    readonly lsn: bigint;
    readonly timeline: number;
}

/** How fast a restore goes, with what it takes of an empty cluster: `secondsFor`. */
export interface Speed {
    /** Of the restored cluster. */
    readonly bytesPerSecond: number;
    /** Of WAL. */
    readonly segmentsPerSecond: number;
    readonly from: "restore" | "drill" | "backup";
}

export interface Impossible {
    readonly why: string;
    /** What is possible instead. */
    readonly instead: readonly string[];
}
