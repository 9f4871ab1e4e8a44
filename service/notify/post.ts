import { createHmac } from "node:crypto";
import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { type Letter, ownBody } from "../../components/notify/message";
import { fillTemplate } from "../../components/notify/template";
import type { Ping, Webhook } from "../../components/notify/wish";

/** Of an answer; more of it is read by nobody. */
const LONGEST_ANSWER = 300;

/** How a receiver has answered. */
export interface Answer {
    readonly ok: boolean;
    readonly text: string;
}

/** What both ways of sending need beside what is sent. */
export interface Circumstances {
    /** PEM text of the certificates that the server is verified against; nothing: those that Debian knows. */
    readonly ca: string | undefined;
    readonly now: number;
    /** Milliseconds until a receiver that says nothing is taken for away. */
    readonly patience: number;
}

interface Request extends Pick<Circumstances, "ca" | "patience"> {
    readonly method: "GET" | "POST";
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

export function postWebhook(
    { url, body, contentType, headers, key }: Webhook,
    letter: Letter,
    { now, ...same }: Circumstances,
): Promise<Answer> {
    const content = body === "" ? ownBody(letter) : fillTemplate(body, contentType, letter);
    const signed = key === undefined ? {} : { "x-pgbackrest-signature": signature(content, key, now) };
    return ask({
        ...{ method: "POST", url, body: content, ...same },
        headers: { ...headers, "content-type": contentType, ...signed },
    });
}

export function askPing({ url }: Ping, { ca, patience }: Circumstances): Promise<Answer> {
    return ask({ method: "GET", url, headers: {}, body: "", ca, patience });
}

/** With the time in it, so that who keeps a message cannot send it again much later. */
export function signature(body: string, key: string, now: number): string {
    return `t=${now},v1=${createHmac("sha256", key).update(`${now}.${body}`).digest("hex")}`;
}

/** Not with fetch, which takes no certificate of a CA of one's own. Where it is sent elsewhere, that is not followed: it is no answer. */
function ask({ method, url, headers, body, ca, patience }: Request): Promise<Answer> {
    const send = url.startsWith("http:") ? plain : encrypted;
    return new Promise((resolve) => {
        const fail = (error: Error): void => {
            resolve({ ok: false, text: error.message });
        };
        const length = method === "GET" ? {} : { "content-length": String(Buffer.byteLength(body)) };
        const asked = send(
            url,
            {
                ...{ method, agent: false, signal: AbortSignal.timeout(patience) },
                ...(ca === undefined ? {} : { ca }),
                headers: { "user-agent": "pgbackrest-notify", ...headers, ...length },
            },
            (answer) => {
                let text = "";
                answer.setEncoding("utf8");
                answer.on("data", (part: string) => {
                    if (text.length < LONGEST_ANSWER) text += part;
                });
                answer.on("error", fail);
                answer.on("end", () => {
                    const status = answer.statusCode ?? 0;
                    const said =
                        `${status} ${answer.statusMessage ?? ""} ${text.slice(0, LONGEST_ANSWER)}`.trim();
                    resolve({ ok: status >= 200 && status < 300, text: said });
                });
            },
        );
        asked.on("error", (error) => {
            fail(error.name === "AbortError" || error.name === "TimeoutError" ? silent(patience) : error);
        });
        asked.end(body);
    });
}

function silent(patience: number): Error {
    return new Error(`no answer within ${patience / 1000} s`);
}
