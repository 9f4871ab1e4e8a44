import { readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { expiresAutomatically } from "../components/protection/output";
import { type PublishedRepository, readRepositories } from "../components/protection/state";
import { readSchedules, type Timetable, timetableOf } from "../components/schedule/file";
import { readEnds } from "./ends";
import { repositoryOption } from "./files";
import type { Repository, Revision } from "./world";

/** Reads the published configuration, once: a revision never changes. */
export class Revisions {
    #known: { readonly name: string; readonly revision: Revision | string } | undefined;

    /** @param directory where the configuration is mounted */
    constructor(private readonly directory: string) {}

    /** Nothing where nothing is published, and what is wrong with what cannot be used. */
    published(): Revision | string | undefined {
        const link = attempt(() => readlinkSync(join(this.directory, "current")));
        if (link === undefined) return undefined;
        const name = basename(link);
        if (this.#known?.name !== name) {
            const revision = attempt(() => read(name, join(this.directory, link)));
            this.#known = revision === undefined ? undefined : { name, revision };
        }
        return this.#known?.revision;
    }
}

function read(name: string, directory: string): Revision | string {
    const content = (file: string) => readFileSync(join(directory, file), "utf8");
    const none = attempt(() => content("none")) !== undefined;
    // Without a repository nothing is ever due.
    const timetable = none ? { schedules: new Map(), timezone: "UTC" } : readSchedules(content("schedules"));
    if (typeof timetable === "string") return timetable;
    const stanza = content("stanza").trim();
    const repositories = readRepositories(
        attempt(() => content("repositories.json")) ?? content("repositories"),
        none,
    );
    const timed = withTimetables(repositories, timetable);
    if (typeof timed === "string") return timed;
    return {
        name,
        directory,
        stanza,
        repositories: timed.map((repository) => ({
            ...repository,
            directory: localPath(content("conf.d/repo.conf"), repository.number),
        })),
        timetable,
        ends: readEnds(directory, repositories),
        expires: expiresAutomatically(content("pgbackrest.conf"), stanza),
    };
}

/** Each with its timetable; or what is wrong with one. */
export function withTimetables(
    repositories: readonly PublishedRepository[],
    usual: Timetable,
): readonly Omit<Repository, "directory">[] | string {
    const timed: Omit<Repository, "directory">[] = [];
    for (const repository of repositories) {
        const timetable = timetableOf(repository, usual);
        if (typeof timetable === "string") return `repository ${repository.name}: ${timetable}`;
        timed.push({ ...repository, timetable });
    }
    return timed;
}

/** Of a repository in a volume or a directory: one that is elsewhere has options of its type that say where. */
function localPath(conf: string, number: number): string | undefined {
    const option = (name: string) => repositoryOption(conf, number, name);
    const isElsewhere = new RegExp(`^repo${number}-${option("type") ?? "posix"}-`, "m").test(conf);
    return isElsewhere ? undefined : option("path");
}

function attempt<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch {
        return undefined;
    }
}
