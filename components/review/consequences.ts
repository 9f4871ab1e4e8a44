import { bySeverity, type Consequence, type Severity } from "./consequence";
import { type Description, hasDrills, schedulesOf } from "../state/description";
import { drillConsequences } from "./drill";
import type { LiveBackup } from "./live";
import { notifyConsequences } from "./notify";
import { placeText } from "../repository/place";
import { continued, repositoryConsequences } from "./repositories";
import { isShorter, retentionConsequences } from "./retention";
import { runningConsequences } from "./running";
import {
    archivingConsequences,
    optionConsequences,
    scheduleConsequences,
    storageConsequences,
} from "./storage";

/**
 * What it means to turn the deployed stack into the wanted one, the heaviest first; nothing when they are the same.
 * @param live the deployed repositories' backups, where they could be asked
 */
export function consequences(
    before: Description,
    after: Description,
    now: Date,
    live?: readonly LiveBackup[],
): Consequence[] {
    // Another name is another database: nothing of the old one goes on.
    if (before.name !== after.name) return runningConsequences(before, after);
    const retention =
        before.stanza === after.stanza
            ? continued(before, after).flatMap(([old, wanted]) =>
                  retentionConsequences({
                      name: wanted.name,
                      before: old.retention,
                      after: wanted.retention,
                      schedulesBefore: schedulesOf(before, old),
                      schedulesAfter: schedulesOf(after, wanted),
                      live: live?.filter((backup) => backup.repository === old.number),
                      now,
                  }),
              )
            : [];
    return bySeverity([
        ...repositoryConsequences(before, after, live),
        ...retention,
        ...archivingConsequences(before, after),
        ...scheduleConsequences(before, after),
        ...storageConsequences(before, after),
        ...optionConsequences(before, after),
        ...drillConsequences(before, after, live),
        ...notifyConsequences(before.notify, after.notify),
        ...runningConsequences(before, after),
    ]);
}

/** Whether the live repository has something to add: what expires, how long a full backup takes, or what a drill reads. */
export function needsLive(before: Description, after: Description): boolean {
    if (before.name !== after.name || before.repositories.length === 0) return false;
    const places = (description: Description): string => description.repositories.map(placeText).join("\n");
    return (
        (!hasDrills(before) && hasDrills(after)) ||
        before.stanza !== after.stanza ||
        places(before) !== places(after) ||
        continued(before, after).some(([old, wanted]) =>
            isShorter({
                before: old.retention,
                after: wanted.retention,
                schedulesBefore: schedulesOf(before, old),
                schedulesAfter: schedulesOf(after, wanted),
            }),
        )
    );
}

const LABELS: Readonly<Record<Severity, string>> = { danger: "DANGER ", warning: "warning", note: "note   " };

/** The lines as one message for people. */
export function explanation(lines: readonly Consequence[]): string {
    return [
        "What this change means:",
        ...lines.map(({ severity, text }) => `  ${LABELS[severity]}  ${text}`),
    ].join("\n");
}
