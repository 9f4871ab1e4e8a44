import * as v from "valibot";
import { cronFields, anyText, choice, integer, map, someText } from "../../fields";
import { EVENTS } from "../../notify/wish";
import { part, setting } from "../setting";
import { duration } from "../../pgbackrest/duration";

/** What everybody hears of who says nothing else. */
const USUAL = ["failure", "recovery", "late", "drill"] as const;

const optionalText = v.optional(someText);
const events = v.optional(v.array(choice(EVENTS)), [...USUAL]);
/** How the server is known, or that it need not be. */
const secure = { caFile: optionalText, insecure: optionalText };

const webhook = v.strictObject({
    url: someText,
    body: v.optional(anyText, ""),
    contentType: v.optional(someText, "application/json"),
    headers: v.optional(map(someText), {}),
    key: optionalText,
    events,
    ...secure,
});

const email = v.strictObject({
    host: someText,
    port: v.optional(integer(1, 65535, "a port")),
    security: v.optional(choice(["starttls", "tls"]), "starttls"),
    user: optionalText,
    password: optionalText,
    from: someText,
    to: v.array(someText),
    events,
    caFile: optionalText,
});

/** Who is told what is wrong with the backups. */
export const notifications = {
    notify: setting(
        v.strictObject({
            webhooks: part(
                map(webhook),
                {},
                "Servers that get a request for each message: a map from a name to {url, body, contentType, headers, key, events, caFile}. url, key and the values of headers are secrets.",
            ),
            email: part(
                map(email),
                {},
                "Who gets mail: a map from a name to {host, port, security, user, password, from, to, events, caFile}. password is a secret.",
            ),
            ping: part(
                v.strictObject({
                    url: v.optional(anyText, ""),
                    every: v.optional(duration, 300),
                    ...secure,
                }),
                {},
                "A dead man's switch: {url, every, caFile}, asked every 5 minutes while all is well. url is a secret.",
            ),
            after: part(
                duration,
                120,
                "How long trouble may last before it is told: what is over by then is not.",
            ),
            repeat: part(duration, 86_400, "How often it is told again while it lasts. 0: once."),
            digest: part(
                cronFields("off"),
                "0 7 * * 1",
                "When the digest is made, in the time zone of the schedules, for who has it among its events.",
            ),
        }),
        {},
        {
            description:
                "Who is told of trouble with the backups, and of its end: webhooks, e-mail, a dead man's switch: docs/notifications.md.",
            change: "publish",
            described: "at notify",
        },
    ),
};
