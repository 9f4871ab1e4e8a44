import { execFile } from "node:child_process";
import { PLACES } from "../components/docker/places";

export interface Answer {
    readonly ok: boolean;
    /** Columns of the one row, or rows, as `psql -A -t` prints them. */
    readonly output: string;
    /** Apart from that: a database may have warnings at each connection, such as one about the version of its collation. */
    readonly errors: string;
}

/**
 * Asks PostgreSQL over a socket.
 * @param stop ends what is being asked
 * @param seconds that it may take
 */
export function ask(
    sql: string,
    { stop, host = PLACES.sockets, user = "pgbackrest", database = "postgres", seconds = 5 }: AskOptions = {},
): Promise<Answer> {
    const args = ["-X", "-A", "-t", "-q", "-h", host, "-U", user, "-d", database, "-c", sql];
    const env = { ...process.env, PGCONNECT_TIMEOUT: "5", PGOPTIONS: `-c statement_timeout=${seconds}s` };
    const options = { env, timeout: (seconds + 5) * 1000, killSignal: "SIGKILL", signal: stop } as const;
    return new Promise((resolve) => {
        execFile("psql", args, options, (error, stdout, stderr) => {
            const errors = stderr === "" ? (error?.message ?? "") : stderr;
            resolve({ ok: error === null, output: stdout.trim(), errors });
        });
    });
}

interface AskOptions {
    readonly stop?: AbortSignal;
    readonly host?: string;
    readonly user?: string;
    readonly database?: string;
    readonly seconds?: number;
}
