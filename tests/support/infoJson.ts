import assert from "node:assert/strict";
import { readInfo, type Report } from "../../components/protection/info";
import type { Held, Repository } from "../../toolchain/operations/repositories";

export interface Sample {
    readonly label: string;
    /** Seconds since the epoch; it takes a minute. */
    readonly stop: number;
    readonly error?: boolean;
    readonly wal?: string;
    readonly annotation?: Readonly<Record<string, string>>;
    readonly needs?: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = { F: "full", D: "diff", I: "incr" };

/** What `pgbackrest info --output=json` prints of the stanza main with these backups, as far as it is read. */
export function infoJson(backups: readonly Sample[], lock: object = {}): string {
    return JSON.stringify([
        {
            name: "main",
            status: { code: 0, message: "ok", lock },
            backup: backups.map(({ label, stop, error = false, wal, annotation, needs }) => ({
                label,
                type: TYPES[label.at(-1) ?? ""],
                error,
                reference: needs ?? null,
                database: { id: 1, "repo-key": 1 },
                timestamp: { start: stop - 60, stop },
                archive: { start: wal ?? null, stop: wal ?? null },
                info: { size: 3 * 2 ** 20, repository: { delta: 2 ** 20 } },
                ...(annotation === undefined ? {} : { annotation }),
            })),
            archive: [{ id: "17-1", max: "000000010000000000000009" }],
        },
    ]);
}

export function reportOf(...args: Parameters<typeof infoJson>): Report {
    const report = readInfo(infoJson(...args), "main");
    assert.ok(report);
    return report;
}

/** A repository of a stack that is up. */
export function known(name: string, number = 1, timetable?: Repository["timetable"]): Repository {
    return { ...{ name, number, place: `posix:/${name}` }, timetable };
}

/** What is read of a repository with these backups; or why it cannot be. */
export function heldIn(repository: Repository, backups: readonly Sample[] | string, lock: object = {}): Held {
    if (typeof backups === "string") return { repository, report: backups, json: "" };
    const json = infoJson(backups, lock).replaceAll('"repo-key":1', `"repo-key":${repository.number}`);
    const report = readInfo(json, "main");
    assert.ok(report);
    return { repository, report, json };
}
