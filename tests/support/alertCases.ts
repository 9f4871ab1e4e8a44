import type { AlertRule } from "../../components/monitoring/alerts";
import { figures, type Seen } from "../../components/monitoring/figures";
import { JOB } from "../../components/monitoring/scrape";
import type { Drilled } from "../../components/drill/due";
import { backingUpText } from "../../components/protection/doing";
import { type RepositoryMemory, newState } from "../../components/protection/state";
import { type Evidence, judge } from "../../components/protection/verdict";
import { timetable } from "./fakeWorld";
import { DAY, fullBackup, memory, NOW } from "./repositoryMemory";

const TIMES = timetable(
    "full 30 1 * * 0\ndiff 30 1 * * 1-6\nverify 0 5 * * 6\ndrill 0 4 * * 3\ntimezone UTC",
);
const PASSED: Drilled = {
    ...{ began: NOW - 2 * DAY, ended: NOW - 2 * DAY + 60, result: "passed", why: "" },
    ...{ recoveryTime: 60, recoveryPoint: 30 },
};

interface Changes {
    readonly memory?: Partial<RepositoryMemory>;
    readonly evidence?: Partial<Evidence>;
    readonly drilled?: Partial<Drilled> | null;
    readonly failing?: readonly string[];
    readonly free?: number;
    readonly ends?: number;
    readonly activity?: string;
}

/** A stack in which all is well, but for `changes`. */
export function seen({
    memory: changed = {},
    evidence: more = {},
    drilled = {},
    failing = [],
    free = 2 ** 40,
    ends = NOW + 300 * DAY,
    activity = "idle",
}: Changes = {}): Seen {
    const evidence: Evidence = {
        published: { revision: "1-abc", repositories: [{ name: "local", timetable: TIMES }] },
        state: {
            ...{ activity, error: "", repositories: { local: memory(changed) } },
            ends: [{ setting: "sas", repository: "local", at: ends }],
        },
        archiving: { backlog: 2, archived: { last: "", segmentSize: 2 ** 24 }, loaded: "1-abc" },
        samples: [
            { at: NOW - 7200, free: 2 ** 40 },
            { at: NOW, free: 2 ** 40 - 2 ** 20 },
        ],
        ...{ grace: 3600, now: NOW },
        ...more,
    };
    return {
        evidence,
        verdict: judge(evidence, newState("host", NOW).verdict),
        ...{ written: NOW, failing },
        drills: { ended: drilled === null ? [] : [{ ...PASSED, ...drilled }], running: undefined },
        repositories: [{ name: "local", number: 1, place: "posix:volume x" }],
        backups: [
            fullBackup("000000010000000000000001", {
                start: NOW - 2 * DAY,
                stop: NOW - 2 * DAY + 60,
                added: 2 ** 30,
            }),
            fullBackup("000000010000000000000002"),
        ],
        sizes: { local: { wal: 2 ** 20, free } },
    };
}

