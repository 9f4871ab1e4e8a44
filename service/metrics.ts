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
    readServing,
    type Serving,
} from "../components/monitoring/serving";
import { isMissing } from "./files";
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
    #text = { at: -Infinity, content: "" };

    constructor(
        private readonly world: Pick<World, "published" | "say">,
        private readonly seen: () => Seen | undefined,
        private readonly port = METRICS_PORT,
    ) {}

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
    }

    private look(): void {
        const published = this.world.published();
        if (typeof published !== "object" || published.name === this.#revision) return;
        this.#revision = published.name;
        this.end();
        try {
            const serving = readServing(readFileSync(join(published.directory, MONITORING), "utf8"));
            if (serving !== undefined) this.begin(serving, published.directory);
        } catch (error) {
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
        { token }: Serving,
        { url, method, headers }: IncomingMessage,
        response: ServerResponse,
    ): Promise<void> {
        const end = (status: number, content: string, more: Readonly<Record<string, string>> = {}): void => {
            response.writeHead(status, { "content-type": TEXT, ...more }).end(content);
        };
        try {
            if (token !== undefined && !isAllowed(headers.authorization, token))
                end(401, "a token is wanted\n", { "www-authenticate": "Bearer" });
            else if (url?.split("?")[0] !== METRICS_PATH) end(404, `${METRICS_PATH} is served\n`);
            else if (method !== "GET" && method !== "HEAD") end(405, "GET\n", { allow: "GET, HEAD" });
            else {
                const content = await this.text();
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
        const now = performance.now();
        if (now - this.#text.at < NEW_EVERY) return this.#text.content;
        const seen = this.seen();
        if (seen === undefined) return undefined;
        // Its library is in memory only where somebody asks.
        const { metricsText } = await import("./metricsText");
        this.#text = { at: now, content: metricsText(figures(seen)) };
        return this.#text.content;
    }
}

function isAllowed(authorization: string | undefined, wanted: string): boolean {
    const given = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    if (given === undefined) return false;
    const [hash, other] = [Buffer.from(hashToken(given)), Buffer.from(wanted)];
    return hash.length === other.length && timingSafeEqual(hash, other);
}
