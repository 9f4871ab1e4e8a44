import { isRecord } from "../fields";
import { checkTemplate } from "../notify/template";
import type { Email, Notify, Ping, Webhook } from "../notify/wish";
import { readCaFile } from "../repository/cloud/certificate";
import { checkCron } from "../schedule/cron";
import type { Written } from "./table";

/** Who is told what, and what is published beside that. */
export interface Notifications {
    /** Secret. */
    readonly published: Notify;
    /** Certificates to verify servers against, by the names of their files; no secrets. */
    readonly certificates: Readonly<Record<string, string>>;
}

interface Context {
    readonly stack: string;
    readonly readFile: (path: string) => string;
    readonly now?: Date;
}

type Given = Written["notify"];
type Complain = (field: string, problem: string) => void;

/** Of what is encrypted, messages show these alone. */
const OPEN = [
    "after",
    "caFile",
    "contentType",
    "digest",
    "events",
    "every",
    "from",
    "host",
    "port",
    "repeat",
];
const OPEN_TOO = ["security", "to", "user"];
/** How secrets are called, wherever they stand. */
const SECRET = ["url", "key", "password"];

/** What has to be written down to do without TLS. */
const INSECURE = "I accept that anyone on the way can read and change the messages";

/** May a message show the value at this path of settings? */
export function isOpen(keys: readonly unknown[]): boolean {
    const names = keys.map(String).filter((key) => !/^\d+$/.test(key));
    return [...OPEN, ...OPEN_TOO].includes(names.at(-1) ?? "");
}

/** The secrets in the plain value of the setting, right or wrong as it may be. */
export function notifySecrets(notify: unknown): { readonly path: string; readonly value: string }[] {
    const walk = (value: unknown, path: string, isSecret: boolean): { path: string; value: string }[] => {
        if (isRecord(value))
            return Object.entries(value).flatMap(([key, inner]) =>
                walk(inner, `${path}.${key}`, isSecret || SECRET.includes(key) || path.endsWith(".headers")),
            );
        return isSecret && typeof value === "string" && value !== "" ? [{ path, value }] : [];
    };
    const names = isRecord(notify)
        ? ["webhooks", "email"].flatMap((kind) => Object.values(within(notify, kind)))
        : [];
    return [
        ...["webhooks", "email"].flatMap((kind) =>
            Object.entries(within(notify, kind)).flatMap(([name, one]) =>
                walk(one, `notify.${kind}.${name}`, false),
            ),
        ),
        ...walk(within(notify, "ping"), "notify.ping", false),
        // A word in place of the map is likely its URL.
        ...names.flatMap((one) => (typeof one === "string" ? [{ path: "notify", value: one }] : [])),
    ];
}

function within(value: unknown, key: string): Readonly<Record<string, unknown>> {
    const inner = isRecord(value) ? value[key] : undefined;
    return isRecord(inner) ? inner : {};
}

/** The setting `notify` as it is published, and what is wrong with it. */
export function readNotifications(
    { notify, name, schedules }: Pick<Written, "notify" | "name" | "schedules">,
    { stack, readFile, now = new Date() }: Context,
): { readonly notifications: Notifications | undefined; readonly problems: readonly string[] } {
    const problems: string[] = [];
    const certificates: Record<string, string> = {};
    const complainer =
        (path: string): Complain =>
        (field, problem) => {
            problems.push(`pgbackrest:notify${path}${field === "" ? "" : `.${field}`}: ${problem}`);
        };
    const caOf = (who: string, path: string | undefined, complain: Complain): { ca?: string } => {
        if (path === undefined) return {};
        const read = readCaFile(path, readFile, now);
        const file = `notify-${who}-ca.crt`;
        if ("problem" in read) complain("caFile", read.problem);
        else certificates[file] = read.text;
        return { ca: file };
    };
    const receivers = [
        ...Object.entries(notify.webhooks).map(([who, given]): Webhook => {
            const complain = complainer(`.webhooks.${who}`);
            checkReceiver(who, given.events, complain);
            checkUrl(given, complain);
            checkRequest(given, complain);
            const { url, body, contentType, headers, events, key } = given;
            return {
                ...{ kind: "webhook", name: who, url, body, contentType, headers, events },
                ...(key === undefined ? {} : { key }),
                ...caOf(who, given.caFile, complain),
            };
        }),
        ...Object.entries(notify.email).map(([who, given]): Email => {
            const complain = complainer(`.email.${who}`);
            checkReceiver(who, given.events, complain);
            if (who in notify.webhooks)
                complain("", `${who} is the name of a webhook too: each needs its own`);
            checkEmail(given, complain);
            const { caFile, port, ...same } = given;
            const usual = given.security === "tls" ? 465 : 587;
            return {
                ...{ kind: "email", name: who, port: port ?? usual },
                ...same,
                ...caOf(who, caFile, complain),
            };
        }),
    ];
    const ping = readPing(notify.ping, complainer(".ping"), (path, complain) => caOf("ping", path, complain));
    const digest = notify.digest === "off" ? "" : notify.digest;
    const cron = digest === "" ? undefined : checkCron(digest);
    if (cron !== undefined) complainer("")("digest", `${JSON.stringify(digest)} ${cron}`);
    const { after, repeat } = notify;
    if (after > 600) complainer("")("after", `${after} s: at most 600 s, or nobody hears in time`);
    if (receivers.length === 0 && ping === undefined) return { notifications: undefined, problems };
    const published = {
        ...{ stack, name, after, repeat, digest, timezone: schedules.timezone, receivers },
        ...(ping === undefined ? {} : { ping }),
    };
    return { notifications: { published, certificates }, problems };
}

