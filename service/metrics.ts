import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { figures, type Seen } from "../components/monitoring/figures";
import {
    hashToken,
    METRICS_PATH,
    METRICS_PORT,
    MONITORING,
    POSTGRESQL_PATH,
    readServing,
    type Serving,
} from "../components/monitoring/serving";
import { isMissing } from "./files";
import { PostgresqlMetrics } from "./postgresqlMetrics";
import type { World } from "./world";

/** Milliseconds between two looks whether it is published that figures are served. */
const LOOK_EVERY = 2000;
/** The text is made at most so often, however many ask: milliseconds. */
const NEW_EVERY = 1000;
/** More connections than these are refused, and slow ones ended: what asks too much takes nothing from the backups. */
const CONNECTIONS = 16;
const SLOWEST = 5000;

/** TLS as PostgreSQL has it: components/postgresql/owned.ts names the files. */
const CERTIFICATE = "files/server.crt";
const KEY = "files/server.key";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Serves the figures while it is published that they are. Nothing waits for it, and no error of it ends the service. */
export class Metrics {
    #server: Server | undefined;
    #revision = "";
    #timer: NodeJS.Timeout | undefined;
    readonly #postgresql: PostgresqlMetrics;
    readonly #own = new Lately(() => this.text());
    readonly #ofPostgresql = new Lately(() => this.#postgresql.text());

    constructor(
        private readonly world: Pick<World, "published" | "say">,
        private readonly seen: () => Seen | undefined,
        private readonly port = METRICS_PORT,
        exporter?: string,
    ) {
        this.#postgresql = new PostgresqlMetrics(world.say, exporter);
    }

    /** From now on. */
    follow(): void {
        this.look();
        this.#timer = setInterval(() => {
            this.look();
        }, LOOK_EVERY);
        this.#timer.unref();
    }

    stop(): void {
        clearInterval(this.#timer);
        this.end();
        this.#postgresql.follow(undefined);
    }

    private look(): void {
        const published = this.world.published();
        if (typeof published !== "object" || published.name === this.#revision) return;
        this.#revision = published.name;
        this.end();
        try {
            const serving = readServing(readFileSync(join(published.directory, MONITORING), "utf8"));
            this.#postgresql.follow(serving?.database);
            if (serving !== undefined) this.begin(serving, published.directory);
        } catch (error) {
            this.#postgresql.follow(undefined);
            if (!isMissing(error)) this.world.say(`ERROR: no metrics are served: ${String(error)}`);
        }
    }

    private begin(serving: Serving, directory: string): void {
        const content = (file: string) => readFileSync(join(directory, file));
        const answer = (request: IncomingMessage, response: ServerResponse): void => {
            void this.answer(serving, request, response);
        };
        const server = serving.tls
            ? createTlsServer({ cert: content(CERTIFICATE), key: content(KEY) }, answer)
            : createServer(answer);
        server.maxConnections = CONNECTIONS;
        server.headersTimeout = SLOWEST;
        server.requestTimeout = SLOWEST;
        server.setTimeout(SLOWEST * 4);
        server.on("error", (error) => {
            this.world.say(`ERROR: no metrics are served: ${error.message}`);
        });
        // What breaks off says nothing about what is served.
        server.on("tlsClientError", () => undefined);
        server.listen(this.port);
        this.#server = server;
    }

    private end(): void {
        this.#server?.close();
        this.#server?.closeAllConnections();
        this.#server = undefined;
    }

    private async answer(
        { token, database }: Serving,
        { url, method, headers }: IncomingMessage,
        response: ServerResponse,
    ): Promise<void> {
        const served = new Map([
            [METRICS_PATH, this.#own],
            ...(database === undefined ? [] : ([[POSTGRESQL_PATH, this.#ofPostgresql]] as const)),
        ]);
        const texts = served.get(url?.split("?")[0] ?? "");
        const end = (status: number, content: string, more: Readonly<Record<string, string>> = {}): void => {
            response.writeHead(status, { "content-type": TEXT, ...more }).end(content);
        };
        try {
            if (token !== undefined && !isAllowed(headers.authorization, token))
                end(401, "a token is wanted\n", { "www-authenticate": "Bearer" });
            else if (texts === undefined) end(404, `${[...served.keys()].join(" and ")} is served\n`);
            else if (method !== "GET" && method !== "HEAD") end(405, "GET\n", { allow: "GET, HEAD" });
            else {
                const content = await texts.ask();
                if (content === undefined) end(503, "nothing is known yet\n");
                else end(200, content);
            }
        } catch (error) {
            this.world.say(`ERROR: no metrics were served: ${String(error)}`);
            if (response.headersSent) response.destroy();
            else end(500, "see the log of the backup service\n");
        }
    }

    private async text(): Promise<string | undefined> {
        const seen = this.seen();
        if (seen === undefined) return undefined;
        // Its library is in memory only where somebody asks.
        const { metricsText } = await import("./metricsText");
        return metricsText(figures(seen));
    }
}

/** A text that is made at most so often, however many ask. */
class Lately {
    #made: { readonly text: Promise<string | undefined>; until: number } | undefined;

    constructor(private readonly make: () => Promise<string | undefined>) {}

    ask(): Promise<string | undefined> {
        if (this.#made !== undefined && performance.now() < this.#made.until) return this.#made.text;
        const made = { text: this.make(), until: Infinity };
        const ends = (): void => {
            made.until = performance.now() + NEW_EVERY;
        };
        made.text.then(ends, ends);
        this.#made = made;
        return made.text;
    }
}

function isAllowed(authorization: string | undefined, wanted: string): boolean {
    const given = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) return false;
    const [hash, other] = [Buffer.from(hashToken(given)), Buffer.from(wanted)];
    return hash.length === other.length && timingSafeEqual(hash, other);
}
