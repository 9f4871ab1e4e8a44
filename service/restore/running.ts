import { setTimeout as sleep } from "node:timers/promises";
import { laterSegment } from "../../components/protection/wal";
import type { Running } from "../../components/restore/facts";
import { MINIMUMS, type Minimums, readMinimums } from "../../components/restore/minimums";
import { ask } from "../psql";
import type { Revision } from "../world";
import { now } from "./job";
import { infoOf } from "./pgbackrest";

export interface RunningDatabase {
    readonly running: Running;
    /** Into which it writes. */
    readonly segment: string;
    /** Bytes */
    readonly segmentSize: number;
    readonly minimums: Minimums | undefined;
}

/** Seconds that the last WAL of the running database may take to arrive, and milliseconds between two looks. */
const ARRIVAL = 600;
const POLL = 300;
/** Seconds within which each of several repositories has to say what it has got. */
const PATIENCE = 20;

/** The database that serves, asked over its socket; nothing where none answers. */
export async function runningDatabase(): Promise<RunningDatabase | undefined> {
    const { ok, output } = await ask(
        `select pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn() - '0/0',
            pg_size_bytes(current_setting('wal_segment_size')),
            (select json_object_agg(name, setting::int) from pg_settings where name in ('${MINIMUMS.join("', '")}')),
            coalesce((select json_agg(slot_name) from pg_replication_slots), '[]')
        where not pg_is_in_recovery()`,
    );
    const [segment = "", lsn = "", size = "", minimums = "", ...slots] = output.split("|");
    if (!ok || segment === "") return undefined;
    const names: unknown = JSON.parse(slots.join("|"));
    return {
        running: {
            timeline: Number.parseInt(segment.slice(0, 8), 16),
            lsn: BigInt(lsn),
            slots: Array.isArray(names) ? names.map(String) : [],
        },
        segment,
        segmentSize: Number(size),
        minimums: readMinimums(minimums),
    };
}

export interface Archived {
    /** The last segment that was to arrive. */
    readonly segment: string;
    /** Names of the repositories in which it is. */
    readonly repositories: readonly string[] | "all";
}

/**
 * Has the running database archive what it has written, with a checkpoint, before which nothing has to be replayed again, and with a commit
 * of now: without one later than the target PostgreSQL would not know that it is there. One repository that gets it is enough where there are
 * several: PostgreSQL itself waits for all of them.
 * @returns nothing where it does not answer, or does not archive
 */
export async function archiveAll(
    revision: Revision,
    say: (text: string) => void,
): Promise<Archived | undefined> {
    await ask("checkpoint", { seconds: 300 });
    // One after the other: what is in one transaction is committed behind its last statement.
    await ask("select pg_logical_emit_message(true, 'pgbackrest', 'restore')");
    const { ok, output: segment } = await ask("select pg_walfile_name(pg_switch_wal())");
    if (!ok) {
        say("the running database does not answer: what it has not archived is not replayed");
        return undefined;
    }
    for (const late = now() + ARRIVAL; now() < late;) {
        await sleep(POLL);
        const { output } = await ask(
            `select coalesce(last_archived_wal, ''), coalesce(last_failed_time > last_archived_time, last_failed_time is not null)
            from pg_stat_archiver`,
        );
        const [last = "", isFailing = ""] = output.split("|");
        // A history file may have come last.
        if (laterSegment(last, segment) === last) return { segment, repositories: "all" };
        const repositories = isFailing === "t" ? await withSegment(revision, segment) : [];
        if (repositories.length === 0) continue;
        const lacking = revision.repositories.filter(({ name }) => !repositories.includes(name));
        say(
            `not in ${lacking.map(({ name }) => name).join(", ")} yet: ${segment}; it is in ${repositories.join(", ")}`,
        );
        return { segment, repositories };
    }
    say(
        `the running database has not archived ${segment} in ${ARRIVAL} s: what it has not archived is not replayed`,
    );
    return undefined;
}

/** Names of the repositories in which a segment is; where there is only one, PostgreSQL knows. */
async function withSegment(revision: Revision, segment: string): Promise<readonly string[]> {
    if (revision.repositories.length < 2) return [];
    const found = await Promise.all(
        revision.repositories.map(async ({ name, number }) => {
            const { report } = await infoOf(revision, number, [], AbortSignal.timeout(PATIENCE * 1000));
            const newest = report?.archive?.newest ?? "";
            return newest !== "" && laterSegment(newest, segment) === newest ? [name] : [];
        }),
    );
    return found.flat();
}
