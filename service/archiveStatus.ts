import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const READY = /^([0-9A-F]{24})\.ready$/;

/**
 * The segments that wait to be archived: how many, and the first and the last of those that wait since before `oldest` (ms). An
 * archive_command that hangs fails nothing; its work grows old.
 */
export function waitingSegments(
    directory: string,
    oldest: number,
): {
    readonly count: number;
    readonly old: { readonly first: string; readonly last: string } | undefined;
} {
    try {
        const waiting = readdirSync(directory)
            .flatMap((file) => READY.exec(file)?.[1] ?? [])
            .sort();
        const isOld = (segment: string): boolean => isOlder(join(directory, `${segment}.ready`), oldest);
        const first = waiting.find(isOld);
        // From the newest on: what is younger are minutes of WAL, and what is older may be thousands of segments.
        const old = first === undefined ? undefined : { first, last: waiting.findLast(isOld) ?? first };
        return { count: waiting.length, old };
    } catch {
        return { count: 0, old: undefined };
    }
}

/** It may be archived at this very moment. */
function isOlder(file: string, time: number): boolean {
    const status = statSync(file, { throwIfNoEntry: false });
    return status !== undefined && status.mtimeMs < time;
}
