// A backup of damaged pages ends well, and counts for retention like any other: so nothing expires while the newest ones have page
// errors, and backups without come first afterwards. All of it is read from the repository, so it needs no memory of its own.
import * as v from "valibot";
import { fromJson } from "../fields";
import type { Backup } from "./info";
import { bytes, minute } from "./text";

/** What is wrong with the newest backups. */
export interface PageErrors {
    /** The newest of them. */
    readonly label: string;
    /** Since when, in seconds since the epoch. */
    readonly since: number;
    /** Label of the newest backup without; nothing where there is none. */
    readonly good: string | undefined;
}

/** The newest full backup counts, and what builds on a good one only until the next of its kind has no errors. */
export function findPageErrors(backups: readonly Backup[]): PageErrors | undefined {
    const fulls = backups.filter(({ type }) => type === "full");
    const bad = [fulls.at(-1), backups.at(-1)].find((backup) => backup?.damaged === true);
    if (bad === undefined) return undefined;
    const lastGoodFull = fulls.filter(({ damaged }) => !damaged).at(-1)?.start ?? 0;
    return {
        label: bad.label,
        since: backups.find(({ damaged, start }) => damaged && start > lastGoodFull)?.start ?? bad.start,
        good: backups.filter(({ damaged }) => !damaged).at(-1)?.label,
    };
}

/** Full backups with page errors that have others before and a good one after them: they go before retention counts. */
export function expireFirst(backups: readonly Backup[]): string[] {
    const [, ...later] = backups.filter(({ type }) => type === "full");
    return later.filter(({ damaged }) => damaged).map(({ label }) => label);
}

/** What marks a line of a manifest that tells of wrong checksums. */
export const WRONG_CHECKSUM = '"checksum-page":false';

const Entry = v.object({
    "checksum-page-error": v.nullish(v.array(v.union([v.number(), v.array(v.number())])), []),
});

/** Files with their pages, from those lines of the manifest: `pg_data/base/5/16384 page 3`. */
export function damagedFiles(lines: readonly string[]): string {
    const files = lines.map((line) => {
        const end = line.indexOf("={");
        const pages = pagesOf(line.slice(end + 1));
        return pages === "" ? line.slice(0, end) : `${line.slice(0, end)} page ${pages}`;
    });
    const more = files.length > 5 ? [`and ${files.length - 5} more`] : [];
    return [...files.slice(0, 5), ...more].join("; ");
}

function pagesOf(json: string): string {
    const pages = fromJson(Entry, json)?.["checksum-page-error"] ?? [];
    return pages.map((page) => (typeof page === "number" ? String(page) : page.join("-"))).join(", ");
}

/** How long a repository's disk lasts when nothing expires. */
export interface Room {
    /** Bytes that are free. */
    readonly free: number;
    /** Bytes that came in how many seconds. */
    readonly stored: number;
    readonly seconds: number;
}

const DAY = 86_400;

/** @param room nothing for a bucket */
export function roomText(room: Room | undefined): string {
    if (room === undefined) return "A bucket does not fill, but its cost grows meanwhile";
    const { free, stored, seconds } = room;
    const text = `Its disk has ${bytes(free)} left`;
    if (seconds < DAY)
        return `${text} (how long that lasts cannot be told before there are backups of a day)`;
    const days = free / ((stored * DAY) / seconds + 1);
    return stored < 1 || days > 3650
        ? `${text}, enough for years`
        : `${text}, at the present pace enough for ${Math.floor(days)} days`;
}

/** All of it, for people. */
export function pageErrorText(errors: PageErrors, files: string, room: Room | undefined): string {
    return (
        `the backup ${errors.label} has page checksum errors: ${files}. It has been so since ${minute(errors.since)} UTC. Nothing is expired ` +
        `until a full backup has none; the newest backup without is ${errors.good ?? "not there"}. ${roomText(room)}. ` +
        "Mend the pages, then take a full backup: see docs/damaged-page.md"
    );
}