function readPing(
    { url, every, caFile, insecure }: Given["ping"],
    complain: Complain,
    caOf: (path: string | undefined, complain: Complain) => { ca?: string },
): Ping | undefined {
    if (url === "") return undefined;
    checkUrl({ url, insecure, caFile }, complain);
    if (every < 60) complain("every", `${every} s: 60 s or more`);
    return { url, every, ...caOf(caFile, complain) };
}

function checkReceiver(name: string, events: readonly string[], complain: Complain): void {
    if (!/^(?!ping$)[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/.test(name))
        complain("", "a name has lower case letters, digits and -, at most 30, and is not ping");
    if (events.length === 0) complain("events", "is empty: say what it is told, or remove the whole entry");
}

/** It may hold a secret, so no message has it. */
function checkUrl(
    given: {
        readonly url: string;
        readonly insecure?: string | undefined;
        readonly caFile?: string | undefined;
    },
    complain: Complain,
): void {
    const url = URL.canParse(given.url) ? new URL(given.url) : undefined;
    if (url === undefined || !["https:", "http:"].includes(url.protocol))
        complain("url", "is no URL: begin it with https://");
    else if (url.username !== "" || url.password !== "")
        complain("url", "has a user before the @: send it as a header, such as headers.authorization");
    else if (url.protocol === "http:" && given.insecure !== INSECURE)
        complain(
            "url",
            `plain HTTP leaves the messages, and what is secret in the URL, open to anyone on the way: use https://. If you must: insecure: "${INSECURE}"`,
        );
    else if (url.protocol === "https:" && given.insecure !== undefined)
        complain("insecure", "has no effect with https://: remove it");
    else if (url.protocol === "http:" && given.caFile !== undefined)
        complain("caFile", "has no effect with plain HTTP: remove it");
}

function checkRequest(
    { body, contentType, headers, key }: Given["webhooks"][string],
    complain: Complain,
): void {
    if (!/^[\w.+-]+\/[\w.+-]+(?:; ?[\w.+=-]+)*$/.test(contentType))
        complain(
            "contentType",
            `${JSON.stringify(contentType)}: a type such as application/json or text/plain`,
        );
    else for (const problem of body === "" ? [] : checkTemplate(body, contentType)) complain("body", problem);
    for (const [name, value] of Object.entries(headers)) {
        if (
            !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ||
            /^(?:host|content-|transfer-|connection)/i.test(name)
        )
            complain(`headers.${name}`, "is no header of your own: remove it");
        if (/[^\t\x20-\x7e]/.test(value))
            complain(`headers.${name}`, "has a line break or a letter that no header can have");
    }
    if (key !== undefined && key.length < 16)
        complain("key", "is shorter than 16 letters: openssl rand -hex 32 makes a good one");
}

function checkEmail({ host, user, password, from, to }: Given["email"][string], complain: Complain): void {
    if (!/^[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?$/.test(host))
        complain("host", `${JSON.stringify(host)}: the name of a server, such as smtp.example.com`);
    if ((user === undefined) !== (password === undefined))
        complain(
            user === undefined ? "user" : "password",
            "is missing: to log in needs user and password, and where nobody logs in neither is there",
        );
    const address = (field: string, text: string): void => {
        if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text))
            complain(field, `${JSON.stringify(text)}: an address such as dba@example.com`);
    };
    address("from", from);
    for (const one of to) address("to", one);
    if (to.length === 0) complain("to", "is empty: nobody would get it");
}
