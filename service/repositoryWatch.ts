import type { Report } from "../components/protection/info";
import type { RepositoryMemory } from "../components/protection/state";
import { isFullLost, lostBackups } from "../components/protection/kept";
import {
    directoriesOf,
    directoryOf,
    endOf,
    type Expected,
    firstNeeded,
    following,
    gapsIn,
    laterSegment,
    nextDirectory,
    oldestNeeded,
    reachOf,
    readBytes,
    readNames,
    readSegments,
    timelineOf,
    withListed,
} from "../components/protection/wal";
import type { Archiving } from "../components/protection/verdict";
import type { Runner } from "./runner";
import type { OfOne } from "./world";

/** What is known of the repository before it is listed. */
export interface Known {
    /** What `info` said last. */
    readonly report: Report;
    /** What PostgreSQL said before. */
    readonly archiving: Archiving;
    readonly memory: RepositoryMemory;
    readonly now: number;
}

/**
 * Looks whether the backups and the WAL that should be in the repository are there, by listing it: `info` knows the names of backups and
 * the two ends of the WAL only. What cannot be listed now tells nothing: that a repository is away is told by others.
 */
export class RepositoryWatch {
    /** The directory of WAL that was listed last, and when one was in which nothing new was expected. */
    #listed = "";
    #sweptAt = -Infinity;
    /** The last of those. */
    #swept = "";
    /** Bytes in each directory that was listed since the service has begun, and those of all WAL. */
    readonly #bytes = new Map<string, number>();
    #walBytes: number | undefined;
    #answers = true;

    /** @param sweepEvery seconds between two looks at WAL that was there already: one directory each time */
    constructor(
        private readonly runner: Runner,
        private readonly sweepEvery: number,
    ) {}

    /**
     * What of it is missing, and what follows from that.
     * @param again at the same places as the last time?
     */
    async look(revision: OfOne, known: Known, again = false): Promise<Partial<RepositoryMemory>> {
        return { ...(await this.backups(revision, known)), ...(await this.wal(revision, known, again)) };
    }

    /** Could it be listed when that was tried last? */
    get answers(): boolean {
        return this.#answers;
    }

    /** Bytes of all WAL there; nothing before each directory was listed once. */
    get walBytes(): number | undefined {
        return this.#walBytes;
    }

    private async backups(revision: OfOne, { report }: Known): Promise<Partial<RepositoryMemory>> {
        const names = readNames(await this.runner.list(revision, `backup/${revision.stanza}`));
        this.#answers = names !== undefined;
        if (names === undefined) return {};
        const directories = new Set(names);
        return {
            lostBackups: lostBackups(report.backups, directories),
            lostFull: isFullLost(report.backups, directories),
        };
    }

    /** One directory of the archive: where there is new WAL, or else, one after the other, all that a backup is kept for. */
    private async wal(revision: OfOne, known: Known, again: boolean): Promise<Partial<RepositoryMemory>> {
        const { report, memory, now } = known;
        const expected = expectedOf(known);
        if (report.archive === undefined || expected === undefined) return {};
        const { checked, gaps } = memory.wal;
        const directory = again ? this.#listed : this.directoryToList(checked, expected, now);
        if (directory === undefined) return {};
        this.#listed = directory;
        const path = `archive/${revision.stanza}/${report.archive.id}/${directory}`;
        const json = await this.runner.list(revision, path);
        const listing = readSegments(json);
        if (listing === undefined) return {};
        this.#bytes.set(directory, readBytes(json));
        this.#walBytes = this.bytesOfAll(expected, oldestNeeded(report.backups, memory.since));
        const wal = {
            checked: laterSegment(checked, endOf(directory, expected)),
            size: expected.size,
            gaps: withListed(
                gaps,
                directory,
                gapsIn(directory, listing, expected),
                oldestNeeded(report.backups, memory.since) ?? expected.first,
            ),
        };
        return { wal, ...reachOf(wal, report.backups) };
    }

    /** What lies on an earlier timeline is not looked at. */
    private bytesOfAll(expected: Expected, oldest: string | undefined): number | undefined {
        if (oldest === undefined || timelineOf(oldest) !== timelineOf(expected.last)) return undefined;
        const directories = directoriesOf(expected);
        for (const known of this.#bytes.keys()) if (!directories.includes(known)) this.#bytes.delete(known);
        const sizes = directories.map((directory) => this.#bytes.get(directory));
        return sizes.includes(undefined)
            ? undefined
            : sizes.reduce((sum, size) => (sum ?? 0) + (size ?? 0), 0);
    }

    private directoryToList(checked: string, expected: Expected, now: number): string | undefined {
        if (expected.last > checked) return directoryToCheck(checked, expected);
        if (now - this.#sweptAt < this.sweepEvery) return undefined;
        this.#sweptAt = now;
        this.#swept = nextDirectory(this.#swept, expected);
        return this.#swept;
    }
}

/** From the oldest backup's WAL to the newest of which anybody knows that it was archived. */
function expectedOf({ report, archiving, memory }: Known): Expected | undefined {
    const { archived } = archiving;
    if (archived === undefined || !(archived.segmentSize > 0)) return undefined;
    const last = [archived.last, report.archive?.newest ?? ""].reduce(laterSegment, memory.wal.checked);
    const first = firstNeeded(report.backups, memory.since, last, archived.fork);
    return last === "" || first === undefined || first > last
        ? undefined
        : { first, last, size: archived.segmentSize };
}

/** What was checked may be older than the oldest backup, or of an earlier timeline. */
function directoryToCheck(checked: string, { first, size }: Expected): string {
    const next = timelineOf(checked) === timelineOf(first) ? following(checked, size) : "";
    return directoryOf(laterSegment(next, first));
}
