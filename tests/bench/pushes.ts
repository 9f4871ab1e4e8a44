import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Role, Running } from "../e2e/running";
import { keep } from "./load";

/** What one run of pgBackRest took. */
export interface Cost {
    readonly seconds: number;
    /** User and system time of all its processes. */
    readonly cpu: number;
    /** What is in its repository afterwards. */
    readonly megabytes: number;
}

type Work = (compression: string, path: string) => Promise<Omit<Cost, "megabytes">>;

/** The compression of the base template, as TYPE-LEVEL. */
export function defaultCompression(): string {
    const template = readFileSync(
        join(import.meta.dirname, "../../config/pgbackrest/pgbackrest.conf"),
        "utf8",
    );
    const [type, level] = ["type", "level"].map(
        (name) => new RegExp(`^compress-${name}=(.*)$`, "m").exec(template)?.[1] ?? "",
    );
    return `${type}-${level}`;
}

/**
 * Pushes all WAL that waits, with the very command that archive-push starts in the background. Nobody tells PostgreSQL, and each run
 * has a spool of its own, so all of it still waits afterwards.
 */
export function push(running: Running): Work {
    return async function wal(compression, path) {
        await createStanza(running, path);
        await keep(running);
        // Usually archive-push makes it.
        await running.mustExec("postgres", "mkdir", "-p", `/tmp${path}/archive/main/out`);
        const pushed = ["archive-push:async", "/var/lib/postgresql/data/pg_wal"];
        return timed(running, "postgres", compression, [
            `--repo1-path=${path}`,
            `--spool-path=/tmp${path}`,
            ...pushed,
        ]);
    };
}

/** A full backup without its WAL: the archiver is idle. */
export function backup(running: Running): Work {
    return async function full(compression, path) {
        await createStanza(running, path);
        return timed(running, "backup", compression, [
            `--repo1-path=${path}`,
            "--type=full",
            "--no-archive-check",
            "backup",
        ]);
    };
}

async function createStanza(running: Running, path: string): Promise<void> {
    await running.mustExec("backup", "pgbackrest", "--stanza=main", `--repo1-path=${path}`, "stanza-create");
}

async function timed(
    running: Running,
    role: Role,
    compression: string,
    args: readonly string[],
): Promise<Omit<Cost, "megabytes">> {
    const [type = "", level = ""] = compression.split("-");
    const compress = [`--compress-type=${type}`, `--compress-level=${level}`];
    // pgBackRest waits for its workers, so their times are in those of Bash's child.
    const script = 'TIMEFORMAT="took %3R %3U %3S"; time pgbackrest --stanza=main "$@"';
    const { ok, output } = await running.exec(role, "bash", "-c", script, "bash", ...compress, ...args);
    const took = /^took (\S+) (\S+) (\S+)$/m.exec(output);
    if (!ok || took === null) throw new Error(output);
    return { seconds: Number(took[1]), cpu: Number(took[2]) + Number(took[3]) };
}
