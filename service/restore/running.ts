import { setTimeout as sleep } from "node:timers/promises";
import { laterSegment } from "../../components/protection/wal";
import type { Running } from "../../components/restore/facts";
import { MINIMUMS, type Minimums, readMinimums } from "../../components/restore/minimums";
import { ask } from "../psql";
import { now } from "./job";

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

/**
 * Has the running database archive what it has written, with a checkpoint, before which nothing has to be replayed again, and with a commit
 * of now: without one later than the target PostgreSQL would not know that it is there.
 * @returns the last segment; nothing where it does not answer, or does not archive
 */
export async function archiveAll(say: (text: string) => void): Promise<string | undefined> {
    await ask("checkpoint", { seconds: 300 });
    // One after the other: what is in one transaction is committed behind its last statement.
    await ask("select pg_logical_emit_message(true, 'pgbackrest', 'restore')");
    const { ok, output: last } = await ask("select pg_walfile_name(pg_switch_wal())");
    if (!ok) {
        say("the running database does not answer: what it has not archived is not replayed");
        return undefined;
    }
    for (const late = now() + ARRIVAL; now() < late;) {
        await sleep(POLL);
        const { output } = await ask("select coalesce(last_archived_wal, '') from pg_stat_archiver");
        // A history file may have come last.
        if (laterSegment(output, last) === output) return last;
    }
    say(
        `the running database has not archived ${last} in ${ARRIVAL} s: what it has not archived is not replayed`,
    );
    return undefined;
}
