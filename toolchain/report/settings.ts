// The settings in force, for people, by name: what is not named here is not shown, so that no secret ever is.
import { bytes, duration } from "../../components/protection/text";
import { placeText } from "../../components/repository/place";
import {
    type Description,
    hasDrills,
    type RepositoryDescription,
    type Schedules,
} from "../../components/state/description";

export interface Group {
    readonly title: string;
    readonly values: readonly (readonly [name: string, value: string])[];
}

const MIB = 2 ** 20;

export function inForce(description: Description, published: string): Group[] {
    const { stanza, protect, schedules, compression, archiving, postgres, backup, drill } = description;
    const scheduled = scheduledOf(schedules);
    return [
        {
            title: "Stack",
            values: [
                ["stanza", stanza],
                ["protect", protect ? "on: nothing that holds data can be removed" : "off"],
                ["revision", published],
                ["compression", `${compression.type} ${compression.level}`.trim()],
                ["archiving", archivingText(archiving)],
                ["TLS", description.tls === "" ? "off" : "on"],
            ],
        },
        ...description.repositories.map(repositoryGroup),
        {
            title: `Schedules (${schedules.timezone})`,
            values: [
                ...scheduled,
                ["drill", off(drill.schedule)],
                ...Object.entries(drill.repositories).map(
                    ([name, own]) => [`drill of ${name}`, off(own.schedule)] as const,
                ),
            ],
        },
        ...(!hasDrills(description)
            ? []
            : [
                  {
                      title: "Drills",
                      values: [
                          ["recovery time", goal(drill.rto)] as const,
                          ["recovery point", goal(drill.rpo)] as const,
                          ...Object.entries(drill.repositories).flatMap(([name, { rto, rpo }]) => [
                              [`recovery time of ${name}`, goal(rto)] as const,
                              [`recovery point of ${name}`, goal(rpo)] as const,
                          ]),
                          ["queries", names(drill.queries)] as const,
                      ],
                  },
              ]),
        {
            title: "PostgreSQL",
            values: [
                ["published at", postgres.port === "" ? "not at all" : postgres.port],
                ["memory", bytes(postgres.memory * MIB)],
                ["CPUs", postgres.cpus === 0 ? "all" : String(postgres.cpus)],
                ["backup service", bytes(backup.memory * MIB)],
                ["settings", valuesText({ ...postgres.restartSettings, ...postgres.reloadSettings })],
            ],
        },
    ];
}

function scheduledOf(schedules: Schedules): (readonly [string, string])[] {
    return (["full", "diff", "incr", "verify"] as const).flatMap((kind) =>
        schedules[kind] === "" ? [] : [[kind, schedules[kind]] as const],
    );
}

function repositoryGroup(repository: RepositoryDescription): Group {
    const { name, type, encryption, lockDays, bundle, block, schedules } = repository;
    return {
        title: `Repository ${name}`,
        values: [
            ["kind", type],
            ["place", placeText(repository)],
            ["keeps", keepsText(repository.retention)],
            ...(schedules === undefined
                ? []
                : [["time zone", schedules.timezone] as const, ...scheduledOf(schedules)]),
            ["encryption", encryption === "none" ? "none" : "on"],
            ...(lockDays === 0 ? [] : [["locked for", duration(lockDays * 86_400)] as const]),
            ["bundles, blocks", `${bundle ? "on" : "off"}, ${block ? "on" : "off"}`],
        ],
    };
}

function keepsText({
    full,
    fullType,
    diff,
    archive,
    archiveType,
}: RepositoryDescription["retention"]): string {
    const fulls =
        full === 0
            ? "all full backups"
            : fullType === "count"
              ? `${full} full`
              : `full of ${full} days and one older`;
    const diffs = diff === 0 ? [] : [`${diff} diff`];
    return [
        fulls,
        ...diffs,
        archive === 0 ? "WAL for all of them" : `WAL of the newest ${archive} ${archiveType}`,
    ].join(", ");
}

function archivingText({ async, queueMax }: Description["archiving"]): string {
    const how = async ? "asynchronous" : "synchronous";
    return queueMax === ""
        ? `${how}, WAL waits without a limit`
        : `${how}, more than ${queueMax} of WAL is dropped`;
}

function off(schedule: string): string {
    return schedule === "" ? "off" : schedule;
}

function goal(seconds: number | undefined): string {
    return seconds === undefined ? "any" : `at most ${duration(seconds)}`;
}

/** A number, maybe with its unit, or a switch: no secret looks like that where PostgreSQL itself has the setting. */
const PLAIN = /^(?:-?\d+(?:\.\d+)?(?: ?(?:B|kB|MB|GB|TB|us|ms|s|min|h|d))?|on|off|true|false|yes|no)$/;

/** PostgreSQL's own settings by name; others, and texts, are not shown. */
function valuesText(settings: Readonly<Record<string, string>>): string {
    return Object.entries(settings)
        .filter(([name, value]) => PLAIN.test(value) && !name.includes("."))
        .map(([name, value]) => `${name} ${value}`)
        .sort()
        .join(", ");
}

/** What they ask may be anything. */
function names(some: Readonly<Record<string, string>>): string {
    const all = Object.keys(some).sort();
    return all.length === 0 ? "none" : all.join(", ");
}
