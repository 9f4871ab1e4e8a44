import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { type DrillRecord, DRILLS, readDrills } from "../../components/drill/record";
import type { Report } from "../../components/protection/info";
import { damagedFiles, WRONG_CHECKSUM } from "../../components/protection/pages";
import type { PublishedRepository } from "../../components/protection/state";
import { type Archive, readArchive, segmentSizeOf } from "../../components/restore/archive";
import {
    type Away,
    awayText,
    type Facts,
    type Point,
    type RepositoryFacts,
    type Switch,
} from "../../components/restore/facts";
import { historyOf, isOn, readHistory, readRestore } from "../../components/restore/history";
import { declaredMinimums } from "../../components/restore/minimums";
import { readPoints } from "../../components/restore/points";
import { readRecord, RECORD, type RestoreRecord } from "../../components/restore/record";
import { speedOf } from "../../components/restore/speed";
import { pastOptions } from "../../components/restore/past";
import type { Wish } from "../../components/restore/wish";
import { contentOf } from "../files";
import type { Revision } from "../world";
import { cpus } from "./backup";
import { now } from "./job";
import { infoOf, readOf } from "./pgbackrest";
import { runningDatabase, type RunningDatabase } from "./running";

const NOTHING: Archive = { histories: [], ends: new Map(), gaps: [] };

/** Seconds within which a repository has to say what it holds, where another can serve. */
const PATIENCE = 120;

export interface Asked {
    /** Names of the repositories in which the running database has all that it has written until now, before that is needed; nothing: in none. */
    readonly archived?: readonly string[] | "all";
    /** Of the server that will run on the data; none where they are not known. */
    readonly serverArguments?: readonly string[];
    /** Of one repository as it was: others are not asked. */
    readonly wish?: Partial<Wish>;
}

/** All that the choice of a backup depends on, as it is now. Throws when no repository can be read. */
export async function gather(
    revision: Revision,
    { archived = [], serverArguments = [], wish = {} }: Asked = {},
): Promise<Facts> {
    const database = await runningDatabase();
    const past = pastOptions(wish);
    const asked = revision.repositories.filter(
        ({ name }) => past.length === 0 || name === (wish.repository ?? name),
    );
    const answers = await Promise.all(
        asked.map((repository) => answerOf(revision, repository, past, database, asked.length > 1)),
    );
    const away = answers.flatMap((answer) => ("why" in answer ? [answer] : []));
    const read = answers.flatMap((answer) => ("why" in answer ? [] : [answer]));
    if (read.length === 0) throw new Error(away.map(awayText).join("; "));
    const has = ({ name }: RepositoryFacts) => archived === "all" || archived.includes(name);
    return {
        now: now(),
        repositories: read.map(({ facts }) =>
            database !== undefined && past.length === 0 && has(facts)
                ? { ...facts, ends: withNow(facts.ends, database) }
                : facts,
        ),
        away,
        running: database?.running,
        points: read.flatMap(({ points }) => points),
        freeBytes: freeBytes(),
        minimums: {
            now: database?.minimums,
            then: serverArguments.length === 0 ? undefined : declaredMinimums(serverArguments),
        },
        speed: speedOf(
            lastRestore(),
            drills(),
            read[0]?.facts.backups ?? [],
            configurationOf(revision),
            cpus(),
        ),
    };
}

/** The restore points of the history that a restore goes along, as far as they are known. */
export async function pointsAlong(
    revision: Revision,
    { repository, timeline, wish }: RestoreRecord,
): Promise<readonly Point[]> {
    const { repositories, points } = await gather(revision, { wish });
    const histories = repositories.find(({ name }) => name === repository)?.histories ?? new Map();
    const history = historyOf(timeline, histories);
    return points.filter((point) => isOn(history, point.timeline, point.lsn));
}

function withNow(
    ends: RepositoryFacts["ends"],
    { running, segment }: RunningDatabase,
): RepositoryFacts["ends"] {
    return new Map(ends).set(running.timeline, { segment, time: now() });
}

interface Read {
    readonly facts: RepositoryFacts;
    readonly points: readonly Point[];
}

/** What a repository holds, or why that cannot be known. */
async function answerOf(
    revision: Revision,
    repository: PublishedRepository,
    past: readonly string[],
    database: RunningDatabase | undefined,
    hasOthers: boolean,
): Promise<Read | Away> {
    const { name, number } = repository;
    const late = hasOthers ? AbortSignal.timeout(PATIENCE * 1000) : undefined;
    const { json, report } = await infoOf(revision, number, past, late);
    if (report?.readable === true)
        try {
            return {
                facts: await repositoryFacts(revision, repository, past, report, database),
                points: readPoints(json, revision.stanza),
            };
        } catch (error) {
            if (error instanceof Gone) return { name, why: error.message };
            throw error;
        }
    const silent = late?.aborted === true ? `it says nothing within ${PATIENCE} s` : undefined;
    return { name, why: silent ?? report?.problem ?? "pgbackrest info says nothing" };
}

/** A repository that did answer does not any more. */
class Gone extends Error {}

async function repositoryFacts(
    revision: Revision,
    { number, name }: PublishedRepository,
    past: readonly string[],
    { backups, archive: wal }: Report,
    database: RunningDatabase | undefined,
): Promise<RepositoryFacts> {
    const tryRead = (...args: string[]) => readOf(revision, [`--repo=${number}`, ...past, ...args]);
    const read = async (...args: string[]): Promise<string> => {
        const content = await tryRead(...args);
        if (content === undefined) throw new Gone(`${args.slice(-2).join(" ")} failed`);
        return content;
    };
    const segmentSize = database?.segmentSize ?? segmentSizeOf(backups);
    const path = `archive/${revision.stanza}/${wal?.id ?? ""}`;
    const archive =
        wal === undefined
            ? NOTHING
            : (readArchive(await read("--output=json", "--recurse", "repo-ls", path), segmentSize) ??
              NOTHING);
    const histories = new Map<number, readonly Switch[]>();
    const restores = new Map<number, Pick<Wish, "name" | "at">>();
    for (const file of archive.histories) {
        const content = await read("repo-get", `${path}/${file}`);
        const timeline = Number.parseInt(file, 16);
        histories.set(timeline, readHistory(content));
        const restore = readRestore(content);
        if (restore !== undefined) restores.set(timeline, restore);
    }
    const damagedPages = new Map<string, string>();
    for (const { label } of backups.filter(({ damaged }) => damaged)) {
        // Lost with a damaged backup, perhaps: that is no reason to pass over the others.
        const manifest = await tryRead("repo-get", `backup/${revision.stanza}/${label}/backup.manifest`);
        const lines = manifest?.split("\n").filter((line) => line.includes(WRONG_CHECKSUM)) ?? [];
        if (lines.length > 0) damagedPages.set(label, damagedFiles(lines));
    }
    const { ends, gaps } = archive;
    return { number, name, backups, histories, restores, ends, gaps, segmentSize, damagedPages };
}

function configurationOf({ directory }: Revision): string {
    return readFileSync(join(directory, "pgbackrest.conf"), "utf8");
}

/** Of the disk that the data are on. */
function freeBytes(): number | undefined {
    try {
        const { bavail, bsize } = statfsSync(PLACES.data);
        return bavail * bsize;
    } catch {
        return undefined;
    }
}

/** The one that made the data here. */
function lastRestore(): RestoreRecord | undefined {
    return readRecord(contentOf(join(PLACES.data, RECORD)));
}

/** Those of this stack; none where it has none. */
function drills(): readonly DrillRecord[] {
    return readDrills(contentOf(join(PLACES.drills, DRILLS)));
}
