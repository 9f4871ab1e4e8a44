// The build of the image says the same where it has to take Debian stable's.
import lost from "../../image/packages/lost-with-stable.json";
import { type Consequence, danger, note, warning } from "./consequence";
import { dataVolumePrefix } from "../docker/names";
import { STABLE } from "../docker/release";
import { placeText } from "../repository/place";
import { type Description, same } from "../state/description";
import { changes } from "./text";
import { monitoringConsequences } from "./monitoring";
import { changedValues, goingOn, publishedValues, replacing, restarting } from "./values";

/** What restarts, what goes on, and what else the application notices. */
export function runningConsequences(before: Description, after: Description): Consequence[] {
    if (before.name !== after.name)
        return [
            danger(
                `the name changes from ${before.name} to ${after.name}: another, empty database begins. ${before.protect ? "pgbackrest:protect keeps the volumes of the old one" : "The old one is DELETED with all that its own volumes hold, data and backups"}.`,
            ),
        ];
    const lines = [
        ...releaseConsequences(before, after),
        ...dataConsequences(before, after),
        ...applicationConsequences(before, after),
        ...monitoringConsequences(before, after),
    ];
    const values = changedValues(before.settings, after.settings);
    lines.push(...goingOn(values));
    const postgres = [...postgresReasons(before, after), ...restarting(values)];
    const backup = [...backupReasons(before, after), ...replacing(values)];
    if (postgres.length > 0)
        lines.push(
            warning(
                `${after.name}-postgres restarts once (${postgres.join("; ")}): its container is replaced, it shuts down cleanly and starts again on ${hasSameData(before, after) ? "the same" : "the other"} data. All connections end, and new ones are refused for some seconds: at most 120 s to stop, when the last WAL is slow to reach the repository, and the start.`,
            ),
        );
    if (backup.length > 0)
        lines.push(
            note(
                `${after.name}-backup is replaced (${backup.join("; ")}): away for some seconds. A backup that runs is ended and taken again.`,
            ),
        );
    for (const [part, old, wanted] of [
        ["postgres", before.postgres.memory, after.postgres.memory],
        ["backup", before.backup.memory, after.backup.memory],
    ] as const)
        if (old !== wanted)
            lines.push(
                note(
                    `the memory limit of ${after.name}-${part} is ${wanted} MiB instead of ${old} MiB, changed while it runs.`,
                ),
            );
    return [...lines, ...untouched(before, after, postgres.length > 0, backup.length > 0)];
}

const isStable = ({ image }: Description): boolean => image.endsWith(STABLE);

function releaseConsequences(before: Description, after: Description): Consequence[] {
    if (isStable(before) || !isStable(after)) return [];
    return [
        warning(
            `pgBackRest becomes Debian stable's 2.55.1. Lost: ${lost}. Setup refuses options that it does not know.`,
        ),
    ];
}

const hasSameData = (before: Description, after: Description): boolean =>
    before.dataVolume === after.dataVolume && before.data === after.data;

/** The volume that PostgreSQL runs on. */
export function dataVolumeOf({ name, dataVolume, data }: Description): string {
    return data || dataVolume || dataVolumePrefix(name);
}

function dataConsequences(before: Description, after: Description): Consequence[] {
    if (hasSameData(before, after)) return [];
    if (before.data !== after.data)
        return [
            danger(
                `${after.name}-postgres moves from the data in volume ${dataVolumeOf(before)} to those in ${dataVolumeOf(after)}. What was committed there and is not here stays behind in ${dataVolumeOf(before)}, which is kept: pgbackrest:restore.volume goes back to it, \`npm run ops -- volumes drop\` deletes it.`,
            ),
        ];
    const own = `${after.name}-postgres-data`;
    const left =
        before.dataVolume === ""
            ? `The volume ${own} with the data until now ${before.protect ? "cannot be deleted (pgbackrest:protect)" : "is DELETED"}.`
            : `Volume ${before.dataVolume} stays as it is, with the data until now, which nothing backs up any more.`;
    return [
        danger(
            after.dataVolume === ""
                ? `the database begins anew, empty, in volume ${own}. ${left}`
                : `the database is the one in volume ${after.dataVolume}. ${left}`,
        ),
    ];
}

function postgresReasons(before: Description, after: Description): string[] {
    const [old, wanted] = [before.postgres, after.postgres];
    const settings = changes(old.restartSettings, wanted.restartSettings);
    return [
        ...containerReasons(before, after, ({ image }) => image),
        ...(old.port === wanted.port
            ? []
            : [`published at ${wanted.port || "no port"} instead of ${old.port || "no port"}`]),
        ...(old.cpus === wanted.cpus ? [] : [`${wanted.cpus} CPUs instead of ${old.cpus}`]),
        ...(old.shm === wanted.shm ? [] : [`${wanted.shm} MiB of shared memory instead of ${old.shm}`]),
        ...stopReason(old, wanted),
        ...(settings.length === 0 ? [] : [`only a restart changes ${settings.join(", ")}`]),
    ];
}

function backupReasons(before: Description, after: Description): string[] {
    const [old, wanted] = [before.backup, after.backup];
    return [
        ...containerReasons(before, after, ({ image, backup }) => backup.image || image),
        ...(old.cpus === wanted.cpus ? [] : [`${wanted.cpus} CPUs instead of ${old.cpus}`]),
        ...(before.monitoring.published === after.monitoring.published
            ? []
            : [
                  `its metrics are published at ${after.monitoring.published || "no port"} instead of ${before.monitoring.published || "no port"}`,
              ]),
        ...(old.drills === wanted.drills ? [] : ["it sees what drills find"]),
        ...stopReason(old, wanted),
    ];
}

