import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { readInfo } from "../../components/protection/info";
import { readState, type Repository } from "../../components/protection/state";
import { NO_WAL, readNames, readSegments } from "../../components/protection/wal";
import type { Facts, RepositoryFacts, Running, Switch, WalEnd } from "../../components/restore/facts";
import { readHistory } from "../../components/restore/history";
import { ask } from "../psql";
import type { Revision } from "../world";
import { readOf } from "./pgbackrest";

const HISTORY = /^([0-9A-F]{8})\.history$/;
const DIRECTORY = /^[0-9A-F]{16}$/;

/** All that the choice of a backup depends on, as it is now. Throws when a repository cannot be read. */
export async function gather(revision: Revision): Promise<Facts> {
    const [running, repositories] = await Promise.all([
        runningDatabase(),
        Promise.all(revision.repositories.map((repository) => repositoryFacts(revision, repository))),
    ]);
    return {
        now: Math.floor(Date.now() / 1000),
        repositories,
        running,
        points: [],
        freeBytes: freeBytes(),
        speed: undefined,
    };
}

/** The database that serves, asked over its socket; nothing where none answers. */
async function runningDatabase(): Promise<Running | undefined> {
    const { ok, output } = await ask(
        `select pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn() - '0/0',
            coalesce((select json_agg(slot_name) from pg_replication_slots), '[]')
        where not pg_is_in_recovery()`,
    );
    const [segment = "", lsn = "", ...slots] = output.split("|");
    if (!ok || segment === "") return undefined;
    const names: unknown = JSON.parse(slots.join("|"));
    return {
        timeline: Number.parseInt(segment.slice(0, 8), 16),
        lsn: BigInt(lsn),
        slots: Array.isArray(names) ? names.map(String) : [],
    };
}

async function repositoryFacts(revision: Revision, { number, name }: Repository): Promise<RepositoryFacts> {
    const only = `--repo=${number}`;
    const info = await readOf(revision, [only, "--output=json", "info"]);
    const report = readInfo(info ?? "", revision.stanza);
    if (report?.readable !== true)
        throw new Error(
            `the repository ${name} cannot be read: ${report?.problem ?? "pgbackrest info says nothing"}`,
        );
    const wal = rememberedWal(name);
    const ofIt = { number, name, backups: report.backups, gaps: wal.gaps, segmentSize: wal.size };
    if (report.archive === undefined) return { ...ofIt, histories: new Map(), ends: new Map() };
    const archive = `archive/${revision.stanza}/${report.archive.id}`;
    const list = (path: string) => readOf(revision, [only, "--output=json", "repo-ls", path]);
    const names = readNames((await list(archive)) ?? "") ?? [];
    return {
        ...ofIt,
        histories: await histories(names, (file) =>
            readOf(revision, [only, "repo-get", `${archive}/${file}`]),
        ),
        ends: await ends(names, (directory) => list(`${archive}/${directory}`)),
    };
}

async function histories(
    names: readonly string[],
    read: (file: string) => Promise<string | undefined>,
): Promise<Map<number, readonly Switch[]>> {
    const found = new Map<number, readonly Switch[]>();
    for (const file of names) {
        const timeline = HISTORY.exec(file)?.[1];
        if (timeline === undefined) continue;
        const content = await read(file);
        if (content !== undefined) found.set(Number.parseInt(timeline, 16), readHistory(content));
    }
    return found;
}

/** The newest segment of each timeline: the last in its last directory that has one. */
async function ends(
    names: readonly string[],
    list: (directory: string) => Promise<string | undefined>,
): Promise<Map<number, WalEnd>> {
    const found = new Map<number, WalEnd>();
    for (const directory of names
        .filter((name) => DIRECTORY.test(name))
        .sort()
        .reverse()) {
        const timeline = Number.parseInt(directory.slice(0, 8), 16);
        if (found.has(timeline)) continue;
        const newest = [...(readSegments((await list(directory)) ?? "") ?? [])].sort().at(-1);
        if (newest !== undefined) found.set(timeline, { segment: newest[0], time: newest[1] });
    }
    return found;
}

/** What the backup service knows of gaps, where its state is mounted. */
function rememberedWal(name: string) {
    try {
        const state = readState(readFileSync(join(PLACES.state, "state.json"), "utf8"));
        return state?.repositories[name]?.wal ?? NO_WAL;
    } catch {
        return NO_WAL;
    }
}

function freeBytes(): number | undefined {
    try {
        const { bavail, bsize } = statfsSync(PLACES.data);
        return bavail * bsize;
    } catch {
        return undefined;
    }
}
