import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { after, before, beforeEach, describe, it } from "mocha";
import { SMTPServer } from "smtp-server";
import * as v from "valibot";
import { testLetter } from "../../components/notify/message";
import { NOTIFIED, readNotified } from "../../components/notify/notified";
import { SILENCE } from "../../components/notify/silence";
import type { Email, Notify, Webhook } from "../../components/notify/wish";
import { newState, type State } from "../../components/protection/state";
import { placeService } from "../../service/bundle.mjs";
import { sendEmail } from "../../service/notify/email";
import { readAnswers } from "../../service/notify/job";
import { Notifier } from "../../service/notify/notifier";
import { sendApart } from "../../service/notify/sender";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";

const ROOT = resolve(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "image/backup/notify.cjs");
const TOKEN = "xoxb-very-secret-token";
const KEY = "0123456789abcdef0123456789abcdef";
const CA = "notify-all-ca.crt";
const start = promisify(execFile);

interface Got {
    readonly path: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
}

describe("receivers of notifications", function () {
    this.timeout(60_000);
    let directory: string;
    let server: Server;
    let mail: SMTPServer;
    let got: Got[] = [];
    let mails: string[] = [];
    /** What the server answers, by path; nothing at all for 0. */
    let status: (path: string) => number = () => 200;
    const leaving = new AbortController();
    const port = (address: AddressInfo | string | null): number =>
        typeof address === "object" ? (address?.port ?? 0) : 0;
    const url = (path: string): string => `https://localhost:${port(server.address())}${path}`;
    const webhook = (changes: Partial<Webhook> = {}): Webhook => ({
        ...{ kind: "webhook", name: "own", events: ["failure", "recovery"], url: url(`/hook/${TOKEN}`) },
        ...{ body: "", contentType: "application/json", headers: {}, ca: CA },
        ...changes,
    });
    const email = (changes: Partial<Email> = {}): Email => ({
        ...{ kind: "email", name: "dba", events: ["failure", "recovery"], host: "localhost" },
        ...{
            port: port(mail.server.address()),
            security: "starttls",
            user: "shop",
            password: "smtp-password",
        },
        ...{ from: "db@example.com", to: ["dba@example.com", "boss@example.com"], ca: CA },
        ...changes,
    });
    const publish = (wish: Partial<Notify>): void => {
        const content: Notify = {
            ...{
                stack: "prod",
                name: "shop",
                after: 0,
                repeat: 0,
                digest: "",
                timezone: "UTC",
                receivers: [],
            },
            ...wish,
        };
        writeFileSync(join(directory, "files/notify.json"), JSON.stringify(content));
    };
    /** As `ops notify test` has it, but for where the configuration is. */
    const job = (receiver: string, text = "WAL does not arrive") =>
        JSON.stringify({
            letters: [
                {
                    ...{ receiver, earlier: [], forgotten: 0 },
                    last: {
                        id: "1-1",
                        at: 1_764_000_000,
                        event: "failure",
                        protected: false,
                        since: 1,
                        text,
                    },
                },
            ],
            ...{ ping: true, patience: 3000 },
        });
    const send = async (input: string) => {
        const running = start(process.execPath, [PROGRAM, "send", directory]);
        running.child.stdin?.end(input);
        return readAnswers((await running).stdout) ?? {};
    };

    before(async () => {
        placeService(ROOT);
        directory = mkdtempSync(join(tmpdir(), "notify-"));
        mkdirSync(join(directory, "files"));
        writeFileSync(join(directory, "files", CA), CERTIFICATE);
        server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (request, response) => {
            let body = "";
            request.on("data", (part: Buffer) => (body += part.toString()));
            request.on("end", () => {
                const path = request.url ?? "";
                const code = status(path);
                if (code === 0) return;
                got.push({ path, headers: request.headers, body });
                response.statusCode = code;
                response.end(code === 200 ? "ok" : `no such hook: ${path}`);
            });
        });
        mail = new SMTPServer({
            ...{ cert: CERTIFICATE, key: PRIVATE_KEY },
            onAuth: ({ username, password }, _session, done) => {
                if (username === "shop" && password === "smtp-password") done(null, { user: username });
                else done(new Error("wrong password"));
            },
            onData: (stream, { secure }, done) => {
                let text = `secure: ${String(secure)}\n`;
                stream.on("data", (part: Buffer) => (text += part.toString()));
                stream.on("end", () => {
                    mails.push(text);
                    done();
                });
            },
        });
        await Promise.all(
            [server, mail].map((one) => new Promise<void>((ready) => void one.listen(0, "127.0.0.1", ready))),
        );
    });
    beforeEach(() => {
        got = [];
        mails = [];
        status = () => 200;
    });
    after(async () => {
        leaving.abort();
        server.closeAllConnections();
        server.close();
        await new Promise<void>((closed) => {
            mail.close(closed);
        });
        rmSync(directory, { recursive: true });
    });

    it("of one's own get documented JSON with a signature that they can check", async () => {
        publish({ receivers: [webhook({ key: KEY, headers: { authorization: "Bearer b" } })] });
        assert.deepEqual(await send(job("own")), { own: { ok: true, text: "200 OK ok" } });
        const [{ path, headers, body } = { path: "", headers: {}, body: "" }] = got;
        assert.equal(path, `/hook/${TOKEN}`);
        assert.equal(headers["authorization"], "Bearer b");
        const [, time = "", signature = ""] =
            /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["x-pgbackrest-signature"])) ?? [];
        assert.equal(createHmac("sha256", KEY).update(`${time}.${body}`).digest("hex"), signature);
        const schema = v.parse(
            v.object({ properties: v.record(v.string(), v.unknown()), required: v.array(v.string()) }),
            JSON.parse(readFileSync(join(ROOT, "docs/notification.schema.json"), "utf8")),
        );
        const letter = v.parse(v.record(v.string(), v.unknown()), JSON.parse(body));
        assert.deepEqual(Object.keys(letter).sort(), Object.keys(schema.properties).sort());
        assert.deepEqual([...schema.required].sort(), Object.keys(schema.properties).sort());
        assert.match(String(letter["title"]), /^shop \(prod\): NOT PROTECTED \(of /);
    });

    it("with a template get what they ask for, whatever is in the message", async () => {
        const text = 'a "quoted" line\nand \\ another & more';
        const form = "application/x-www-form-urlencoded";
        publish({
            receivers: [
                webhook({ name: "chat", body: '{"text": "{{ text }}"}' }),
                webhook({ name: "form", body: "t={{text}}&p={{protected}}", contentType: form }),
            ],
        });
        await send(job("chat", text));
        await send(job("form", text));
        assert.deepEqual(JSON.parse(got[0]?.body ?? ""), { text });
        assert.equal(new URLSearchParams(got[1]?.body).get("t"), text);
        assert.equal(new URLSearchParams(got[1]?.body).get("p"), "false");
    });

    it("get mail over TLS alone, with a password and to all", async () => {
        publish({ receivers: [email(), email({ name: "wrong", password: "not-the-password" })] });
        assert.equal((await send(job("dba")))["dba"]?.ok, true);
        assert.match(
            mails[0] ?? "",
            /^secure: true\n[^]*Subject: shop \(prod\): NOT PROTECTED[^]*WAL does not arrive/,
        );
        assert.match(mails[0] ?? "", /^To: dba@example\.com, boss@example\.com/m);
        const { wrong } = await send(job("wrong"));
        assert.equal(wrong?.ok, false);
        assert.doesNotMatch(wrong.text, /not-the-password/);
    });

    it("get the digest with the report, or why it could not be made", async () => {
        const html = `<!doctype html><p>${"Änderung ".repeat(9000)}</p>`;
        const letter = {
            ...testLetter({ name: "shop", stack: "prod" }, 1_764_000_000),
            event: "digest",
        } as const;
        const sent = await sendEmail(email(), letter, { ca: CERTIFICATE, now: 0, patience: 5000 }, { html });
        assert.ok(sent.ok, sent.text);
        const [text = ""] = mails;
        assert.match(text, /The report is attached/);
        assert.match(text, /Content-Type: text\/html; charset=utf-8; name=report-prod\.html/);
        const [, attached = ""] =
            /filename=report-prod\.html\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n-/.exec(text) ?? [];
        assert.equal(Buffer.from(attached, "base64").toString(), html);

        // Here there is no stack that it could show, and the digest comes all the same.
        publish({ receivers: [email({ events: ["digest"] }), webhook({ events: ["digest"] })] });
        const digest = (receiver: string): string =>
            job(receiver, "protected, idle").replace('"failure"', '"digest"');
        assert.ok((await send(digest("dba")))["dba"]?.ok);
        assert.match(
            (mails[1] ?? "").replaceAll("=\r\n", ""),
            /protected, idle[^]*The report could not be made: .*report\.cjs/,
        );
        assert.ok((await send(digest("own")))["own"]?.ok);
        assert.match(got.at(-1)?.body ?? "", /"text":"protected, idle"/);
    });

    it("are known by their certificate, and no answer shows a secret", async () => {
        const { ca, ...unknown } = webhook();
        assert.ok(ca !== undefined);
        publish({ receivers: [unknown, webhook({ name: "refuses" })] });
        assert.match((await send(job("own")))["own"]?.text ?? "", /self-signed certificate/);
        status = () => 404;
        const { refuses } = await send(job("refuses"));
        assert.match(refuses?.text ?? "", /^404 Not Found no such hook: \(secret\)$/);
    });

    it("keep nobody waiting: each is sent to at once, and who is silent is left", async () => {
        status = (path) => (path.startsWith("/slow") ? 0 : 200);
        publish({ receivers: [webhook()], ping: { url: url("/slow/ping"), every: 300, ca: CA } });
        const began = Date.now();
        const { own, ping } = await send(job("own"));
        assert.ok(own?.ok);
        assert.equal(ping?.text, "no answer within 3 s");
        assert.ok(Date.now() - began < 15_000);
    });

    it("hear what they missed, in one message, also after the service was restarted", async () => {
        const state = (sentence: string): State => ({
            ...newState("x", now()),
            verdict: {
                ...{ healthy: sentence === "", protected: sentence === "", since: now(), sentence },
                ...(sentence === "" ? {} : { cause: "archiving" as const }),
            },
        });
        let ahead = 0;
        const now = (): number => Math.floor(Date.now() / 1000) + ahead;
        const log: string[] = [];
        const notifier = (): Notifier =>
            new Notifier(
                {
                    now,
                    say: (text) => log.push(text),
                    drills: () => ({ ended: [], running: undefined }),
                    send: (revision, what) => sendApart(revision, what, leaving.signal, PROGRAM),
                },
                directory,
            );
        const revision = { name: "1-abc", directory, repositories: [] };
        const tick = async (one: Notifier, sentence: string): Promise<void> => {
            const began = Date.now();
            one.tick(state(sentence), revision);
            assert.ok(Date.now() - began < 500, "a slow receiver keeps the service waiting");
            await one.idle();
        };
        publish({ receivers: [webhook()] });
        status = () => 500;
        const first = notifier();
        await tick(first, "");
        await tick(first, "WAL does not arrive");
        assert.equal(got.length, 1);
        await tick(first, "WAL does not arrive, says another word");
        assert.equal(got.length, 1, "it is tried again later only");
        status = () => 200;
        // As `ops silence` makes it, and another service reads what the first left.
        const second = notifier();
        writeFileSync(join(directory, SILENCE), JSON.stringify({ since: now(), until: now() + 5, why: "x" }));
        await tick(second, "");
        ahead = 40;
        await tick(second, "");
        assert.equal(got.length, 2, "one message");
        const { event, missed, text } = v.parse(
            v.object({
                event: v.string(),
                missed: v.array(v.object({ text: v.string() })),
                text: v.string(),
            }),
            JSON.parse(got[1]?.body ?? ""),
        );
        assert.deepEqual([event, missed.map((one) => one.text)], ["recovery", ["WAL does not arrive"]]);
        assert.match(text, /Before that, while nothing could be sent:\n.* UTC: WAL does not arrive/);
        const kept = readFileSync(join(directory, NOTIFIED), "utf8");
        assert.deepEqual(readNotified(kept)?.outbox, {});
        assert.ok(!kept.includes(TOKEN) && !log.join("\n").includes(TOKEN));
        assert.equal(statSync(join(directory, NOTIFIED)).mode & 0o007, 0);
        assert.deepEqual(log, [
            "own could not be told, and hears it later: 500 Internal Server Error no such hook: (secret)",
            "told own: failure, recovery",
        ]);
    });

    it("are refused by setup where their file is none", async () => {
        writeFileSync(join(directory, "files/notify.json"), '{"receivers": 1}');
        const check = () => start(process.execPath, [PROGRAM, "check", directory]);
        await assert.rejects(check, { stdout: /notify\.json: is not what this version/ });
        publish({ receivers: [webhook({ ca: "none.crt" })] });
        await assert.rejects(check, { stdout: /none\.crt/ });
        publish({ receivers: [webhook()] });
        await check();
    });
});
