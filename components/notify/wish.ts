import * as v from "valibot";
import { fromJson } from "../fields";

/** What somebody can be told. */
export const EVENTS = ["failure", "recovery", "late", "drill", "success", "digest"] as const;
export type Event = (typeof EVENTS)[number];

/** The file among those of the published configuration. All of it is secret. */
export const NOTIFY = "notify.json";

const text = v.string();
const events = v.array(v.picklist(EVENTS));
/** The published file with the certificates that the server is verified against; nothing: those that Debian knows. */
const ca = v.optional(text);

const Webhook = v.object({
    kind: v.literal("webhook"),
    name: text,
    events,
    url: text,
    /** With placeholders; empty: the JSON of docs/notification.schema.json. */
    body: text,
    contentType: text,
    headers: v.record(text, text),
    /** Of the signature. */
    key: v.optional(text),
    ca,
});
export type Webhook = v.InferOutput<typeof Webhook>;

const Email = v.object({
    kind: v.literal("email"),
    name: text,
    events,
    host: text,
    port: v.number(),
    /** `tls`: from the first byte; `starttls`: from the second command on, or nothing is sent. */
    security: v.picklist(["starttls", "tls"]),
    user: v.optional(text),
    password: v.optional(text),
    from: text,
    to: v.array(text),
    ca,
});
export type Email = v.InferOutput<typeof Email>;

const Ping = v.object({
    url: text,
    /** Seconds between two. */
    every: v.number(),
    ca,
});
export type Ping = v.InferOutput<typeof Ping>;

const Receiver = v.variant("kind", [Webhook, Email]);
/** Who is told. */
export type Receiver = v.InferOutput<typeof Receiver>;

const Notify = v.object({
    /** What every message begins with. */
    stack: text,
    name: text,
    /** Seconds that trouble may last before somebody is told: what is over by then is nothing. */
    after: v.number(),
    /** Seconds after which it is told again that it is not over; 0: never. */
    repeat: v.number(),
    /** Five cron fields; empty: never. */
    digest: text,
    timezone: text,
    receivers: v.array(Receiver),
    ping: v.optional(Ping),
});
/** Who is told what, when, as it is published. */
export type Notify = v.InferOutput<typeof Notify>;

/** Nothing when it is no such file. */
export function readNotify(json: string): Notify | undefined {
    return fromJson(Notify, json);
}

/** Everything in it that no message of a program may show. */
export function secretsOf({ receivers, ping }: Pick<Notify, "receivers" | "ping">): string[] {
    const urls = (url: string): string[] => {
        const { pathname, search } = new URL(url);
        return [url, `${pathname}${search}`, ...pathname.split("/")];
    };
    const all = [
        ...receivers.flatMap((receiver) =>
            receiver.kind === "webhook"
                ? [...urls(receiver.url), ...Object.values(receiver.headers), receiver.key ?? ""]
                : [receiver.password ?? ""],
        ),
        ...(ping === undefined ? [] : urls(ping.url)),
    ];
    // What is as short as a word of a message is no secret that could be found in it.
    return all.filter((secret) => secret.length > 5).sort((a, b) => b.length - a.length);
}

/** A text without those. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
    return secrets.reduce((rest, secret) => rest.replaceAll(secret, "(secret)"), text);
}
