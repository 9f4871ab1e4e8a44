// What a restore will do, as data for programs and as text for people.
import * as v from "valibot";
import { fromJson } from "../fields";
import { bytes } from "../protection/text";
import type { Choice } from "./choose";
import type { Facts, Impossible, Speed } from "./facts";
import { moment } from "./goal";
import { secondsFor } from "./speed";
import { lsnText, type Target, timeText } from "./target";
import type { Wish } from "./wish";

const text = v.string();
const number = v.number();

/** Times in seconds since the epoch. */
const Plan = v.object({
    name: text,
    target: v.picklist(["latest", "immediate", "time", "lsn", "name"]),
    /** As it is understood: a time in UTC. */
    at: text,
    inclusive: v.boolean(),
    pause: v.boolean(),
    repository: text,
    /** The repository as it was then; nothing: as it is. */
    repositoryTime: v.optional(text),
    backup: v.object({ label: text, type: v.picklist(["full", "diff", "incr"]), ended: number }),
    /** Along whose history. */
    timeline: number,
    /** All backups that were looked at, newest first, and why each is chosen or is not. */
    candidates: v.array(v.object({ repository: text, label: text, why: text })),
    /** What the running database has written and the restored one will not have: since when, where that is known, and bytes of WAL, about. */
    behind: v.optional(v.object({ from: v.optional(number), to: number, bytes: number })),
    /** Of the restored database. */
    bytes: number,
    /** To replay; of a time about so many. */
    segments: number,
    /** How many seconds it takes, as far as that is known, and whose speed that is. */
    duration: v.optional(
        v.object({
            restore: number,
            replay: v.optional(number),
            from: v.picklist(["restore", "drill", "backup"]),
        }),
    ),
    /** Bytes that its volume may have, where that is known. */
    free: v.optional(number),
    /** How long the database is away. */
    away: v.picklist(["not", "switch", "switch and rest", "until it is done"]),
    /** Replication slots that do not come back. */
    slots: v.array(text),
    /**
     * Settings of which recovery refuses less than the WAL was written with: what the running server has, and the restored one will have, as
     * far as that is known. Where that is too little on the way, recovery takes what it needs by itself.
     */
    minimums: v.optional(v.array(v.object({ name: text, now: v.optional(number), then: number })), []),
    warnings: v.array(text),
});
export type Plan = v.InferOutput<typeof Plan>;

const Refusal = v.object({ why: text, instead: v.array(text) });

/** Reads what `restore-database.sh plan` prints; nothing when it is something else. */
export function readPlan(json: string): Plan | Impossible | undefined {
    return fromJson(v.union([Plan, Refusal]), json);
}

export function planOf(choice: Choice, wish: Wish, target: Target, facts: Facts): Plan {
    const { backup, behind } = choice;
    const duration = durationOf(choice, facts.speed);
    return {
        ...{ name: wish.name, target: target.kind, at: atText(target) },
        ...{ inclusive: wish.inclusive, pause: wish.pause },
        repository: choice.name,
        ...(wish.repositoryTime === undefined ? {} : { repositoryTime: wish.repositoryTime }),
        backup: { label: backup.label, type: backup.type, ended: backup.stop },
        ...{ timeline: choice.timeline, candidates: [...choice.candidates] },
        ...(behind === undefined ? {} : { behind: { ...behind } }),
        ...{ bytes: backup.size, segments: choice.segments },
        ...(duration === undefined ? {} : { duration }),
        ...(facts.freeBytes === undefined ? {} : { free: facts.freeBytes }),
        away: awayOf(wish, target, facts),
        minimums: minimumsOf(facts),
        ...{ slots: [...(facts.running?.slots ?? [])], warnings: [...choice.warnings] },
    };
}

function atText(target: Target): string {
    if (target.kind === "time") return timeText(target.at);
    if (target.kind === "lsn") return lsnText(target.lsn);
    return target.kind === "name" ? target.name : target.kind;
}

function durationOf({ backup, segments }: Choice, speed: Speed | undefined): Plan["duration"] {
    if (speed === undefined || backup.size === 0) return undefined;
    const { restore, replay } = secondsFor(speed, backup.size, segments);
    return { restore: Math.ceil(restore), replay: Math.ceil(replay), from: speed.from };
}

