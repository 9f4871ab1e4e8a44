import { bytes } from "../protection/text";
import { type Description, same } from "../state/description";
import { type Consequence, note, warning } from "./consequence";
import type { LiveBackup } from "./live";
import { changedNames, changes } from "./text";

/** What it means that drills come, go, or are others. */
export function drillConsequences(
    before: Description,
    after: Description,
    live: readonly LiveBackup[] | undefined,
): Consequence[] {
    const [old, wanted] = [before.drill, after.drill];
    const { name } = after;
    if (wanted.schedule === "")
        return old.schedule === ""
            ? []
            : [
                  warning(
                      `nothing proves any more that backups restore: drills are off, and status says so. ${name}-drill goes, with its volumes ${name}-drill-data and ${name}-drill-spool; what drills have found stays in ${name}-drill-state.`,
                  ),
              ];
    if (old.schedule === "") return [begun(before, after, live)];
    const reasons = replaced(before, after);
    return [
        ...(old.schedule === wanted.schedule
            ? []
            : [note(`drills run at "${wanted.schedule}" instead of "${old.schedule}".`)]),
        ...(old.heartbeat === wanted.heartbeat
            ? []
            : [
                  note(
                      `the commit that tells a drill how new its data are comes every ${wanted.heartbeat} s instead of ${old.heartbeat} s: of an idle database a segment is archived as often.`,
                  ),
              ]),
        ...goals(old, wanted),
        ...asked(old, wanted),
        ...(old.memory === wanted.memory
            ? []
            : [
                  note(
                      `the memory limit of ${name}-drill is ${wanted.memory} MiB instead of ${old.memory} MiB, changed while it runs.`,
                  ),
              ]),
        ...(reasons.length === 0
            ? []
            : [note(`${name}-drill is replaced (${reasons.join("; ")}): a drill that runs begins anew.`)]),
    ];
}

/** With what one costs, as far as that is known. */
function begun(
    before: Description,
    after: Description,
    live: readonly LiveBackup[] | undefined,
): Consequence {
    const { drill, name, schedules } = after;
    const newest =
        live?.findLast(({ repository }) => repository === before.repositories[0]?.number) ?? live?.at(-1);
    const parts = live?.filter(
        ({ label, repository }) =>
            repository === newest?.repository && [newest.label, ...newest.needs].includes(label),
    );
    const read = parts?.reduce((sum, { added }) => sum + added, 0) ?? 0;
    const repository =
        newest === undefined
            ? "the repository"
            : before.repositories.find(({ number }) => number === newest.repository)?.name;
    const isKnown = newest !== undefined && read > 0 && newest.size > 0;
    const costs = isKnown
        ? `reads ${bytes(read)} and the WAL since from ${repository ?? "the repository"}, and needs ${bytes(newest.size)}, the room for that WAL and 1GiB more on the Docker host until it ends`
        : "reads the newest backup and the WAL since from the repository, and needs the room of the database, of that WAL and 1GiB more on the Docker host until it ends";
    return note(
        `drills are on: ${name}-drill restores the newest backup at "${drill.schedule}" ${schedules.timezone}, first as soon as there is a full one, and tries what it gets. Each ${costs}. It has the lowest CPU weight and ${drill.memory} MiB of memory. Of an idle database a segment is archived every ${drill.heartbeat} s for it. Health is red until the first has passed; \`up\` does not wait for it.`,
    );
}

type Drills = Description["drill"];

function goals(old: Drills, wanted: Drills): Consequence[] {
    const seconds = (value: number | undefined): string => (value === undefined ? "any" : `${value} s`);
    const told = [
        ["the recovery time", old.rto, wanted.rto],
        ["the recovery point", old.rpo, wanted.rpo],
    ] as const;
    return told
        .filter(([, from, to]) => from !== to)
        .map(([what, from, to]) =>
            note(
                to === undefined
                    ? `${what} of a drill may be any from now on (it was ${seconds(from)} at most).`
                    : `${what} of a drill may be ${seconds(to)} at most (${seconds(from)} until now): one that has more is red, from the next on.`,
            ),
        );
}

function asked(old: Drills, wanted: Drills): Consequence[] {
    const names = changedNames(old.queries, wanted.queries);
    const of = (what: string, chosen: readonly string[]): string[] =>
        chosen.length === 0 ? [] : [`${what} ${chosen.join(", ")}`];
    const parts = [
        ...of(
            "new",
            names.filter((name) => old.queries[name] === undefined),
        ),
        ...of(
            "another",
            names.filter((name) => name in old.queries && name in wanted.queries),
        ),
        ...of(
            "no more",
            names.filter((name) => wanted.queries[name] === undefined),
        ),
    ];
    return parts.length === 0
        ? []
        : [note(`queries of a drill change, from the next on: ${parts.join("; ")}.`)];
}

function replaced(before: Description, after: Description): string[] {
    const [old, wanted] = [before.drill, after.drill];
    const image = ({ backup, image: other }: Description): string => backup.image || other;
    const wish = ({ queries, rto, rpo }: Drills): unknown => ({ queries, rto, rpo });
    const settings = changes(before.postgres.restartSettings, after.postgres.restartSettings);
    return [
        ...(image(before) === image(after) ? [] : ["another image"]),
        ...(same(before.wiring, after.wiring) ? [] : ["what it has mounted for repositories"]),
        ...(settings.length === 0 ? [] : ["settings of PostgreSQL's command line"]),
        ...(old.cpus === wanted.cpus ? [] : [`${wanted.cpus} CPUs instead of ${old.cpus}`]),
        ...(same(wish(old), wish(wanted)) ? [] : ["what is wanted of it"]),
    ];
}
