import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { hashToken, MONITORING, type Serving } from "../../components/monitoring/serving";
import { newState } from "../../components/protection/state";
import { Metrics } from "../../service/metrics";
import type { Revision } from "../../service/world";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { revisionOf } from "../support/fakeWorld";
import { NOW } from "../support/repositoryMemory";

const TOKEN = "0123456789abcdef0123456789abcdef";

/** A port that is free now. */
function freePort(): Promise<number> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, () => {
            const address = server.address();
            server.close(() => {
                resolve(typeof address === "object" && address !== null ? address.port : 0);
            });
        });
    });
}

describe("the metrics of the backup service", () => {
    let directory = "";
    let port = 0;
    let metrics: Metrics | undefined;
    let made = 0;
    let published: Revision | undefined;
    const log: string[] = [];

    /** A new revision that has them served so, or not at all. */
    const publish = (serving: Serving | undefined): void => {
        const revision = { ...revisionOf("full 30 1 * * 0"), name: String(Math.random()) };
        const at = join(directory, revision.name);
        mkdirSync(join(at, "files"), { recursive: true });
        writeFileSync(join(at, "files/server.crt"), CERTIFICATE);
        writeFileSync(join(at, "files/server.key"), PRIVATE_KEY);
        if (serving !== undefined) writeFileSync(join(at, MONITORING), JSON.stringify(serving));
        published = { ...revision, directory: at };
    };
    const begin = (): Metrics => {
        metrics = new Metrics(
            { published: () => published, say: (text) => log.push(text) },
            () => {
                made++;
                return {
                    evidence: {
                        ...{ published: undefined, state: newState("host", NOW), archiving: {} },
                        ...{ samples: [], grace: 0, now: NOW },
                    },
                    ...{ verdict: newState("host", NOW).verdict, written: NOW, repositories: [] },
                    ...{ drills: { ended: [], running: undefined }, backups: [], failing: [], sizes: {} },
                };
            },
            port,
            "/nonexistent/exporter",
        );
        metrics.follow();
        return metrics;
    };
    const get = (path = "/metrics", token?: string): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}${path}`, {
            headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        });

    beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), "pgbt-metrics-"));
        port = await freePort();
        made = 0;
        log.length = 0;
    });
    afterEach(() => {
        metrics?.stop();
        rmSync(directory, { recursive: true });
    });

    it("are there where it is published, and nothing else is", async () => {
        publish({ tls: false });
        begin();
        const answer = await get();
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        assert.match(await answer.text(), /^protection_protected 0$/m);
        for (const path of ["/", "/metrics/x", "/etc/passwd"]) assert.equal((await get(path)).status, 404);
        const posted = await fetch(`http://127.0.0.1:${port}/metrics`, { method: "POST", body: "x" });
        assert.equal(posted.status, 405);
    });

    it("are not there where it is not", async () => {
        publish(undefined);
        begin();
        await assert.rejects(get());
        assert.deepEqual(log, []);
    });

    it("of PostgreSQL itself are there only where it is published, and an exporter that cannot run is said once", async () => {
        publish({ tls: false });
        begin();
        assert.equal((await get("/metrics/postgresql")).status, 404);
        metrics?.stop();
        publish({ tls: false, database: "app", token: hashToken(TOKEN) });
        begin();
        assert.equal((await get("/metrics/postgresql")).status, 401);
        assert.equal((await get("/metrics/postgresql", TOKEN)).status, 500);
        assert.equal((await get("/metrics/postgresql", TOKEN)).status, 500);
        assert.equal((await get("/metrics", TOKEN)).status, 200);
        assert.equal(log.filter((text) => text.includes("ENOENT")).length, 1, log.join("\n"));
    });

    it("are shown to who has the token", async () => {
        publish({ tls: false, token: hashToken(TOKEN) });
        begin();
        assert.equal((await get()).status, 401);
        assert.equal((await get("/metrics", `${TOKEN}0`)).status, 401);
        assert.equal((await get("/", TOKEN.slice(1))).status, 401);
        assert.equal((await get("/metrics", TOKEN)).status, 200);
    });

    it("are served with the certificate of PostgreSQL", async () => {
        publish({ tls: true });
        begin();
        const status = await new Promise((resolve, reject) => {
            httpsRequest(
                {
                    port,
                    host: "127.0.0.1",
                    path: "/metrics",
                    ca: CERTIFICATE,
                    checkServerIdentity: () => undefined,
                },
                (response) => {
                    response.resume();
                    resolve(response.statusCode);
                },
            )
                .on("error", reject)
                .end();
        });
        assert.equal(status, 200);
        await assert.rejects(get());
    });

    it("are made once a second however many ask, and those who only hold on keep nobody out for ever", async () => {
        publish({ tls: false });
        begin();
        const idle: Socket[] = Array.from({ length: 40 }, () =>
            createConnection(port, "127.0.0.1").on("error", () => undefined),
        );
        for (const socket of idle) socket.destroy();
        const answers = await Promise.allSettled(Array.from({ length: 300 }, () => get()));
        assert.ok(answers.some((answer) => answer.status === "fulfilled" && answer.value.status === 200));
        assert.ok(made >= 1 && made < 20, `${made}`);
        assert.equal((await get()).status, 200);
    });

    it("say once that their port is taken, and the service goes on", async () => {
        const other = createServer().listen(port);
        publish({ tls: false });
        begin();
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(log.length, 1);
        assert.match(log[0] ?? "", /^ERROR: no metrics are served: .*EADDRINUSE/);
        other.close();
    });
});
