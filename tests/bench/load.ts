import type { Running } from "../e2e/running";
import { amount } from "./measure";

/** How many WAL segments wait to be archived after `load`. */
export const SEGMENTS = amount(24, 2);
const SCALE = amount(30, 1);
const INCOMPRESSIBLE_MB = amount(100, 1);
const STATUS = "/var/lib/postgresql/data/pg_wal/archive_status";

/**
 * Fills the database: what pgbench makes, which compresses well, and a table that does not. Then leaves WAL to archive: that of the
 * second table and of pgbench's transactions. The archiver is idle from here on, so that the same segments can be pushed again
 * and again. Gives the size of all databases in MB.
 */
export async function load(running: Running): Promise<number> {
    const pgbench = (...args: readonly string[]) =>
        running.mustExec("postgres", "env", "PGOPTIONS=-c synchronous_commit=off", "pgbench", ...args, "app");
    // Configuring it away is for the program alone; a stopped process archives nothing either.
    const archiver = await running.sql("select pid from pg_stat_activity where backend_type = 'archiver'");
    await running.mustExec("postgres", "sh", "-c", `kill -STOP ${archiver}`);
    await pgbench("--initialize", "--quiet", "--scale", String(SCALE));
    // Autovacuum comes when it likes, and writes WAL.
    for (const table of ["accounts", "branches", "history", "tellers"])
        await running.sql(`alter table pgbench_${table} set (autovacuum_enabled = off)`, "app");
    await running.sql("checkpoint");
    await running.sql("select pg_switch_wal()");
    await keep(running, 0);
    await running.sql(
        `create extension pgcrypto; create table noise with (autovacuum_enabled = off) as select gen_random_bytes(1000) from generate_series(1, ${INCOMPRESSIBLE_MB * 1000})`,
        "app",
    );
    while ((await waiting(running)) < SEGMENTS)
        await pgbench("--no-vacuum", "--client=4", "--jobs=2", "--time=3");
    // Nothing is left to be written in the background while it is measured, and archive_timeout has nothing to switch for.
    await running.sql("checkpoint");
    await running.sql("select pg_switch_wal()");
    return Number(await running.sql("select sum(pg_database_size(oid)) / 1e6 from pg_database"));
}

async function waiting(running: Running): Promise<number> {
    return Number(await running.mustExec("postgres", "sh", "-c", `ls ${STATUS} | grep -c ready || true`));
}

/** Marks all segments that wait as archived except the first ones. */
export async function keep(running: Running, first = SEGMENTS): Promise<void> {
    const surplus = `ls | grep 'ready$' | tail --lines=+${first + 1}`;
    const mark = `${surplus} | while read -r name; do mv "$name" "\${name%.ready}.done"; done`;
    await running.mustExec("postgres", "sh", "-c", `cd ${STATUS} && ${mark}`);
    const left = await waiting(running);
    if (left !== first) throw new Error(`${left} segments wait, not ${first}`);
}
