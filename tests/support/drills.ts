import type { DrillRecord } from "../../components/drill/record";
import { DAY, NOW } from "./repositoryMemory";

/** A drill of yesterday that has passed, but for `changes`. */
export const drill = (changes: Partial<DrillRecord> = {}): DrillRecord => ({
    ...{ began: NOW - DAY, ended: NOW - DAY + 300, by: "schedule", result: "passed", why: "" },
    ...{ repository: "host", backup: "20261126-013000F", timeline: 1 },
    ...{ bytes: 2 ** 30, restoreSeconds: 40, segments: 12, replaySeconds: 8 },
    ...{ recoveryTime: 240, recoveryPoint: 40 },
    steps: [
        { name: "restore", result: "passed", seconds: 40, text: "1.0GiB" },
        { name: "amcheck", result: "passed", seconds: 9, text: "" },
    ],
    ...{ counts: { "app.public.orders": 1200 }, notTested: ["page checksums: the cluster has none"] },
    ...changes,
});

/** Entries of `local` and `offsite` with these drills of their own. */
export const withDrills = (local?: unknown, offsite?: unknown): readonly object[] => [
    { name: "local", type: "posix", ...(local === undefined ? {} : { drill: local }) },
    {
        ...{ name: "offsite", type: "posix", hostPath: "/srv/b", path: "/repo" },
        ...(offsite === undefined ? {} : { drill: offsite }),
    },
];

/** One that has failed on its way. */
export const failedDrill = (changes: Partial<DrillRecord> = {}): DrillRecord =>
    drill({
        ...{ result: "failed", why: "WAL is missing: 000000010000000000000007" },
        ...{ recoveryTime: undefined, recoveryPoint: undefined, counts: {} },
        ...changes,
    });