function stopReason(
    { stopTimeout }: { readonly stopTimeout: number },
    wanted: { readonly stopTimeout: number },
): string[] {
    return stopTimeout === wanted.stopTimeout
        ? []
        : [`${wanted.stopTimeout} s for a clean end at docker stop instead of ${stopTimeout} s`];
}

/** @param image of the container */
function containerReasons(
    before: Description,
    after: Description,
    image: (description: Description) => string,
): string[] {
    return [
        ...(image(before) === image(after)
            ? []
            : [
                  `another image${isStable(after) ? STABLE : isStable(before) ? " with the newest pgBackRest" : ""}`,
              ]),
        ...(hasSameData(before, after) ? [] : ["another data volume"]),
        ...(same(before.wiring, after.wiring)
            ? []
            : [
                  `what it has mounted for repositories: ${
                      [
                          ...after.wiring.filter((item) => !before.wiring.includes(item)),
                          ...before.wiring
                              .filter((item) => !after.wiring.includes(item))
                              .map((item) => `no more ${item}`),
                      ].join(", ") || "in another order"
                  }`,
              ]),
    ];
}

function applicationConsequences(before: Description, after: Description): Consequence[] {
    const [old, wanted] = [before.application, after.application];
    const lines: Consequence[] = [];
    if (old.database !== wanted.database)
        lines.push(
            warning(
                `the application's database is ${wanted.database} instead of ${old.database}: it is made empty if it is not there; ${old.database} stays as it is.`,
            ),
        );
    if (old.role !== wanted.role)
        lines.push(
            warning(
                `the application's role is ${wanted.role} instead of ${old.role}, which stays with its password and what it owns.`,
            ),
        );
    if (old.password !== wanted.password)
        lines.push(
            warning(
                `the password of ${wanted.role} changes without a restart: connections that are open stay, new ones need the new password.`,
            ),
        );
    if (before.tls !== after.tls)
        lines.push(
            (after.tls === "" ? warning : note)(
                after.tls === ""
                    ? "TLS is switched off while PostgreSQL runs: new connections are not encrypted, and those that insist on it fail."
                    : "PostgreSQL takes the TLS certificate while it runs: new connections get it, open ones go on as they are.",
            ),
        );
    if (before.initSql !== after.initSql)
        lines.push(note("the init SQL has changed: it only runs in a database that is made new."));
    if (before.protect !== after.protect)
        lines.push(
            after.protect
                ? note("from now on the volumes with the data and the repository cannot be deleted.")
                : warning("from now on `destroy` deletes the volumes with the data and the repository."),
        );
    const reloaded = changes(before.postgres.reloadSettings, after.postgres.reloadSettings);
    if (reloaded.length > 0) lines.push(note(`PostgreSQL takes over while it runs: ${reloaded.join(", ")}.`));
    if (!same(before.waiting, after.waiting))
        lines.push(
            note(
                `a green \`up\` waits for ${after.waiting.waitFor}, at most ${after.waiting.waitTimeout} minutes.`,
            ),
        );
    return lines;
}

/** Said once: what goes on as if nothing happened. */
function untouched(
    before: Description,
    after: Description,
    postgres: boolean,
    backup: boolean,
): Consequence[] {
    if (same(before, after)) return [];
    const { name } = after;
    const moved =
        before.stanza !== after.stanza ||
        !same(before.repositories.map(placeText), after.repositories.map(placeText));
    const going = [
        ...(postgres ? [] : [`${name}-postgres goes on, no connection ends`]),
        ...(backup
            ? []
            : moved
              ? [`${name}-backup goes on, but ends a backup that runs to the old place`]
              : [`${name}-backup goes on, a backup that runs is finished`]),
    ];
    const parts = [...going, ...runningAgain(before, after, postgres || backup)];
    return parts.length === 0 ? [] : [note(`${parts.join("; ")}.`)];
}

/** Setup runs for another configuration, apply behind it, for another container of the two, and for what only it brings into force. */
function runningAgain(before: Description, after: Description, isReplaced: boolean): string[] {
    const [setup, apply] = [`${after.name}-setup`, `${after.name}-apply`];
    if (!same(published(before), published(after))) return [`${setup} and ${apply} run again and end`];
    const applied = ({ application, waiting }: Description): unknown => ({ application, waiting });
    return isReplaced || !same(applied(before), applied(after)) ? [`${apply} runs again and ends`] : [];
}

/** What setup publishes follows from the rest. */
function published(description: Description): unknown {
    const { restartSettings, reloadSettings } = description.postgres;
    const { schedule, heartbeat, repositories } = description.drill;
    const own = Object.entries(repositories).map(([name, one]) => [name, one.schedule]);
    return {
        ...description,
        ...{
            protect: false,
            dataVolume: "",
            restore: "",
            backup: undefined,
            application: undefined,
            waiting: undefined,
        },
        postgres: { restartSettings, reloadSettings },
        drill: { schedule, heartbeat, own },
        monitoring: { ...description.monitoring, published: "" },
        settings: publishedValues(description.settings),
    };
}
