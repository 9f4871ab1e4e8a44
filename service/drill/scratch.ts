import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PLACES } from "../../components/docker/places";
import { ask, type Answer } from "../psql";
import { endedOrStopped, start } from "../child";
import { Server } from "../restore/server";

/**
 * What the drill's PostgreSQL has besides: nothing runs in it but what the drill asks. No background worker of an extension may start, no
 * trigger on a login or a definition fires, and what it writes need not last. Nor does it take what somebody has set for
 * another machine with `alter system`.
 */
const SETTINGS = {
    max_worker_processes: "0",
    max_parallel_workers: "0",
    archive_mode: "off",
    port: "5432",
    work_mem: "16MB",
    maintenance_work_mem: "128MB",
    default_transaction_read_only: "off",
    event_triggers: "off",
    restart_after_crash: "off",
    fsync: "off",
} as const;

/** A restored cluster that takes queries, on a socket that only this container has. */
export class Scratch {
    /** By itself. */
    hasEnded = false;

    private constructor(private readonly server: Server) {
        void server.ended.then(() => {
            this.hasEnded = true;
        });
    }

    /** @param serverArguments of the stack's own server */
    static async start(serverArguments: readonly string[], stop: AbortSignal): Promise<Scratch> {
        const libraries = await librariesOf(serverArguments);
        const server = await Server.start(
            serverArguments,
            { ...SETTINGS, shared_preload_libraries: libraries },
            () => undefined,
        );
        const interrupt = (): void => void server.stop();
        stop.addEventListener("abort", interrupt);
        try {
            await server.until(({ isReady }) => isReady);
        } finally {
            stop.removeEventListener("abort", interrupt);
        }
        return new Scratch(server);
    }

    ask(database: string, sql: string, seconds: number, stop: AbortSignal): Promise<Answer> {
        return ask(sql, { host: PLACES.scratch, user: "postgres", database, seconds, stop });
    }

    /** What a query gives as JSON. */
    async list(database: string, sql: string, stop: AbortSignal): Promise<readonly unknown[]> {
        const { ok, output, errors } = await this.ask(database, sql, 300, stop);
        if (!ok) throw new Error(errors);
        const rows: unknown = JSON.parse(output);
        return Array.isArray(rows) ? rows.map((row: unknown) => row) : [];
    }

    async databases(stop: AbortSignal): Promise<string[]> {
        const rows = await this.list(
            "postgres",
            "select coalesce(json_agg(datname order by datname), '[]') from pg_database where datallowconn and datconnlimit <> -2",
            stop,
        );
        return rows.map(String);
    }

    /** Why it ended. */
    get failure(): string {
        return this.server.log.failure;
    }

    stop(): Promise<void> {
        return this.server.stop();
    }
}

/** With what the stack's own server would load, from wherever it has that. */
async function librariesOf(serverArguments: readonly string[]): Promise<string> {
    const published = ["-c", `config_file=${PLACES.published}/postgresql.conf`];
    const args = ["-D", PLACES.data, ...published, ...serverArguments, "-C", "shared_preload_libraries"];
    const { stdout } = await promisify(execFile)("postgres", args);
    return stdout.trim();
}

/** Runs a program of PostgreSQL's to its end. */
export async function run(
    command: string,
    args: readonly string[],
    stop: AbortSignal,
    onLine: (line: string) => void,
): Promise<{ readonly status: number | null; readonly lines: readonly string[] }> {
    const lines: string[] = [];
    const process = start(command, args, {
        shown: false,
        onLine: (line) => {
            lines.push(line);
            onLine(line);
        },
    });
    const { status } = await endedOrStopped(process, stop);
    return { status, lines };
}
