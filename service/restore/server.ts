import { execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { PLACES } from "../../components/docker/places";
import { declaredMinimums, enough } from "../../components/restore/minimums";
import { RecoveryLog } from "../../components/restore/serverLog";
import { ask, type Answer } from "../psql";

/**
 * Nobody reaches it and it does nothing by itself: no subscription, no job scheduler, no archiving (segments wait for PostgreSQL's own start),
 * and neither streams from another server nor runs commands of a recovery, which postgresql.auto.conf may have. What it needs of memory is
 * small, and checkpoints are rare, because it has to be fast only.
 */
const ALONE = {
    config_file: `${PLACES.scratch}/restore.conf`,
    hba_file: `${PLACES.scratch}/restore-hba.conf`,
    ident_file: `${PLACES.scratch}/restore.conf`,
    listen_addresses: "",
    unix_socket_directories: PLACES.scratch,
    archive_command: "",
    archive_library: "",
    archive_cleanup_command: "",
    recovery_end_command: "",
    primary_conninfo: "",
    max_logical_replication_workers: "0",
    shared_preload_libraries: "",
    autovacuum: "off",
    shared_buffers: "128MB",
    huge_pages: "off",
    logging_collector: "off",
    log_destination: "stderr",
    log_line_prefix: "",
    log_checkpoints: "off",
    log_min_messages: "warning",
    lc_messages: "C",
    ssl: "off",
    checkpoint_timeout: "1h",
    max_wal_size: "16GB",
} as const;

/** A PostgreSQL on the restored data, for nothing but its recovery. */
export class Server {
    readonly log = new RecoveryLog();
    readonly #exited: Promise<number | null>;
    readonly #end: () => void;
    #waiting: (() => void) | undefined;

    private constructor(args: readonly string[], onLine: (line: string, log: RecoveryLog) => void) {
        const child = spawn("postgres", ["-D", PLACES.data, ...args], { stdio: ["ignore", "pipe", "pipe"] });
        for (const stream of [child.stdout, child.stderr])
            createInterface({ input: stream }).on("line", (line) => {
                this.log.take(line);
                onLine(line, this.log);
                this.#waiting?.();
            });
        this.#end = () => {
            child.kill("SIGINT");
        };
        this.#exited = new Promise((resolve) => {
            child.once("error", (error) => {
                this.log.take(`FATAL:  ${error.message}`);
                resolve(null);
            });
            child.once("close", resolve);
        });
    }

    /**
     * @param recovery settings of the recovery, and others that count more than those that all have
     * @param declared arguments of the server that will run on these data: what they say of what WAL holds counts here, too
     */
    static async start(
        declared: readonly string[],
        recovery: Readonly<Record<string, string>>,
        onLine: (line: string, log: RecoveryLog) => void,
    ): Promise<Server> {
        writeFileSync(ALONE.config_file, "");
        // Its socket is where only this container is.
        writeFileSync(ALONE.hba_file, "local all postgres peer\n");
        const minimums = enough(declaredMinimums(declared), await controlData());
        const settings = { ...ALONE, ...Object.fromEntries(minimums), ...recovery };
        const own = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
        return new Server([...declared, ...own], onLine);
    }

    /** Resolves when it has ended, for whatever reason. */
    get ended(): Promise<unknown> {
        return this.#exited;
    }

    /** Waits for what its log says; throws why it ended before that. */
    async until(reached: (log: RecoveryLog) => boolean): Promise<void> {
        const ended = { yet: false };
        void this.#exited.then(() => {
            ended.yet = true;
            this.#waiting?.();
        });
        while (!reached(this.log)) {
            if (ended.yet) throw new RecoveryFailed(this.log.failure, this.log.lastCommit);
            await new Promise<void>((resolve) => {
                this.#waiting = resolve;
                if (ended.yet) resolve();
            });
        }
    }

    ask(sql: string, seconds = 60): Promise<Answer> {
        return ask(sql, { host: PLACES.scratch, user: "postgres", seconds });
    }

    /** A fast shutdown: what it replayed until its last checkpoint need not be replayed again. */
    async stop(): Promise<void> {
        this.#end();
        await this.#exited;
    }
}

/** The recovery ended before it was where it should go. */
export class RecoveryFailed extends Error {
    /** @param lastCommit on the way, as PostgreSQL writes it */
    constructor(
        message: string,
        readonly lastCommit: string | undefined,
    ) {
        super(message);
    }

    /** Was there no more WAL before the target? */
    get isAtEnd(): boolean {
        return this.message.includes("before configured recovery target was reached");
    }
}

/** What pg_controldata says, by its labels. */
export async function controlData(): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await promisify(execFile)("pg_controldata", [PLACES.data], {
        env: { ...process.env, LC_ALL: "C" },
    });
    return new Map(
        stdout.split("\n").map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon), line.slice(colon + 1).trim()];
        }),
    );
}