/** What breaks what each alert tells of. Late is what was due long ago. */
export const BROKEN: Readonly<Record<string, Seen>> = {
    DatabaseNotProtected: seen({ memory: { damage: "x" } }),
    DatabaseDown: seen({ evidence: { archiving: { unreachable: "x" } } }),
    ArchivingStuck: seen({ evidence: { archiving: { failing: "x" } } }),
    RepositoryAway: seen({ memory: { archiving: "" } }),
    WalGap: seen({ memory: { missingWal: "x" } }),
    // Also while each is tried again: one try of an hour must not end it.
    BackupLate: seen({
        activity: backingUpText("diff", ["diff"]),
        memory: { newest: { full: NOW - DAY, diff: NOW - 3 * DAY, incr: null } },
    }),
    NoBackup: seen({
        activity: backingUpText("full", ["full"]),
        memory: { newest: { full: null, diff: null, incr: null } },
    }),
    BackupFailed: seen({ failing: ["diff"] }),
    RepositoryDamaged: seen({ memory: { damagedPages: "x" } }),
    RepositoryForeign: seen({ memory: { gone: "x" } }),
    ClockWrong: seen({ memory: { ahead: "x" } }),
    ExpireBlocked: seen({ failing: ["expire"] }),
    RepositoryFull: seen({ memory: { full: "x" } }),
    RepositoryFilling: seen({ free: 2 ** 20 }),
    CredentialEnds: seen({ ends: NOW + 10 * DAY }),
    ConfigurationDrift: seen({ evidence: { archiving: { loaded: "0-old" } } }),
    VolumeFilling: seen({ evidence: { samples: [{ at: NOW, free: 5 }] } }),
    VerifyLate: seen({ memory: { verified: NOW - 20 * DAY } }),
    DrillFailed: seen({ drilled: { result: "failed", why: "x" } }),
    DrillUnverified: seen({ drilled: { result: "unverified", why: "x" } }),
    DrillLate: seen({ drilled: { began: NOW - 12 * DAY } }),
    DrillNever: seen({ drilled: null }),
    RecoveryTimeExceeded: seen({ drilled: { recoveryTime: 9999 } }),
    RecoveryPointExceeded: seen({ drilled: { recoveryPoint: 9999 } }),
};

export interface Series {
    readonly series: string;
    readonly values: string;
}

/** What a scrape makes of the figures. Time begins with 0 in a test of promtool, and is `origin` here. */
export function seriesOf(one: Seen, stack: string, origin: number): ReadonlyMap<string, number> {
    const target = { job: JOB, stack, database: "shop", instance: "shop-backup:9464" };
    return new Map(
        figures(one).flatMap(({ name, samples }) =>
            samples.flatMap(({ labels = {}, value }) => {
                if (value === undefined) return [];
                const text = Object.entries({ ...labels, ...target })
                    .map(([label, content]) => `${label}=${JSON.stringify(content)}`)
                    .join(",");
                // 0 is never; the epoch of the rest moves.
                const moved = name.endsWith("_timestamp_seconds") && value !== 0 ? value - origin : value;
                return [[`${name}{${text}}`, moved] as const];
            }),
        ),
    );
}

/** A test of promtool: broken from its beginning, so the rule fires as soon as it has waited; mended, so it is silent again. */
export function breakAndMend(rule: AlertRule, stack: string, broken: Seen | undefined): unknown {
    const wait = Number.parseInt(rule.for, 10);
    const [brokenFor, all] = [wait + 5, wait + 30];
    const good = seriesOf(seen(), stack, NOW);
    const bad = broken === undefined ? new Map<string, number>() : seriesOf(broken, stack, NOW);
    const names = [...new Set([...good.keys(), ...bad.keys()])];
    const { severity, database } = rule.labels;
    const by = "alertname, severity, stack, database";
    const expr = `group by (${by}) (ALERTS{alertname="${rule.alert}",alertstate="firing"})`;
    const labels = `{alertname="${rule.alert}",database="${database ?? ""}",severity="${severity ?? ""}",stack="${stack}"}`;
    const part = (value: number | undefined, count: number, isClock: boolean, from: number): string =>
        value === undefined
            ? `_x${count}`
            : isClock
              ? `${value + from * 60}+60x${count - 1}`
              : `${value}x${count - 1}`;
    return {
        interval: "1m",
        name: rule.alert,
        input_series: names.map((series): Series => {
            // It goes with the clock.
            const isClock = series.startsWith("protection_written_timestamp_seconds");
            return {
                series,
                values: `${part(bad.get(series), brokenFor, isClock, 0)} ${part(good.get(series), all - brokenFor, isClock, brokenFor)}`,
            };
        }),
        promql_expr_test: [
            { expr, eval_time: `${wait + 3}m`, exp_samples: [{ labels, value: 1 }] },
            { expr, eval_time: `${wait + 20}m`, exp_samples: [] },
        ],
    };
}
