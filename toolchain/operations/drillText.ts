// What drills have found, for people and as events of the history.
import type { DrillRecord } from "../../components/drill/record";
import { bytes, duration } from "../../components/protection/text";
import type { Drills } from "./atWork";
import type { Event } from "./events";
import { CANNOT_TELL, type Answer, type Table } from "./operation";
import { second } from "./reach";

/** For whoever asks for drills where there are none. */
export const OFF = "drills are off";

const RESULTS = { passed: "passed", failed: "FAILED", unverified: "could not verify" } as const;

/** What a loss of the host would have cost when it began; empty where it did not come that far. */
function costText({ recoveryTime, recoveryPoint }: DrillRecord): string {
    return [
        ...(recoveryTime === undefined ? [] : [`back in ${duration(recoveryTime)}`]),
        ...(recoveryPoint === undefined ? [] : [`${duration(recoveryPoint)} of data lost`]),
    ].join(", ");
}

/** As `status` has it. */
export function drillLines({ isOn, ended, running }: Drills, now: number): string[] {
    if (!isOn) return [OFF];
    const newest = ended.at(-1);
    return [
        ...(running === undefined ? [] : [`a drill runs: ${running.text}`]),
        newest === undefined
            ? "drill: none has ended yet"
            : `drill: ${RESULTS[newest.result]} ${duration(now - newest.ended)} ago: ${newest.why === "" ? costText(newest) : newest.why}`,
    ];
}

export function drillEvents(drills: readonly DrillRecord[]): Event[] {
    return drills.map((drill) => ({
        at: drill.began,
        what: "drill",
        ended: drill.result === "passed" ? "well" : "failed",
        seconds: drill.ended - drill.began,
        detail: [`by ${drill.by}`, drill.backup ?? "", costText(drill), drill.why]
            .filter((text) => text !== "")
            .join(", "),
    }));
}

/** @param ended oldest first; of those the last ones are told */
export function drillList({ ended, running }: Drills, last: number): Answer {
    const newest = ended.at(-1);
    return {
        status: newest === undefined ? CANNOT_TELL : newest.result === "passed" ? 0 : 1,
        lines: [
            newest === undefined
                ? "no drill has ended yet"
                : `the newest of ${ended.length} ${ended.length === 1 ? "drill" : "drills"} ${newest.result === "passed" ? "has passed" : "has NOT passed"}`,
            ...(running === undefined
                ? []
                : [`a drill runs since ${second(running.began)} UTC: ${running.text}`]),
            {
                head: [
                    "began (UTC)",
                    "by",
                    "result",
                    "took",
                    "recovery time",
                    "recovery point",
                    "backup",
                    "",
                ],
                rows: ended
                    .slice(-last)
                    .map((drill) => [
                        second(drill.began),
                        drill.by,
                        RESULTS[drill.result],
                        duration(drill.ended - drill.began),
                        lasting(drill.recoveryTime),
                        lasting(drill.recoveryPoint),
                        drill.backup ?? "",
                        drill.why,
                    ]),
            },
        ],
        data: { running, drills: ended.slice(-last) },
    };
}

function lasting(seconds: number | undefined): string {
    return seconds === undefined ? "" : duration(seconds);
}

/** @param before the one before it that has counted rows */
export function drillAnswer(drill: DrillRecord, before: DrillRecord | undefined): Answer {
    const { backup, repository, timeline, why, notTested } = drill;
    const cost = costText(drill);
    return {
        status: drill.result === "passed" ? 0 : 1,
        lines: [
            `the drill of ${second(drill.began)} UTC (by ${drill.by}) ${HAS[drill.result]} after ${duration(drill.ended - drill.began)}`,
            ...(why === "" ? [] : [why]),
            ...(backup === undefined
                ? []
                : [
                      `restored: ${backup} of the repository ${repository ?? "?"}, timeline ${timeline ?? "?"}: ${amountsText(drill)}`,
                  ]),
            ...(cost === "" ? [] : [`had the host been lost when it began: ${cost}`]),
            {
                head: ["step", "result", "took", ""],
                rows: drill.steps.map(({ name, result, seconds, text }) => [
                    name,
                    result,
                    duration(seconds),
                    text,
                ]),
            },
            countsTable(drill, before),
            ...notTested.map((text) => `not tested: ${text}`),
        ],
        data: {
            drill,
            before: before === undefined ? undefined : { began: before.began, counts: before.counts },
        },
    };
}

const HAS = { passed: "has passed", failed: "has FAILED", unverified: "could not verify" } as const;

function amountsText(drill: DrillRecord): string {
    const { segments } = drill;
    return `${bytes(drill.bytes)} in ${duration(drill.restoreSeconds)}, then ${segments} WAL ${segments === 1 ? "segment" : "segments"} in ${duration(drill.replaySeconds)}`;
}

function countsTable({ counts }: DrillRecord, before: DrillRecord | undefined): Table {
    const earlier = before?.counts ?? {};
    const names = [
        ...new Set([
            ...Object.keys(counts),
            ...(Object.keys(counts).length === 0 ? [] : Object.keys(earlier)),
        ]),
    ];
    return {
        head: ["table", "rows", before === undefined ? "" : `on ${second(before.began).slice(0, 10)}`],
        rows: names
            .sort()
            .map((name) => [name, String(counts[name] ?? "not there"), String(earlier[name] ?? "")]),
    };
}

/** The newest that began then, as `list` writes it or the beginning of that; with the one before it that has counted rows. */
export function drillOf(
    ended: readonly DrillRecord[],
    began = "",
): readonly [drill: DrillRecord, before: DrillRecord | undefined] | undefined {
    const index = ended.findLastIndex((drill) => second(drill.began).startsWith(began.replace("T", " ")));
    const drill = ended[index];
    if (drill === undefined) return undefined;
    return [drill, ended.slice(0, index).findLast(({ counts }) => Object.keys(counts).length > 0)];
}
