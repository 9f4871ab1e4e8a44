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
export function drillLines({ isOn, ended, running, each }: Drills, now: number): string[] {
    if (!isOn) return [OFF];
    if (each !== undefined) return each.flatMap((one) => linesOf(one, ` of ${one.name}`, now));
    return linesOf({ isOn, ended, running }, "", now);
}

/** @param of which of several */
function linesOf({ isOn, ended, running }: Drills, of: string, now: number): string[] {
    const newest = ended.at(-1);
    if (!isOn) return [`drill${of}: off`];
    return [
        ...(running === undefined ? [] : [`a drill${of} runs: ${running.text}`]),
        newest === undefined
            ? `drill${of}: none has ended yet`
            : `drill${of}: ${RESULTS[newest.result]} ${duration(now - newest.ended)} ago: ${newest.why === "" ? costText(newest) : newest.why}`,
    ];
}

export function drillEvents({ ended, each }: Pick<Drills, "ended" | "each">): Event[] {
    return ended.map((drill) => ({
        at: drill.began,
        what: "drill",
        ended: drill.result === "passed" ? "well" : "failed",
        seconds: drill.ended - drill.began,
        detail: [`by ${drill.by}`, drill.backup ?? "", costText(drill), drill.why]
            .filter((text) => text !== "")
            .join(", "),
        ...(each === undefined || drill.repository === undefined ? {} : { repository: drill.repository }),
    }));
}

/** Its repository, where there are several. */
function ofSeveral(each: Drills["each"], { repository = "" }: Pick<DrillRecord, "repository">): string {
    return each === undefined ? "" : repository;
}

/** Has the newest passed, of each repository that has drills? */
function resultLine({ ended }: Drills, of: string): string {
    const newest = ended.at(-1);
    return newest === undefined
        ? `no drill${of} has ended yet`
        : `the newest of ${ended.length} ${ended.length === 1 ? "drill" : "drills"}${of} ${newest.result === "passed" ? "has passed" : "has NOT passed"}`;
}

/** @param drills oldest first; of those the last ones are told */
export function drillList(drills: Drills, last: number): Answer {
    const { ended, running, each } = drills;
    const drilled = each?.filter(({ isOn }) => isOn) ?? [drills];
    const isProven = drilled.every((one) => one.ended.at(-1)?.result === "passed");
    return {
        status: ended.length === 0 ? CANNOT_TELL : isProven ? 0 : 1,
        lines: [
            ...(each === undefined
                ? [resultLine(drills, "")]
                : each.map((one) =>
                      one.isOn ? resultLine(one, ` of ${one.name}`) : `drills of ${one.name} are off`,
                  )),
            ...(running === undefined
                ? []
                : [`a drill runs since ${second(running.began)} UTC: ${running.text}`]),
            {
                head: [
                    "began (UTC)",
                    ...(each === undefined ? [] : ["repository"]),
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
                        ...(each === undefined ? [] : [drill.repository ?? ""]),
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
export function drillAnswer(
    drill: DrillRecord,
    before: DrillRecord | undefined,
    each?: Drills["each"],
): Answer {
    const { backup, repository, timeline, why, notTested } = drill;
    const cost = costText(drill);
    const name = ofSeveral(each, drill);
    return {
        status: drill.result === "passed" ? 0 : 1,
        lines: [
            `the drill of ${second(drill.began)} UTC (${name === "" ? "" : `${name}, `}by ${drill.by}) ${HAS[drill.result]} after ${duration(drill.ended - drill.began)}`,
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
