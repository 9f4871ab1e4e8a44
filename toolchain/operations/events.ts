// What has happened to a database's backups, read from the log of the backup service and from the repository.
import type { Backup } from "../../components/protection/info";
import type { Point } from "../../components/restore/facts";
import type { Moves } from "../../components/state/moves";
import { lsnText } from "../../components/restore/target";

export interface Event {
    /** When it began, in seconds since the epoch. */
    readonly at: number;
    readonly what: string;
    /** Nothing of what has no end. */
    readonly ended: "well" | "failed" | undefined;
    /** How long it took, in seconds, where that is known. */
    readonly seconds: number | undefined;
    readonly detail: string;
    /** Which of several repositories it was for, where it was for one. */
    readonly repository?: string;
}

const PGBACKREST = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+ P00 +[A-Z]+: (.*)$/;
const SERVICE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) backup: (.*)$/;
/** What the service says that is news; the rest is what it does now. */
const NEWS = /^(started$|stopping$|ERROR: |acknowledged: |the repository or the stanza was changed)/;

/** What a command line says of the repository that it is for. */
const NUMBER = /(?: --repo=|\/archivers\/)(\d+)/;

/**
 * @param log lines of the service and of pgBackRest, which begin with a time in UTC
 * @param names of several repositories, by their numbers
 */
export function logEvents(log: string, names: ReadonlyMap<number, string> = new Map()): Event[] {
    const events: Event[] = [];
    const running = new Map<string, { at: number; detail: string; repository?: string }>();
    for (const line of log.split("\n").sort()) {
        const [, time = "", text = ""] = PGBACKREST.exec(line) ?? [];
        const [, command = "", rest = "", options = ""] =
            /^(\S+) command (begin(?= )|end: .*)(.*)/.exec(text) ?? [];
        const label = /^new backup label = (\S+)/.exec(text)?.[1];
        const at = secondsOf(time);
        const open = running.get(command);
        if (label !== undefined) running.set("backup", { at, ...running.get("backup"), detail: label });
        else if (rest === "begin") running.set(command, { at, detail: "", ...repositoryIn(options, names) });
        else if (rest !== "") {
            running.delete(command);
            const [, exception] = /aborted with exception (\[\d+\])/.exec(rest) ?? [];
            const failed = !rest.includes("completed successfully");
            events.push({
                at: open?.at ?? at,
                what: command,
                ended: failed ? "failed" : "well",
                seconds: at - (open?.at ?? at),
                detail: failed ? (exception ?? rest.replace("end: ", "")) : (open?.detail ?? ""),
                ...(open?.repository === undefined ? {} : { repository: open.repository }),
            });
        }
        const [, said = "", news = ""] = SERVICE.exec(line) ?? [];
        if (NEWS.test(news))
            events.push({
                at: secondsOf(said),
                what: "service",
                ended: news.startsWith("ERROR: ") ? "failed" : undefined,
                seconds: undefined,
                detail: news.replace("ERROR: ", ""),
            });
    }
    return events.sort((a, b) => a.at - b.at);
}

function repositoryIn(options: string, names: ReadonlyMap<number, string>): Pick<Event, "repository"> {
    const [, number = ""] = NUMBER.exec(options) ?? [];
    const repository = names.get(Number(number));
    return repository === undefined ? {} : { repository };
}

/** PostgreSQL's moves to other data: how long the database was away. */
export function moveEvents(moves: Moves): Event[] {
    return moves.map(({ volume, at, seconds }) => ({
        ...{ at, what: "move", ended: "well", seconds },
        detail: `PostgreSQL to the data in ${volume}; the database was away so long`,
    }));
}

function secondsOf(time: string): number {
    return time === "" ? 0 : Date.parse(`${time.replace(" ", "T")}Z`) / 1000;
}

/**
 * A backup that the log tells of is there once; others were taken by hand, or by a service whose log is gone.
 * @param names of several repositories, by their numbers
 */
export function allEvents(
    log: readonly Event[],
    backups: readonly Backup[],
    points: readonly Point[],
    others: readonly Event[] = [],
    names: ReadonlyMap<number, string> = new Map(),
): Event[] {
    const keyOf = ({ detail, repository = "" }: Event): string => `${repository} ${detail}`;
    const told = new Set(log.filter(({ what }) => what === "backup").map(keyOf));
    const fromRepository = backups
        .map(({ label, start, stop, repository }): Event => {
            const name = names.get(repository);
            return {
                ...{ at: start, what: "backup", ended: "well", seconds: stop - start, detail: label },
                ...(name === undefined ? {} : { repository: name }),
            };
        })
        .filter((event) => !told.has(keyOf(event)));
    const made = points.map(({ name, time, lsn, timeline }): Event => ({
        ...{ at: Math.floor(time), what: "restore point", ended: "well", seconds: undefined },
        detail: `${name} at ${lsnText(lsn)} of timeline ${timeline}`,
    }));
    return [...log, ...fromRepository, ...made, ...others].sort((a, b) => a.at - b.at);
}
