import * as v from "valibot";
import { bytes } from "../../components/protection/text";
import type { Report } from "../../components/protection/info";
import { AtWork } from "./atWork";
import { parsed } from "./findStack";
import { type Answer, cannotTell, type Operation } from "./operation";
import { backupRow, BACKUP_HEAD, second } from "./reach";
import { readPoints } from "../../components/restore/points";
import { lsnText } from "../../components/restore/target";

const WHAT = "what the repository holds";

export const info: Operation = {
    name: "info",
    summary: "All backups, the WAL and the restore points in the repository.",
    examples: ["info", "info --json | jq '.stanzas[0].backup[].label'"],
    statuses: ["the repository was read", "it holds no backup yet", "it cannot be read"],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const [service, found] = await Promise.all([stack.service(), stack.info()]);
        if (typeof service === "string") return cannotTell(WHAT, service);
        if (service.repositories.length === 0) return noRepository();
        return typeof found === "string" ? cannotTell(WHAT, found) : infoOf(found, stack.stanza, service.now);
    },
};

function noRepository(): Answer {
    return { status: 1, lines: ["there is no repository: nothing is backed up"], data: { stanzas: [] } };
}

const Stanzas = v.array(v.record(v.string(), v.unknown()));

/** @param json what pgBackRest printed: programs get it as it is */
export function infoOf(
    { report, json }: { readonly report: Report; readonly json: string },
    stanza: string,
    now: number,
): Answer {
    const { backups, archive } = report;
    const held = backups.reduce((sum, { added }) => sum + added, 0);
    const points = readPoints(json, stanza);
    const stanzas = v.safeParse(Stanzas, parsed(json));
    return {
        status: backups.length === 0 ? 1 : 0,
        lines: [
            `stanza ${stanza}: ${backups.length} ${backups.length === 1 ? "backup" : "backups"}, ${bytes(held)}`,
            {
                head: [...BACKUP_HEAD, "builds on"],
                rows: backups
                    .toReversed()
                    .map((backup) => [...backupRow(backup, now), backup.needs.at(-1) ?? ""]),
            },
            ...(archive === undefined ? [] : [`WAL up to ${archive.newest} (${archive.id})`]),
            ...(points.length === 0
                ? []
                : [
                      {
                          head: ["restore point", "at", "position", "timeline"],
                          rows: points.map(({ name, time, lsn, timeline }) => [
                              name,
                              `${second(time)} UTC`,
                              lsnText(lsn),
                              String(timeline),
                          ]),
                      },
                  ]),
        ],
        data: { stanzas: stanzas.success ? stanzas.output : [], restorePoints: points },
    };
}
