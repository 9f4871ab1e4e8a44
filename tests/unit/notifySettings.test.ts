import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { isRecord } from "../../components/fields";
import { readNotify } from "../../components/notify/wish";
import { secretFiles } from "../../components/publication/publication";
import { notifyConsequences } from "../../components/review/notify";
import { testAnswer } from "../../toolchain/operations/notify";
import { notifySecrets } from "../../components/settings/notify";
import { problemsOf, settingsOf } from "../support/settings";

const URL = "https://hooks.example.com/services/T0/B0/very-secret";
const MAIL = { host: "mail.example.com", from: "db@example.com", to: ["dba@example.com"] };
const of = (notify: Record<string, unknown>) => settingsOf({ notify }, ["notify"]);
const problems = (notify: Record<string, unknown>, secret = ["notify"]) =>
    problemsOf(() => settingsOf({ notify }, secret)).join("\n");
const chat = (changes: Record<string, unknown>) => problems({ webhooks: { chat: { url: URL, ...changes } } });

describe("the setting notify", () => {
    it("is nobody by default, and nothing is published then", () => {
        assert.equal(settingsOf({}).notify, undefined);
        assert.deepEqual(secretFiles(settingsOf({})), []);
    });

    it("is published as a secret file that the service reads, with certificates beside it", () => {
        const settings = of({
            webhooks: { chat: { url: URL, caFile: "ca.crt" } },
            email: { dba: { ...MAIL, security: "tls", events: ["digest"] } },
            ping: { url: `${URL}/ping`, every: "10m" },
        });
        const [file] = secretFiles(settings);
        assert.equal(file?.name, "notify.json");
        const wish = readNotify(file.content);
        assert.deepEqual(wish, settings.notify?.published);
        assert.deepEqual(
            wish?.receivers.map(({ name, events, ca }) => [name, events, ca]),
            [
                ["chat", ["failure", "recovery", "late", "drill"], "notify-chat-ca.crt"],
                ["dba", ["digest"], undefined],
            ],
        );
        assert.deepEqual(
            [wish.after, wish.repeat, wish.digest, wish.ping?.every],
            [120, 86_400, "0 7 * * 1", 600],
        );
        assert.match(settings.notify?.certificates["notify-chat-ca.crt"] ?? "", /BEGIN CERTIFICATE/);
        assert.equal(wish.receivers.map((one) => (one.kind === "email" ? one.port : 0))[1], 465);
    });

    it("must be encrypted where it has a secret", () => {
        assert.match(
            problems({ webhooks: { chat: { url: URL, headers: { authorization: "Bearer abc" } } } }, []),
            /^pgbackrest:notify\.webhooks\.chat\.url: is not encrypted: .*--secret --path 'pgbackrest:notify\.webhooks\.chat\.url' --stack dev\npgbackrest:notify\.webhooks\.chat\.headers\.authorization: is not encrypted/,
        );
        assert.equal(problems({ email: { dba: MAIL } }, []), "");
    });

    it("is as docs/notifications.md sets it", () => {
        const notify: Record<string, unknown> = {};
        const secret: string[] = [];
        for (const line of readFileSync(
            join(import.meta.dirname, "../..", "docs/notifications.md"),
            "utf8",
        ).split("\n")) {
            const [, option, path = "", value = ""] =
                /^npm run pulumi -- config set --path (--secret )?'?pgbackrest:notify\.([\w.]+(?:\[0\])?)'? (.*)$/.exec(
                    line,
                ) ?? [];
            if (path === "") continue;
            if (option !== undefined) secret.push(path);
            const plain = value.replace(/^'|'$/g, "");
            const keys = path.replace("[0]", "").split(".");
            const last = keys.pop() ?? "";
            const place = keys.reduce<Record<string, unknown>>((at, key) => {
                const inner = at[key];
                const next: Record<string, unknown> = isRecord(inner) ? inner : {};
                at[key] = next;
                return next;
            }, notify);
            place[last] = path.endsWith("[0]") ? [plain] : plain;
        }
        assert.deepEqual(
            notifySecrets(notify).map(({ path }) => path.replace("notify.", "")),
            secret,
        );
        assert.deepEqual(
            of(notify).notify?.published.receivers.map(({ name }) => name),
            ["chat", "dba"],
        );
    });

    const refused: readonly (readonly [what: string, problem: string, expected: RegExp])[] = [
        ["no URL", chat({ url: "hooks.example.com/very-secret" }), /\.chat\.url: is no URL/],
        ["plain HTTP", chat({ url: "http://hooks/very-secret" }), /\.url: plain HTTP .*insecure: "I accept/],
        ["a user in the URL", chat({ url: "https://u:very-secret@hooks" }), /\.url: has a user before the @/],
        [
            "an unknown event",
            chat({ events: ["failures"] }),
            /\.events\[0\]: "failures": one of failure, recovery/,
        ],
        ["no event", chat({ events: [] }), /\.events: is empty/],
        [
            "an unknown placeholder",
            chat({ body: '"{{tittle}}"' }),
            /\{\{tittle\}\} is no placeholder; did you mean title\?/,
        ],
        ["a body that is no JSON", chat({ body: '{"text": {{text}}}' }), /\.body: is no JSON/],
        ["a short key", chat({ key: "very-secret" }), /\.key: is shorter than 16/],
        [
            "a header of HTTP",
            chat({ headers: { Host: "very-secret" } }),
            /headers\.Host: is no header of your own/,
        ],
        ["an unknown field", chat({ urll: "x" }), /notify\.webhooks\.chat\.urll: no such setting/],
        ["a CA that is not there", chat({ caFile: "none.crt" }), /\.caFile: none\.crt cannot be read/],
        [
            "no address",
            problems({ email: { dba: { ...MAIL, to: ["dba"] } } }),
            /\.to: "dba": an address such as/,
        ],
        ["a user alone", problems({ email: { dba: { ...MAIL, user: "x" } } }), /\.password: is missing/],
        [
            "no security",
            problems({ email: { dba: { ...MAIL, security: "none" } } }),
            /"none": one of starttls, tls/,
        ],
        ["a bad digest", problems({ digest: "0 7 * *" }), /notify\.digest: "0 7 \* \*"/],
        ["too patient", problems({ after: "1h" }), /notify\.after: 3600 s: at most 600 s/],
        ["pings like rain", problems({ ping: { url: URL, every: 1 } }), /ping\.every: 1 s: 60 s or more/],
    ];
    for (const [what, problem, expected] of refused)
        it(`is refused with ${what}, and shows no secret`, () => {
            assert.match(problem, expected);
            assert.doesNotMatch(problem, /very-secret/);
        });

    it("tells by a preview who hears of what from now on", () => {
        const told = (before: object, after: object) =>
            notifyConsequences({ ...before }, { ...after }).map(
                ({ severity, text }) => `${severity}: ${text}`,
            );
        const one = { chat: { events: "failure", rest: "x" } };
        assert.deepEqual(told(one, one), []);
        assert.match(
            told({}, one).join(),
            /^note: other notifications, and nothing restarts .*: chat \(failure\)\. npm run/,
        );
        assert.match(told(one, {}).join(), /^warning: nobody is told of trouble/);
        assert.match(told(one, { chat: { events: "failure", rest: "y" } }).join(), /chat otherwise/);
        assert.match(told(one, { dba: { events: "late", rest: "y" } }).join(), /dba \(late\)|chat no more/);
    });

    it("is tried by ops, which says what each answers", () => {
        const bad = testAnswer(
            { chat: { ok: true, text: "200" }, dba: { ok: false, text: "no" } },
            undefined,
        );
        assert.deepEqual(
            [bad.status, testAnswer({ chat: { ok: true, text: "200" } }, undefined).status],
            [1, 0],
        );
        assert.equal(testAnswer({}, undefined).status, 2);
    });
});
