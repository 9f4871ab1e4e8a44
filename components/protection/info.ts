import * as v from "valibot";
import { fromJson } from "../fields";
import { readLsn } from "./lsn";

/** A backup that is in a repository. */
export interface Backup {
    readonly label: string;
    readonly type: "full" | "diff" | "incr";
    /** Has it found pages whose checksum is wrong? */
    readonly damaged: boolean;
    /** Labels of the backups that it needs. */
    readonly needs: readonly string[];
    /** 1 for the first repository. */
    readonly repository: number;
    /** Seconds since the epoch. */
    readonly start: number;
    readonly stop: number;
    /** Bytes that it has added to the repository. */
    readonly added: number;
    /** Bytes of the database that it has copied; 0 where that is not known. */
    readonly copied?: number;
    /** Bytes of the database when it is restored; 0 where that is not known. */
    readonly size: number;
    /** From where to where it needs WAL to be consistent; nothing where that is not known. */
    readonly lsn: { readonly start: bigint; readonly stop: bigint } | undefined;
    /** The segments without which it cannot be restored; nothing where it has none of its own. */
    readonly wal: { readonly first: string; readonly last: string } | undefined;
}

/** What `pgbackrest info` says of a stanza. */
export interface Report {
    /** In the order they were taken. */
    readonly backups: readonly Backup[];
    /** Could the stanza be read? It may be without a backup yet. */
    readonly readable: boolean;
    /** Why it could not, in pgBackRest's words. */
    readonly problem: string;
    /** How far a backup is that runs now, in bytes; nothing before it knows how much there is. */
    readonly progress: { readonly done: number; readonly all: number } | undefined;
    /** The directory of the running PostgreSQL's WAL in the repository, and the newest segment there; nothing before there is one. */
    readonly archive: { readonly id: string; readonly newest: string } | undefined;
}

const text = v.optional(v.string(), "");
const count = v.nullish(v.number(), 0);

const Info = v.array(
    v.object({
        name: v.string(),
        status: v.optional(
            v.object({
                code: v.number(),
                lock: v.optional(
                    v.object({
                        backup: v.optional(v.object({ size: count, "size-cplt": count })),
                    }),
                ),
            }),
        ),
        backup: v.optional(
            v.array(
                v.object({
                    label: v.string(),
                    type: v.picklist(["full", "diff", "incr"]),
                    error: v.nullish(v.boolean(), false),
                    reference: v.nullish(v.array(v.string()), []),
                    database: v.object({ "repo-key": v.number() }),
                    timestamp: v.object({ start: v.number(), stop: v.number() }),
                    archive: v.nullish(
                        v.object({ start: v.nullish(v.string()), stop: v.nullish(v.string()) }),
                    ),
                    lsn: v.optional(v.object({ start: v.string(), stop: v.string() })),
                    info: v.optional(
                        v.object({
                            ...{ size: count, delta: count },
                            repository: v.optional(v.object({ delta: count })),
                        }),
                    ),
                }),
            ),
            [],
        ),
        repo: v.optional(v.array(v.object({ status: v.object({ message: text }) }))),
        archive: v.optional(v.array(v.object({ id: v.string(), max: v.nullish(v.string()) })), []),
    }),
);

/** Ok, and ok but without a backup. Whatever else pgBackRest says, it could not read the stanza. */
const READABLE = [0, 2];

/** What `pgbackrest info --output=json` printed about a stanza; nothing when it is something else. */
export function readInfo(json: string, stanza: string): Report | undefined {
    const found = fromJson(Info, json)?.find(({ name }) => name === stanza);
    if (found === undefined) return undefined;
    // After an upgrade of PostgreSQL there is one more, and the last is in use.
    const archive = found.archive.at(-1);
    const { size = 0, "size-cplt": done = 0 } = found.status?.lock?.backup ?? {};
    return {
        backups: found.backup
            .map((backup) => ({
                label: backup.label,
                type: backup.type,
                damaged: backup.error,
                needs: backup.reference,
                repository: backup.database["repo-key"],
                ...backup.timestamp,
                added: backup.info?.repository?.delta ?? 0,
                copied: backup.info?.delta ?? 0,
                size: backup.info?.size ?? 0,
                lsn: positions(backup.lsn?.start, backup.lsn?.stop),
                wal: segments(backup.archive?.start, backup.archive?.stop),
            }))
            .sort((a, b) => a.stop - b.stop),
        problem: (found.repo ?? []).map(({ status }) => status.message).join("; "),
        readable: READABLE.includes(found.status?.code ?? -1),
        progress: size > 0 ? { done, all: size } : undefined,
        archive: archive === undefined ? undefined : { id: archive.id, newest: archive.max ?? "" },
    };
}

function segments(first: string | null | undefined, last: string | null | undefined): Backup["wal"] {
    return typeof first === "string" && typeof last === "string" ? { first, last } : undefined;
}

function positions(start = "", stop = ""): Backup["lsn"] {
    const [first, last] = [readLsn(start), readLsn(stop)];
    return first === undefined || last === undefined ? undefined : { start: first, stop: last };
}