function awayOf({ pause, repositoryTime }: Wish, { kind }: Target, { running }: Facts): Plan["away"] {
    if (running === undefined) return "until it is done";
    if (pause) return "not";
    return kind === "latest" && repositoryTime === undefined ? "switch and rest" : "switch";
}

function minimumsOf({ minimums: { now, then } = {} }: Facts): Plan["minimums"] {
    return [...(then ?? now ?? [])].map(([name, value]) => {
        const before = now?.get(name);
        return { name, ...(before === undefined ? {} : { now: before }), then: value };
    });
}

/** In the order in which somebody asks: what comes back, what does not, how long it takes. */
export function planText(plan: Plan): string[] {
    const { backup } = plan;
    return [
        `restore ${plan.name}: ${TARGETS[plan.target](plan)}, along the history of timeline ${plan.timeline}`,
        `the backup is ${backup.label} (${backup.type}, ended ${moment(backup.ended)}) of the repository ${plan.repository}${plan.repositoryTime === undefined ? "" : ` as it was at ${plan.repositoryTime}`}; all that there are:`,
        ...plan.candidates.map((one) => `  ${one.label} of ${one.repository}: ${one.why}`),
        `left behind: ${behindText(plan)}`,
        `to do: ${bytes(plan.bytes)} to restore and ${segmentsText(plan)} to replay, ${durationText(plan.duration)}`,
        `room: ${bytes(plan.bytes)} needed, and WAL besides; ${plan.free === undefined ? "nobody knows how much there is" : `there are ${bytes(plan.free)}`}`,
        `the database is away ${AWAY[plan.away]}`,
        ...(plan.slots.length === 0 ? [] : [`replication slots do not come back: ${plan.slots.join(", ")}`]),
        ...(plan.minimums.length === 0 ? [] : [`settings: ${minimumsText(plan)}`]),
        ...plan.warnings.map((warning) => `WARNING: ${warning}`),
    ];
}

const TARGETS: Readonly<Record<Plan["target"], (plan: Plan) => string>> = {
    latest: () => "to the end of the WAL",
    immediate: () => "to the end of the backup",
    time: ({ at, inclusive }) =>
        `to ${at}${inclusive ? "" : ", without what was committed at that very moment"}`,
    lsn: ({ at, inclusive }) => `to ${at} in the WAL${inclusive ? "" : ", without what begins there"}`,
    name: ({ at }) => `to the restore point ${at}`,
};

function behindText({ behind, target, away }: Plan): string {
    if (behind !== undefined) {
        const from = behind.from === undefined ? "after that" : `from ${moment(behind.from)}`;
        return `what was written ${from} up to now, ${moment(behind.to)}: about ${bytes(behind.bytes)} of WAL`;
    }
    if (away === "until it is done")
        return "what was never archived; no database runs that could say how much";
    return target === "latest" ? "nothing: what is written meanwhile follows" : "nobody can tell";
}

function segmentsText({ segments, target }: Plan): string {
    return `${target === "time" ? "about " : ""}${segments} WAL segment${segments === 1 ? "" : "s"}`;
}

function durationText(duration: Plan["duration"]): string {
    if (duration === undefined) return "which takes nobody knows how long before there was a restore";
    const { restore, replay, from } = duration;
    return `in about ${time(restore + (replay ?? 0))}${replay === undefined ? ", and the replay" : ""} (at the speed of the last ${from})`;
}

function minimumsText({ minimums, pause }: Plan): string {
    const all = minimums.map(
        ({ name, now, then }) => `${name} ${then}${now === undefined || now === then ? "" : ` (now ${now})`}`,
    );
    const until = pause ? "" : " until it is at its target";
    return `${all.join(", ")}; where more was there when the WAL was written, the restore takes as much${until}`;
}

function time(seconds: number): string {
    if (seconds < 120) return `${seconds} s`;
    return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const AWAY: Readonly<Record<Plan["away"], string>> = {
    not: "not at all: it serves on, and the restored one waits beside it",
    switch: "for one stop and one start, when all is replayed",
    "switch and rest": "for one stop, one start and the replay of what was written meanwhile",
    "until it is done": "already, until this is done",
};
