import { type ChildProcess, spawn } from "node:child_process";
import { get } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { PLACES } from "../components/docker/places";
import { MONITORING_ROLE } from "../components/monitoring/serving";

const EXPORTER = "prometheus-postgres-exporter";
/** In the container alone. */
const ADDRESS = "127.0.0.1:9187";
/** What one answer may take, with what the start of the exporter takes: milliseconds. Prometheus itself waits for ten seconds. */
const PATIENCE = 9000;
const POLL = 50;

/** No password: over the socket the operating system's user is proof enough. */
const sourceOf = (database: string): string =>
    `host=${PLACES.sockets} user=${MONITORING_ROLE} dbname=${database} application_name=metrics connect_timeout=5 sslmode=disable`;

/** PostgreSQL's own figures, by an exporter that begins when somebody asks for them and is made anew when it has ended. */
export class PostgresqlMetrics {
    #child: ChildProcess | undefined;
    #gone: Promise<void> = Promise.resolve();
    #database: string | undefined;
    /** What was said, and is not said at each scrape. */
    readonly #said = new Set<string>();

    constructor(
        private readonly say: (text: string) => void,
        private readonly exporter = EXPORTER,
    ) {}

    /** Of this database from now on, or of none. */
    follow(database: string | undefined): void {
        if (database === this.#database) return;
        this.stop();
        this.#database = database;
    }

    stop(): void {
        this.#database = undefined;
        this.#child?.kill();
        this.#child = undefined;
    }

    /** Nothing where they are not served. */
    async text(): Promise<string | undefined> {
        const database = this.#database;
        if (database === undefined) return undefined;
        const until = performance.now() + PATIENCE;
        // The one before it has the port until then.
        if (this.#child === undefined) await this.#gone;
        const child = (this.#child ??= this.start(database));
        for (;;) {
            const answer = await answerOf(until - performance.now());
            if (answer !== undefined) {
                if (/^pg_up 1$/m.test(answer)) this.#said.clear();
                return answer;
            }
            if (this.#child !== child || performance.now() + POLL > until)
                throw new Error(`${EXPORTER} does not answer`);
            await sleep(POLL);
        }
    }

    private start(database: string): ChildProcess {
        // One thread and little memory: it shares those of the backups. The environment of the service has nothing that it needs.
        const env = {
            PATH: process.env["PATH"],
            DATA_SOURCE_NAME: sourceOf(database),
            ...{ GOMAXPROCS: "1", GOMEMLIMIT: "32MiB" },
        };
        const args = [`--web.listen-address=${ADDRESS}`, "--log.level=error"];
        const child = spawn(this.exporter, args, { env, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
        createInterface({ input: child.stderr }).on("line", (line) => {
            this.sayOnce(/\berr="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line);
        });
        this.#gone = new Promise((resolve) => {
            const ended = (text: string): void => {
                if (this.#child === child) {
                    this.#child = undefined;
                    this.sayOnce(text);
                }
                resolve();
            };
            child.once("error", (error) => {
                ended(error.message);
            });
            child.once("exit", (status, signal) => {
                ended(`${EXPORTER} has ended (${signal ?? status ?? "?"})`);
            });
        });
        return child;
    }

    private sayOnce(text: string): void {
        if (this.#said.has(text)) return;
        this.#said.add(text);
        this.say(`ERROR: PostgreSQL's own metrics: ${text}`);
    }
}

/** What the exporter answers; nothing while it does not listen. */
function answerOf(patience: number): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(Math.max(1, Math.round(patience)));
        const request = get(`http://${ADDRESS}/metrics`, { signal, agent: false }, (response) => {
            const parts: Buffer[] = [];
            response
                .on("data", (part: Buffer) => parts.push(part))
                .on("error", reject)
                .on("end", () => {
                    if (response.statusCode === 200) resolve(Buffer.concat(parts).toString("utf8"));
                    else reject(new Error(`${EXPORTER} answers with status ${response.statusCode ?? "?"}`));
                });
        });
        request.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code === "ECONNREFUSED") resolve(undefined);
            else reject(error);
        });
    });
}
