// Restore points are remembered in the repository: pgBackRest keeps annotations with a backup, so they are there as long as it is, whatever
// becomes of the database, and where only the repository is left.
import * as v from "valibot";
import { fromJson } from "../fields";
import type { Point } from "./facts";
import { lsnText, readTarget, timeText } from "./target";

const PREFIX = "restore-point.";
/** What is neither cut nor changed by a command line, an annotation and a setting. PostgreSQL takes 63 bytes. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What is wrong with the name of a new restore point; nothing when it can be one. */
export function pointProblem(name: string): string | undefined {
    if (!NAME.test(name))
        return "is no name of a restore point: up to 63 letters, digits, points, hyphens and underscores, a letter or digit first";
    const target = readTarget(name, 0);
    return typeof target === "object" && target.kind === "name"
        ? undefined
        : "is no name of a restore point: a restore would take it for another target";
}

/** As pgBackRest's `--annotation` has it. */
export function annotationOf({ name, time, lsn, timeline }: Point): string {
    const seconds = Math.floor(time);
    const at = timeText({ seconds, microseconds: Math.round((time - seconds) * 1_000_000) });
    return `${PREFIX}${name}=${at} ${lsnText(lsn)} ${timeline}`;
}

const Info = v.array(
    v.object({
        name: v.string(),
        backup: v.optional(
            v.array(v.object({ annotation: v.optional(v.record(v.string(), v.string()), {}) })),
            [],
        ),
    }),
);

/** All that `pgbackrest info --output=json` tells of a stanza, oldest first. */
export function readPoints(json: string, stanza: string): readonly Point[] {
    const backups = fromJson(Info, json)?.find(({ name }) => name === stanza)?.backup ?? [];
    const all = backups.flatMap(({ annotation }) => Object.entries(annotation).flatMap(pointOf));
    // Each repository has the backup that it is with.
    const known = new Map(all.map((point) => [`${point.name} ${point.lsn}`, point]));
    return [...known.values()].sort((a, b) => a.time - b.time);
}

function pointOf([key, value]: readonly [string, string]): Point[] {
    if (!key.startsWith(PREFIX)) return [];
    const [, at = "", position = "", timeline = ""] = /^(\S+ \S+) (\S+) (\d+)$/.exec(value) ?? [];
    const [time, lsn] = [readTarget(at, 0), readTarget(position, 0)];
    if (typeof time === "string" || time.kind !== "time" || typeof lsn === "string" || lsn.kind !== "lsn")
        return [];
    const seconds = time.at.seconds + time.at.microseconds / 1_000_000;
    return [{ name: key.slice(PREFIX.length), time: seconds, lsn: lsn.lsn, timeline: Number(timeline) }];
}
