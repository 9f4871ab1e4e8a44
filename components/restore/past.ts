// A repository as it was: storage that keeps versions can be read as of an earlier time (pgBackRest's repo-target-time).
import { readTarget, timeText } from "./target";
import type { Wish } from "./wish";

/**
 * Reads `repositoryTime` of a restore.
 * @param now seconds since the epoch
 * @returns the time as pgBackRest reads it, in whole seconds, which it compares; or what is wrong with it, for people
 */
export function readPast(
    text: string,
    now: number,
): { readonly time: string; readonly seconds: number } | string {
    const read = readTarget(text, now);
    if (typeof read === "string") return read;
    if (read.kind !== "time") return "is no time such as 2026-11-27 06:00:00+01 or 2026-11-27T05:00:00Z";
    const { seconds } = read.at;
    if (seconds > now) return "is not past yet";
    return { time: timeText({ seconds, microseconds: 0 }), seconds };
}

/** Options with which pgBackRest reads the repository as a wish wants it; none where that is as it is. They need `--repo` beside them. */
export function pastOptions({ repositoryTime }: Partial<Pick<Wish, "repositoryTime">>): string[] {
    if (repositoryTime === undefined) return [];
    const past = readPast(repositoryTime, Infinity);
    return [`--repo-target-time=${typeof past === "string" ? repositoryTime : past.time}`];
}
