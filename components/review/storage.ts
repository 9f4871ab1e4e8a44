import { parseSize } from "../pgbackrest/value";
import { type Span, spanOf, spanText } from "../schedule/calendar";
import { type Consequence, danger, note, warning } from "./consequence";
import { type Description, type Schedules, schedulesOf } from "../state/description";
import { continued } from "./repositories";
import { changeText } from "./text";

/** The pgBackRest that first could read it: an older one, on another machine, cannot restore such backups. */
const READ_SINCE: Readonly<Record<string, string>> = {
    lz4: "2.25",
    zst: "2.27",
    bundle: "2.39",
    block: "2.46",
};

/** What it means that backups are stored in another way. */
export function storageConsequences(before: Description, after: Description): Consequence[] {
    const compression = compressionText(after) !== compressionText(before);
    const lines = compression
        ? [
              note(
                  `new backups and WAL are compressed with ${compressionText(after)} instead of ${compressionText(before)}; what is there stays as it is and can be read${before.compression.type === after.compression.type ? "" : older(after.compression.type, true)}.`,
              ),
          ]
        : [];
    for (const [old, wanted] of continued(before, after))
        for (const name of ["bundle", "block"] as const)
            if (old[name] !== wanted[name])
                lines.push(
                    note(
                        `${name} is switched ${wanted[name] ? "on" : "off"} in repository ${wanted.name}: it counts for new backups only${name === "block" ? ", and saves space from the next full one on" : ""}; what is there stays as it is and can be read${older(name, wanted[name])}.`,
                    ),
                );
    return lines;
}

function compressionText({ compression: { type, level } }: Description): string {
    return type === "none" ? "nothing" : `${type}${level === "" ? "" : ` level ${level}`}`;
}

function older(what: string, on: boolean): string {
    const since = READ_SINCE[what];
    return on && since !== undefined
        ? `. The new ones can be read by pgBackRest ${since} and newer, not by older programs`
        : "";
}

/** What it means that backups run at other times: those of the stack, and of repositories that had others or will have. */
export function scheduleConsequences(before: Description, after: Description): Consequence[] {
    const own = continued(before, after)
        .filter(([old, wanted]) => (old.schedules ?? wanted.schedules) !== undefined)
        .flatMap(([old, wanted]) =>
            schedulesChange(
                schedulesOf(before, old),
                schedulesOf(after, wanted),
                `in repository ${wanted.name} `,
            ),
        );
    return [...schedulesChange(before.schedules, after.schedules), ...own];
}

/** @param where before each line, where they are not those of the stack */
function schedulesChange(old: Schedules, wanted: Schedules, where = ""): Consequence[] {
    const lines: Consequence[] = [];
    for (const kind of ["full", "diff", "incr", "verify"] as const) {
        const [from, to] = [old[kind], wanted[kind]];
        if (from === to) continue;
        const what = `${where}${kind === "verify" ? "verify" : `the ${kind} backup`}`;
        const zone = wanted.timezone;
        if (to === "")
            lines.push(warning(`${what} does not run any more (it ran at "${from}" ${old.timezone}).`));
        else if (from === "") lines.push(note(`${what} runs at "${to}" ${zone}; it did not run before.`));
        else lines.push(note(`${what} runs at "${to}" ${zone} instead of "${from}".`));
    }
    if (old.timezone !== wanted.timezone)
        lines.push(note(`${where}all schedules are in ${wanted.timezone} instead of ${old.timezone}.`));
    const [before, after] = [longestGap(old), longestGap(wanted)];
    if (before.greatest !== after.greatest)
        lines.push(
            (after.greatest > before.greatest ? warning : note)(
                `${where}the longest time between two backups is ${spanText(after)} instead of ${spanText(before)}: as much WAL is to be replayed at most.`,
            ),
        );
    return lines;
}

function longestGap(schedules: Schedules): Span {
    const { greatest } = spanOf(
        [schedules.full, schedules.diff, schedules.incr].filter((schedule) => schedule !== ""),
        1,
        schedules.timezone,
    );
    return { least: greatest, greatest };
}

/** What it means that WAL is archived in another way. */
export function archivingConsequences(before: Description, after: Description): Consequence[] {
    const [old, wanted] = [before.archiving, after.archiving];
    const lines: Consequence[] = [];
    if (old.async !== wanted.async)
        lines.push(
            wanted.async
                ? note("WAL is archived by several processes ahead of PostgreSQL from now on.")
                : warning(
                      "WAL is archived one segment at a time from now on: under heavy writing it can fall behind, and pg_wal grows.",
                  ),
        );
    if (old.queueMax === wanted.queueMax) return lines;
    if (wanted.queueMax === "")
        lines.push(
            warning(
                `nothing bounds how much WAL waits any more (it was ${old.queueMax}): a repository that is away for long fills the disk and stops the database.`,
            ),
        );
    else {
        const sooner =
            old.queueMax === "" || (parseSize(wanted.queueMax) ?? 0) < (parseSize(old.queueMax) ?? 0);
        lines.push(
            (sooner ? danger : note)(
                `WAL is dropped when ${wanted.queueMax} of it waits for the repository (${old.queueMax === "" ? "never" : old.queueMax} until now): ${sooner ? "after a shorter outage than before, or a shorter burst of writing, WAL is lost for good, and until the next backup nothing after the gap can be restored" : "the data volume needs so much free space"}.`,
            ),
        );
    }
    return lines;
}

const TOLD =
    /^\[(?:global|stanza)\] (?:repo\d+-(?:retention-(?!history)|bundle$|block$)|compress-(?:type|level)$|archive-async$|archive-push-queue-max$)/;

/** Options that nothing above tells of. */
export function optionConsequences(before: Description, after: Description): Consequence[] {
    const names = new Set([...Object.keys(before.options), ...Object.keys(after.options)]);
    const staying = new Set(continued(before, after).map(([, { number }]) => number));
    // What is of a repository that comes or goes is told with it.
    const isOfOther = (name: string): boolean => {
        const number = /^\[\S+\] repo(\d+)-/.exec(name)?.[1];
        return after.repositories.length > 1 && number !== undefined && !staying.has(Number(number));
    };
    const changed = [...names].filter(
        (name) => before.options[name] !== after.options[name] && !TOLD.test(name) && !isOfOther(name),
    );
    return changed.length === 0
        ? []
        : [
              note(
                  `options of pgBackRest change from its next run on: ${changed
                      .sort()
                      .map((name) => changeText(name, before.options[name], after.options[name]))
                      .join(", ")}.`,
              ),
          ];
}
