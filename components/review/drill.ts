import { bytes } from "../protection/text";
import { type Description, drillOf, hasDrills, same } from "../state/description";
import { type Consequence, note, warning } from "./consequence";
import type { LiveBackup } from "./live";
import { continued } from "./repositories";
import { changedNames, changes } from "./text";

/** What it means that drills come, go, or are others. */
export function drillConsequences(
    before: Description,
    after: Description,
    live: readonly LiveBackup[] | undefined,
): Consequence[] {
    const [old, wanted] = [before.drill, after.drill];
    const { name } = after;
    if (!hasDrills(after))
        return !hasDrills(before)
            ? []
            : [
                  warning(
                      `nothing proves any more that backups restore: drills are off, and status says so. ${name}-drill goes, with its volumes ${name}-drill-data and ${name}-drill-spool; what drills have found stays in ${name}-drill-state.`,
                  ),
              ];
    if (!hasDrills(before)) return [begun(before, after, live)];
    const reasons = replaced(before, after);
    const elsewhere =
        Object.keys(wanted.repositories).length === 0 ? "" : ", but for repositories that say it themselves";
    return [
        ...(old.schedule === wanted.schedule
            ? []
            : [note(`drills run ${when(wanted.schedule)} instead of ${until(old.schedule)}${elsewhere}.`)]),
        ...ofRepositories(before, after),
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
        `drills are on: ${name}-drill restores the newest backup ${allTimes(after)} ${schedules.timezone}, first as soon as there is a full one, and tries what it gets. Each ${costs}. It has the lowest CPU weight and ${drill.memory} MiB of memory. Of an idle database a segment is archived every ${drill.heartbeat} s for it. Health is red until the first has passed; \`up\` does not wait for it.`,
    );
}

type Drills = Description["drill"];

function when(schedule: string): string {
    return schedule === "" ? "never" : `at "${schedule}"`;
}

function until(schedule: string): string {
    return schedule === "" ? "never" : `"${schedule}"`;
}

/** Of each repository, where they differ. */
function allTimes(after: Description): string {
    const all = after.repositories.map(({ name }) => [name, drillOf(after, name).schedule] as const);
    const [first = ["", after.drill.schedule] as const] = all;
    return all.every(([, schedule]) => schedule === first[1])
        ? when(first[1])
        : all.map(([name, schedule]) => `of ${name} ${when(schedule)}`).join(", ");
}

/** What repositories have of their own, or had; and those that come to others. */
function ofRepositories(before: Description, after: Description): Consequence[] {
    const pairs = continued(before, after);
    return after.repositories.flatMap(({ name }) => {
        const wanted = drillOf(after, name);
        const of = ` of repository ${name}`;
        const [earlier] = pairs.find(([, one]) => one.name === name) ?? [];
        if (earlier === undefined)
            return wanted.schedule === "" || after.repositories.length === 1
                ? []
                : [
                      note(
                          `drills${of} run ${when(wanted.schedule)}, first as soon as it has a full backup: health is red until that one has passed.`,
                      ),
                  ];
        if (!(earlier.name in before.drill.repositories) && !(name in after.drill.repositories)) return [];
        const old = drillOf(before, earlier.name);
        const other =
            wanted.schedule === ""
                ? warning(
                      `nothing proves any more that backups${of} restore: its drills are off, and status says so.`,
                  )
                : note(`drills${of} run ${when(wanted.schedule)} instead of ${until(old.schedule)}.`);
        return [...(old.schedule === wanted.schedule ? [] : [other]), ...goals(old, wanted, of)];
    });
}

function goals(
    old: Pick<Drills, "rto" | "rpo">,
    wanted: Pick<Drills, "rto" | "rpo">,
    of = "",
): Consequence[] {
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
                    ? `${what} of a drill${of} may be any from now on (it was ${seconds(from)} at most).`
                    : `${what} of a drill${of} may be ${seconds(to)} at most (${seconds(from)} until now): one that has more is red, from the next on.`,
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
    const wish = ({ queries, rto, rpo, repositories }: Drills): unknown => ({
        ...{ queries, rto, rpo },
        own: Object.entries(repositories)
            .filter(([, own]) => own.rto !== rto || own.rpo !== rpo)
            .map(([name, own]) => [name, own.rto, own.rpo]),
    });
    const settings = changes(before.postgres.restartSettings, after.postgres.restartSettings);
    return [
        ...(image(before) === image(after) ? [] : ["another image"]),
        ...(same(before.wiring, after.wiring) ? [] : ["what it has mounted for repositories"]),
        ...(settings.length === 0 ? [] : ["settings of PostgreSQL's command line"]),
        ...(old.cpus === wanted.cpus ? [] : [`${wanted.cpus} CPUs instead of ${old.cpus}`]),
        ...(same(wish(old), wish(wanted)) ? [] : ["what is wanted of it"]),
    ];
}
