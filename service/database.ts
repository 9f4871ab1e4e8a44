import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { PLACES } from "../components/docker/places";
import { oneLine } from "../components/protection/text";
import { type Archiving, LONGEST_WAIT } from "../components/protection/verdict";
import { forkOf, timelineOf } from "../components/protection/wal";
import { waitingSegments } from "./archiveStatus";
import { type Answer, ask } from "./psql";

const ARCHIVE_STATUS = `${PLACES.data}/pg_wal/archive_status`;

/**
 * What fails, if that is so, and the segment of it; the one that was archived last, or another of the archiver's files; bytes of a segment;
 * the timeline that is written; the revision whose files were read, and the settings that wait for a restart; what was forgotten: a slot that holds more than so many bytes, and a transaction that was prepared longer than an interval ago.
 */
export const archiverQuery = (heldBytes: number, prepared: string): string => `select
    case when last_failed_time > coalesce(last_archived_time, '-infinity')
        then 'since ' || last_failed_time || ' with ' || last_failed_wal end,
    last_failed_wal,
    last_archived_wal,
    pg_size_bytes(current_setting('wal_segment_size')),
    case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
    current_setting('pgbackrest.revision', true),
    (select string_agg(name, ', ' order by name) from pg_settings where pending_restart),
    (select format('the replication slot %1$s, which nobody reads, holds %2$s of WAL: let its reader go on, or drop it with '
            'select pg_drop_replication_slot(%1$L)', slot_name, pg_size_pretty(held))
        from pg_replication_slots, lateral pg_wal_lsn_diff(
            case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn) held
        where not active and held > ${heldBytes} order by held desc limit 1),
    (select format('the prepared transaction %L in database %s is neither committed nor rolled back since %s: it keeps its locks and '
            'all dead rows', gid, database, prepared)
        from pg_prepared_xacts where prepared < now() - interval '${prepared}' order by prepared limit 1)
    from pg_stat_archiver`;

/**
 * A commit that is in no table: by the time of the newest one that it has recovered, a drill tells how much would have been lost. It waits for
 * no standby, which may be away.
 */
export const COMMIT =
    "set synchronous_commit to local; select pg_logical_emit_message(true, 'pgbackrest', '')";

/** Of the timeline of a segment: the server keeps the history of the one on which it is. */
function fork(last: string, segmentSize: number): string | undefined {
    const timeline = timelineOf(last);
    try {
        return forkOf(
            timeline,
            readFileSync(`${PLACES.data}/pg_wal/${timeline}.history`, "utf8"),
            segmentSize,
        );
    } catch {
        return undefined;
    }
}

/** PostgreSQL, asked over its socket as the role of the backup service. */
export class Database {
    /** @param stop ends what is being asked */
    constructor(private readonly stop: AbortSignal) {}

    async answers(): Promise<boolean> {
        return (await this.ask("select")).ok;
    }

    async archiving(): Promise<Archiving> {
        const { ok, output, errors } = await this.ask(archiverQuery(2 ** 30, "1 hour"));
        if (!ok) return { unreachable: oneLine(errors, 500) };
        const [failing = "", failed = "", last = "", segmentSize = "", timeline = "", ...more] =
            output.split("|");
        const [loaded = "", pending = "", slot = "", ...rest] = more;
        const forgotten = [slot, rest.join("|")].filter((text) => text !== "").join("; ");
        const { count, old } = waitingSegments(ARCHIVE_STATUS, Date.now() - LONGEST_WAIT * 60_000);
        return {
            ...(failing === "" ? {} : { failing, failed }),
            ...(old === undefined ? {} : { waiting: old.first, late: old.last }),
            ...(forgotten === "" ? {} : { forgotten }),
            ...(loaded === "" ? {} : { loaded: basename(loaded) }),
            ...(pending === "" ? {} : { pending }),
            backlog: count,
            archived: {
                ...{ last, segmentSize: Number(segmentSize), fork: fork(last, Number(segmentSize)) },
                ...(timeline === "" ? {} : { timeline }),
            },
        };
    }

    /** Fails where the database is away, or recovers. */
    async commit(): Promise<boolean> {
        return (await this.ask(COMMIT)).ok;
    }

    private ask(sql: string): Promise<Answer> {
        return ask(sql, { stop: this.stop });
    }
}
