import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { type DrillRecord, DRILLS, readDrills } from "../../components/drill/record";
import { readInfo } from "../../components/protection/info";
import { damagedFiles, WRONG_CHECKSUM } from "../../components/protection/pages";
import type { PublishedRepository } from "../../components/protection/state";
import { type Archive, readArchive, segmentSizeOf } from "../../components/restore/archive";
import type { Facts, Point, RepositoryFacts, Switch } from "../../components/restore/facts";
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
import { readOf } from "./pgbackrest";
import { runningDatabase, type RunningDatabase } from "./running";

const NOTHING: Archive = { histories: [], ends: new Map(), gaps: [] };

/**
 * All that the choice of a backup depends on, as it is now. Throws when a repository cannot be read.
 * @param serverArguments of the server that will run on the data; nothing where they are not known
 * @param archives will the running database archive all that it has written until now, before that is needed?
 * @param wish of one repository as it was: others are not asked
 */
export async function gather(
    revision: Revision,
    archives: boolean,
    serverArguments: readonly string[] = [],
    wish: Partial<Wish> = {},
): Promise<Facts> {
    const database = await runningDatabase();
    const past = pastOptions(wish);
    const asked = revision.repositories.filter(
        ({ name }) => past.length === 0 || name === (wish.repository ?? name),
    );
    const infos = await Promise.all(
        asked.map(
            async ({ number }) =>
                (await readOf(revision, [`--repo=${number}`, ...past, "--output=json", "info"])) ?? "",
        ),
    );
    const repositories = await Promise.all(
        asked.map((repository, index) =>
            repositoryFacts(revision, repository, past, infos[index] ?? "", database),
        ),
    );
    return {
        now: now(),
        repositories:
            archives && database !== undefined && past.length === 0
                ? repositories.map((one) => ({ ...one, ends: withNow(one.ends, database) }))
                : repositories,
        running: database?.running,
        points: infos.flatMap((info) => readPoints(info, revision.stanza)),
        freeBytes: freeBytes(),
        minimums: {
            now: database?.minimums,
            then: serverArguments.length === 0 ? undefined : declaredMinimums(serverArguments),
        },
        speed: speedOf(
            lastRestore(),
            drills(),
            repositories[0]?.backups ?? [],
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
    const { repositories, points } = await gather(revision, false, [], wish);
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

async function repositoryFacts(
    revision: Revision,
    { number, name }: PublishedRepository,
    past: readonly string[],
    info: string,
    database: RunningDatabase | undefined,
): Promise<RepositoryFacts> {
    const read = (...args: string[]) => readOf(revision, [`--repo=${number}`, ...past, ...args]);
    const report = readInfo(info, revision.stanza);
    if (report?.readable !== true)
        throw new Error(
            `the repository ${name} cannot be read: ${report?.problem ?? "pgbackrest info says nothing"}`,
        );
    const { backups } = report;
    const segmentSize = database?.segmentSize ?? segmentSizeOf(backups);
    const path = `archive/${revision.stanza}/${report.archive?.id ?? ""}`;
    const listing =
        report.archive === undefined ? undefined : await read("--output=json", "--recurse", "repo-ls", path);
    const archive = (listing === undefined ? undefined : readArchive(listing, segmentSize)) ?? NOTHING;
    const histories = new Map<number, readonly Switch[]>();
    const restores = new Map<number, Pick<Wish, "name" | "at">>();
    for (const file of archive.histories) {
        const content = await read("repo-get", `${path}/${file}`);
        if (content === undefined) continue;
        const timeline = Number.parseInt(file, 16);
        histories.set(timeline, readHistory(content));
        const restore = readRestore(content);
        if (restore !== undefined) restores.set(timeline, restore);
    }
    const damagedPages = new Map<string, string>();
    for (const { label } of backups.filter(({ damaged }) => damaged)) {
        const manifest = await read("repo-get", `backup/${revision.stanza}/${label}/backup.manifest`);
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
