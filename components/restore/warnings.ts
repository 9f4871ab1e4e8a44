import { bytes } from "../protection/text";
import { positionOf, segmentNumber } from "../protection/wal";
import type { Found } from "./attempt";
import type { Facts } from "./facts";
import { type Reach, timelineOf } from "./reach";
import { lsnText, type Target } from "./target";
import type { Wish } from "./wish";

/** What somebody should know before he relies on a choice, for people. */
export function warningsOf(found: Found, wish: Wish, { kind }: Target, reach: Reach, facts: Facts): string[] {
    return [
        found.goal.doubt,
        damageText(found, reach),
        ...(kind === "time" ? branchTexts(found, reach) : []),
        ...(kind === "immediate" ? [] : [forkText(reach)]),
        roomText(found, reach, facts),
    ].filter((text) => text !== "");
}

function damageText({ backup: { damaged, label }, sound }: Found, { repository }: Reach): string {
    if (!damaged) return "";
    const pages = repository.damagedPages.get(label) ?? `in files that pgbackrest info --set=${label} lists`;
    const other = sound === undefined ? "" : `. An older one without serves too: backup: ${sound}`;
    return `the backup ${label} has found damaged pages, which come back with it: ${pages}${other}`;
}

/** A time may have been on a branch that the history has left, and nobody sees that from a time alone. */
function branchTexts({ backup, goal }: Found, { history, repository }: Reach): string[] {
    const own = history.findIndex(({ timeline }) => timeline === timelineOf(backup));
    return history.slice(own).flatMap(({ timeline, end }, index) => {
        const newest = repository.ends.get(timeline);
        if (end === undefined || newest === undefined || goal.time === undefined) return [];
        const { segmentSize: size } = repository;
        const isBefore = goal.last < segmentNumber(end - 1n, size);
        const isBranch = positionOf(newest.segment, size).number >= segmentNumber(end, size);
        if (isBefore || !isBranch || newest.time < goal.time) return [];
        const next =
            history.slice(own + index + 1).find((one) => one.end === undefined || one.end > one.begin)
                ?.timeline ?? 0;
        return [
            `timeline ${next} has left timeline ${timeline} at ${lsnText(end)}: what was written on timeline ${timeline} after that is no part ` +
                `of this. If that is wanted: timeline: ${timeline}`,
        ];
    });
}

function forkText({ timeline, end, repository }: Reach): string {
    return end?.isFork === true
        ? `no WAL of timeline ${timeline} is in the repository ${repository.name} yet: WAL ends at ${lsnText(end.lsn)}, before it begins`
        : "";
}

function roomText({ backup, first, last }: Found, { repository }: Reach, { freeBytes }: Facts): string {
    const most = backup.size + (last - first + 1) * repository.segmentSize;
    return freeBytes === undefined || freeBytes >= most
        ? ""
        : `the database and all WAL to replay have ${bytes(most)}, and the disk has room for ${bytes(freeBytes)}: it may not be enough`;
}
