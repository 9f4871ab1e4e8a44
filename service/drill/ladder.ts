// What is tried with a restored cluster, from the bottom up.
import { PLACES } from "../../components/docker/places";
import type { DrillWish } from "../../components/drill/wish";
import { oneLine } from "../../components/protection/text";
import { cpus } from "../restore/backup";
import { controlData } from "../restore/server";
import { Failed, Unverified } from "./outcome";
import { run, type Scratch } from "./scratch";

/** Seconds that a query of the user's, and a count, may take; and all counts. */
const QUERY_SECONDS = 3600;
const COUNT_SECONDS = 60;
const COUNTS_SECONDS = 600;
/** More tables are not counted. */
const MOST_COUNTS = 500;

export interface Tried {
    readonly scratch: Scratch;
    readonly stop: AbortSignal;
    /** How far it is. */
    readonly tell: (text: string) => void;
    /** What was not tested, for people. */
    readonly skip: (text: string) => void;
}

const INDEXES = `select coalesce(json_agg(kind || ' (' || many || ')' order by kind), '[]') from (
    select amname as kind, count(*) as many from pg_class join pg_am on pg_am.oid = relam where relkind = 'i' and amname <> 'btree' group by 1)`;

/** Every table and index in its own structure, and each index beside its table. */
export async function amcheck({ scratch, stop, tell, skip }: Tried): Promise<string> {
    for (const database of await scratch.databases(stop)) {
        const kinds = await scratch.list(database, INDEXES, stop);
        if (kinds.length > 0)
            skip(`what is in the indexes of ${database} that are no btree: ${kinds.join(", ")}`);
    }
    const where = ["--host", PLACES.scratch, "--username", "postgres", "--maintenance-db", "postgres"];
    const what = ["--all", "--install-missing", "--heapallindexed", "--jobs", String(cpus()), "--progress"];
    const { status, lines } = await run("pg_amcheck", [...where, ...what], stop, (line) => {
        const percent = / \((\d+)%\) pages/.exec(line)?.[1] ?? /pages \((\d+)%\)/.exec(line)?.[1];
        if (percent !== undefined) tell(`checking tables and indexes: ${percent} %`);
    });
    const said = lines.filter((line) => !/^\d+\/\d+ relations/.test(line.trim()));
    if (status === 2) throw new Failed(`pg_amcheck: ${oneLine(said.slice(0, 4).join(" "), 500)}`);
    if (status !== 0) throw new Unverified(`pg_amcheck: ${oneLine(said.join(" "), 500)}`);
    return "tables and btree indexes are sound";
}

/** What the user asks, and what he expects. */
export async function queries({ scratch, stop, tell }: Tried, wanted: DrillWish["queries"]): Promise<string> {
    const failed: string[] = [];
    for (const [name, { database, sql, expect }] of Object.entries(wanted)) {
        tell(`query ${name}`);
        const { ok, output, errors } = await scratch.ask(database, sql, QUERY_SECONDS, stop);
        if (!ok) failed.push(`query ${name}: ${oneLine(errors, 300)}`);
        else if (output.trim() !== expect.trim())
            failed.push(
                `query ${name}: expected ${JSON.stringify(oneLine(expect, 200))}, got ${JSON.stringify(oneLine(output, 200))}`,
            );
    }
    if (failed.length > 0) throw new Failed(failed.join("; "));
    const many = Object.keys(wanted).length;
    return `${many} ${many === 1 ? "query" : "queries"} as expected`;
}

const TABLES = `select coalesce(json_agg(format('%I.%I', nspname, relname) order by nspname, relname), '[]')
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and relpersistence = 'p' and nspname <> 'information_schema' and nspname !~ '^pg_'`;
const UNLOGGED = `select json_build_array(count(*)) from pg_class where relkind = 'r' and relpersistence = 'u'`;

/** Rows of all tables, as far as that takes little time. */
export async function counts({ scratch, stop, tell, skip }: Tried): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    const skipped: string[] = [];
    const until = Date.now() + COUNTS_SECONDS * 1000;
    for (const database of await scratch.databases(stop)) {
        const [unlogged] = await scratch.list(database, UNLOGGED, stop);
        if (unlogged !== 0)
            skip(`rows of ${String(unlogged)} unlogged tables of ${database}: no backup has them`);
        for (const table of (await scratch.list(database, TABLES, stop)).map(String)) {
            const name = `${database}.${table}`;
            const isTooMuch = Object.keys(found).length >= MOST_COUNTS || Date.now() > until;
            tell(`counting rows`);
            const { ok, output } = isTooMuch
                ? { ok: false, output: "" }
                : await scratch.ask(database, `select count(*) from only ${table}`, COUNT_SECONDS, stop);
            if (ok) found[name] = Number(output);
            else skipped.push(name);
        }
    }
    if (skipped.length > 0) {
        const more = skipped.length > 5 ? ` and ${skipped.length - 5} others` : "";
        skip(`how many rows ${skipped.slice(0, 5).join(", ")}${more} have: counting takes too long`);
    }
    return found;
}

/** The checksum of every page. @returns nothing where the cluster has none */
export async function checksums({ scratch, stop, tell }: Tried): Promise<string | undefined> {
    await scratch.stop();
    if ((await controlData()).get("Data page checksum version") === "0") return undefined;
    const args = ["--check", "--progress", "--pgdata", PLACES.data];
    const { status, lines } = await run("pg_checksums", args, stop, (line) => {
        const percent = /MB \((\d+)%\) computed/.exec(line)?.[1];
        if (percent !== undefined) tell(`checking pages: ${percent} %`);
    });
    const wrong = lines.filter((line) => line.includes("checksum verification failed"));
    if (wrong.length > 0)
        throw new Failed(`pages with a wrong checksum: ${oneLine(wrong.slice(0, 4).join(" "), 500)}`);
    if (status !== 0) throw new Unverified(`pg_checksums: ${oneLine(lines.join(" "), 500)}`);
    const blocks = lines.flatMap((line) => /Blocks scanned: +(\d+)/.exec(line)?.[1] ?? []).join("");
    return `all ${blocks} pages have the right checksum`;
}
