import * as v from "valibot";
import { fromJson } from "../fields";
import type { Backup } from "../protection/info";
import {
    directoryOf,
    type Gap,
    gapsIn,
    type Listing,
    nextDirectory,
    positionOf,
    readSegments,
    segmentNumber,
    timelineOf,
} from "../protection/wal";
import type { WalEnd } from "./facts";

/** All WAL of a cluster in a repository. */
export interface Archive {
    /** Names of the files that say where a timeline began. */
    readonly histories: readonly string[];
    /** The newest segment of each timeline. */
    readonly ends: ReadonlyMap<number, WalEnd>;
    /** Segments that are not there between the first and the last of a timeline. */
    readonly gaps: readonly Gap[];
}

/** Of a cluster whose maker wished nothing else. */
const USUAL_SEGMENT = 2 ** 24;
/** All that initdb makes. */
const SEGMENT_SIZES = Array.from({ length: 11 }, (_, power) => 2 ** (20 + power));

/**
 * Bytes of a segment, where no server can be asked: the name of a backup's first one tells, with the position at which it is.
 * @param backups of one cluster
 */
export function segmentSizeOf(backups: readonly Pick<Backup, "lsn" | "wal">[]): number {
    const fits = (size: number): boolean =>
        backups.every(({ lsn, wal }) => {
            if (lsn === undefined || wal === undefined) return true;
            return positionOf(wal.first, size).number === segmentNumber(lsn.start, size);
        });
    return [USUAL_SEGMENT, ...SEGMENT_SIZES].find(fits) ?? USUAL_SEGMENT;
}

const HISTORY = /^[0-9A-F]{8}\.history$/;
const Files = v.record(v.string(), v.unknown());

/**
 * Reads what `repo-ls --recurse --output=json` says of the directory of a cluster's WAL; nothing when it has printed something else.
 * @param size bytes of a segment
 */
export function readArchive(json: string, size: number): Archive | undefined {
    const files = fromJson(Files, json);
    if (files === undefined) return undefined;
    const listings = byDirectory(files);
    const ends = new Map<number, WalEnd>();
    const gaps: Gap[] = [];
    for (const timeline of new Set([...listings.keys()].map(timelineOf))) {
        const own = [...listings].filter(([directory]) => timelineOf(directory) === timeline);
        const segments = own.flatMap(([, listing]) => [...listing]).sort();
        const [first, last] = [segments[0], segments.at(-1)];
        if (first === undefined || last === undefined) continue;
        ends.set(Number.parseInt(timeline, 16), { segment: last[0], time: last[1] });
        gaps.push(...gapsBetween({ first: first[0], last: last[0], size }, new Map(own)));
    }
    return { histories: Object.keys(files).filter((name) => HISTORY.test(name)), ends, gaps };
}

function byDirectory(files: Readonly<Record<string, unknown>>): Map<string, Listing> {
    const found = new Map<string, Record<string, unknown>>();
    for (const [path, file] of Object.entries(files)) {
        const [directory = "", name] = path.split("/");
        if (name === undefined) continue;
        const of = found.get(directory) ?? {};
        of[name] = file;
        found.set(directory, of);
    }
    return new Map(
        [...found].map(([directory, of]) => [directory, readSegments(JSON.stringify(of)) ?? new Map()]),
    );
}

function gapsBetween(
    expected: { readonly first: string; readonly last: string; readonly size: number },
    listings: ReadonlyMap<string, Listing>,
): Gap[] {
    const gaps: Gap[] = [];
    const begin = directoryOf(expected.first);
    let directory = begin;
    do {
        gaps.push(...gapsIn(directory, listings.get(directory) ?? new Map(), expected));
        directory = nextDirectory(directory, expected);
    } while (directory !== begin);
    return gaps;
}
