import type { DrillRecord } from "../../components/drill/record";
import type { Backup } from "../../components/protection/info";
import { newState, type State } from "../../components/protection/state";
import { duration } from "../../components/protection/text";
import { nameOf } from "../../components/protection/wal";
import { type About, type Facts, factsOf } from "../../toolchain/report/facts";
import type { Held, Repository } from "../../toolchain/operations/repositories";
import type { Seen } from "../../toolchain/operations/seen";
import type { Timetable } from "../../components/schedule/file";
import { described } from "./descriptions";
import { drill } from "./drills";
import { known } from "./infoJson";
import { DAY, memory, NOW } from "./repositoryMemory";

const GIB = 2 ** 30;
const SIZE = 2 ** 24;
const TIMELINE = "00000001";

/** `20261126-013000` */
function label(seconds: number): string {
    return new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

/** A segment every half an hour. */
function segmentAt(seconds: number): string {
    return nameOf({ timeline: TIMELINE, number: Math.floor((seconds - NOW + 90 * DAY) / 1800) + 1 }, SIZE);
}

/** Weeks of full backups on Sundays, diff ones on other days, of a database that grows and changes more on some days. */
export function weeksOfBackups(repository: number, days = 54): Backup[] {
    const all: Backup[] = [];
    let full = "";
    for (let ago = days; ago >= 0; ago--) {
        const start = NOW - ago * DAY + (repository === 1 ? -4.5 : -2) * 3600;
        const isFull = ago % 7 === 5;
        const size = GIB * (40 + (days - ago) / 10);
        const copied = isFull ? size : size * (0.02 + 0.01 * ((ago * 7) % 5));
        const seconds = Math.round(copied / (2 ** 20 * (180 + ((ago * 13) % 60))) + 4);
        const name = isFull ? `${label(start)}F` : `${full}_${label(start)}D`;
        if (isFull) full = name;
        const segment = segmentAt(start);
        all.push({
            ...{ label: name, type: isFull ? "full" : "diff", damaged: ago === 17, repository, start },
            ...{ stop: start + seconds, added: copied / (3.1 + ((ago * 3) % 4) / 10), copied, size },
            ...{ needs: isFull ? [] : [full], lsn: undefined, wal: { first: segment, last: segment } },
        });
    }
    return all;
}

export function monthsOfDrills(count = 14): DrillRecord[] {
    return Array.from({ length: count }, (_, index) => {
        const began = NOW - (count - index) * 7 * DAY + 3 * DAY;
        const recoveryTime = 300 + ((index * 37) % 90) + index * 6;
        const changes = { began, ended: began + recoveryTime + 400, bytes: (38 + index) * GIB };
        return index === 6
            ? drill({
                  ...{ ...changes, result: "failed", recoveryTime: undefined, recoveryPoint: undefined },
                  why: `WAL segment ${segmentAt(began)} is missing`,
              })
            : drill({ ...changes, recoveryTime, recoveryPoint: 20 + ((index * 17) % 40) });
    });
}

const SENTENCE = `protected, idle, next (UTC): diff 2026-11-28 01:30, proven by a drill ${duration(4 * DAY)} ago: 7 min, 41 s of data; no moment from 2026-10-28 01:12 to 2026-10-29 04:00 UTC can be restored; 214GiB free on the data volume, enough for 61 days`;

/** A state whose service has just said that all is well. */
export function wellState(repositories: State["repositories"], sentence = SENTENCE): State {
    return {
        ...newState("host", NOW - 40 * DAY),
        ...{ written: NOW - 4, revision: "1-abc", activity: "idle", repositories },
        verdict: { healthy: true, protected: true, since: NOW - 40 * DAY, sentence },
    };
}

const TIMETABLE: Timetable = {
    timezone: "UTC",
    schedules: new Map([
        ["full", "30 1 * * 0"],
        ["diff", "30 1 * * 1-6"],
        ["incr", "45 */4 * * *"],
        ["verify", "0 4 * * 6"],
        ["drill", "0 6 * * 1"],
    ] as const),
};
const HOST = known("host", 1, TIMETABLE);
const OFFSITE = known("offsite", 2, TIMETABLE);

/** What is read of a repository with these backups. */
export function heldBackups(repository: Repository, backups: readonly Backup[]): Held {
    const archive = { id: "17-1", newest: segmentAt(NOW) };
    return {
        repository,
        report: { backups, ...{ readable: true, problem: "", progress: undefined }, archive },
        json: "",
    };
}

/** What is seen of a stack with two repositories, one of which has lost some WAL, weeks after its first backup. */
export const SEEN: Seen = {
    service: {
        ...{ now: NOW, published: "1-abc", notifications: { silence: undefined, outbox: {} } },
        state: wellState({
            host: memory(),
            offsite: memory({
                unreachable: "no moment from 2026-10-28 01:12 to 2026-10-29 04:00 UTC can be restored",
                wal: {
                    ...{ checked: segmentAt(NOW), size: SIZE },
                    gaps: [
                        {
                            ...{ first: segmentAt(NOW - 30.2 * DAY), last: segmentAt(NOW - 29.4 * DAY) },
                            ...{ count: 39, after: NOW - 30.2 * DAY },
                        },
                    ],
                },
            }),
        }),
        timetable: TIMETABLE,
        repositories: [HOST, OFFSITE],
        drills: { isOn: true, ended: monthsOfDrills(), running: undefined },
    },
    held: [heldBackups(HOST, weeksOfBackups(1)), heldBackups(OFFSITE, weeksOfBackups(2, 40))],
    running: undefined,
    database: { waiting: 0, waitingBytes: 0, last: segmentAt(NOW), lastTime: NOW - 12 },
    wal: new Map([
        [1, { files: 4000, bytes: 21 * GIB, newest: NOW - 10 }],
        [2, { files: 3000, bytes: 17 * GIB, newest: NOW - 9 }],
    ]),
};

export const ABOUT: About = {
    ...{ stack: "prod", name: "salespider" },
    description: described({
        drill: { schedule: "0 6 * * 1", rto: 600, rpo: 120 },
        settings: { work_mem: "16MB", max_connections: 200 },
        schedules: { full: "30 1 * * 0", diff: "30 1 * * 1-6", incr: "45 */4 * * *", verify: "0 4 * * 6" },
    }),
};

export const FACTS: Facts = factsOf(SEEN, ABOUT);
