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
        const is = (segment: string): boolean => isOlder(directory, segment, oldest);
        const from = waiting.findIndex(is);
        const [first, last] = [waiting[from], lastOf(waiting.slice(from), is)];
        const old = first === undefined || last === undefined ? undefined : { first, last };
        return { count: waiting.length, old };
    } catch {
        return { count: 0, old: undefined };
    }
}

/** The last that is so, when the first is and none is after one that is not: there may be thousands, and each is a question to the file system. */
function lastOf(items: readonly string[], is: (item: string) => boolean): string | undefined {
    let [low, high] = [0, items.length];
    while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (is(items[middle] ?? "")) low = middle + 1;
        else high = middle;
    }
    return items[low - 1];
}

/** One that is archived at this very moment is not there any more, and was the first. */
function isOlder(directory: string, segment: string, time: number): boolean {
    const status = statSync(join(directory, `${segment}.ready`), { throwIfNoEntry: false });
    return status === undefined || status.mtimeMs < time;
}
