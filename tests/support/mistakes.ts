import { readFileSync } from "node:fs";
import { renderFiles } from "../../components/publication/publication";
import { refusals } from "../../components/review/refusals";
import type { Guard } from "../../components/settings/guard";
import { AZURE, EXISTING, type Raw } from "./cloudSettings";
import { cloud, described } from "./descriptions";
import { problemsOf, settingsOf } from "./settings";

/** A mistake in words, and what says so. */
type Mistake = readonly [what: string, says: () => readonly string[]];

const LOCAL = { name: "local", type: "posix" };
const TEMPLATE = "config/pgbackrest/pgbackrest.conf";
const GUARD: Guard = { accept: [], floor: { full: 4, days: 7 } };

/** Some messages name the day. */
const NOW = new Date("2026-11-27T06:00:00Z");

const setting = (raw: Raw, secret: readonly string[] = []) => problemsOf(() => settingsOf(raw, secret, NOW));
const repository = (raw: Raw) => setting({ repositories: [raw] }, ["repositories"]);
const HOOK = { url: "https://chat.example.com/hook" };
const MAIL = { host: "smtp.example.com", from: "db@example.com", to: ["dba@example.com"] };
const webhook = (changes: Raw, secret = ["notify"]) =>
    setting({ notify: { webhooks: { chat: { ...HOOK, ...changes } } } }, secret);
const email = (changes: Raw) => setting({ notify: { email: { dba: { ...MAIL, ...changes } } } }, ["notify"]);
const monitoring = (raw: Raw) => setting({ monitoring: raw }, ["monitoring"]);
const template = (from: string, to: string) =>
    problemsOf(() =>
        renderFiles(
            settingsOf({ repositories: [LOCAL] }),
            { file: TEMPLATE, text: readFileSync(TEMPLATE, "utf8").replace(from, to) },
            "dev",
        ),
    );
const change = (before: Raw, after: Raw) => refusals(described(before), described(after), GUARD, []);

/** The commonest mistakes by where they are made. */
const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
    "In the stack's settings": [
        ["A setting is misspelt", () => setting({ repositorys: [] })],
        ["A word where a number belongs", () => setting({ memory: "much" })],
        ["A number out of range", () => setting({ memory: 64 })],
        ["Yes in place of true", () => setting({ protect: "yes" })],
        ["A map where a list belongs", () => setting({ repositories: LOCAL })],
        ["A name with spaces or capitals", () => setting({ name: "Sales Spider" })],
        ["A password that is not encrypted", () => setting({ password: "hunter2" })],
        ["A key that is not encrypted", () => setting({ repositories: [AZURE] })],
        ["A Docker host without a scheme", () => setting({ dockerHost: "db1.example.com" })],
        ["A port beyond this machine without TLS", () => setting({ port: 5432, address: "0.0.0.0" })],
        ["A host's name where an address belongs", () => setting({ port: 5432, address: "localhost" })],
        ["A certificate without its key", () => setting({ tlsCertificate: "x" })],
        ["A database of PostgreSQL's own", () => setting({ database: "postgres" })],
        ["A role that PostgreSQL reserves", () => setting({ role: "pg_app" })],
        ["A file for initSql that is not there", () => setting({ initSql: "sql/none.sql" })],
        ["More shared memory than memory", () => setting({ shm: 2048 })],
        ["A stanza that pgBackRest uses itself", () => setting({ stanza: "all" })],
        [
            "Another generated password where one is given",
            () => setting({ password: "x", passwordGeneration: 2 }, ["password"]),
        ],
        ["An unknown setting of PostgreSQL", () => setting({ settings: { shared_bufers: "1GB" } })],
        [
            "A setting of PostgreSQL that the program sets",
            () => setting({ settings: { archive_command: "cp" } }),
        ],
    ],
    "In schedules": [
        ["Four cron fields", () => setting({ schedules: { diff: "0 1 * *" } })],
        ["An hour that there is not", () => setting({ schedules: { full: "0 24 * * *" } })],
        ["Both days", () => setting({ schedules: { full: "0 0 1 * 1" } })],
        ["A misspelt time zone", () => setting({ schedules: { timezone: "Europe/Berln" } })],
        ["No full backup at all", () => setting({ schedules: { full: "off" } })],
        ["A kind of backup that there is not", () => setting({ schedules: { daily: "0 1 * * *" } })],
    ],
    "In repositories": [
        ["No type", () => repository({ name: "x" })],
        ["An unknown type", () => repository({ name: "x", type: "nfs" })],
        ["A setting of another type", () => repository({ ...LOCAL, bucket: "backups" })],
        ["A relative directory", () => repository({ ...LOCAL, hostPath: "backups" })],
        ["A bucket's name in capitals", () => repository({ ...EXISTING, bucket: "Backups" })],
        [
            "https:// before the endpoint",
            () => repository({ ...EXISTING, endpoint: "https://s3.example.com" }),
        ],
        ["Plain HTTP", () => repository({ ...EXISTING, endpoint: "http://minio:9000" })],
        ["A bucket without its key", () => repository({ ...EXISTING, key: undefined, keySecret: undefined })],
        ["No region", () => repository({ ...EXISTING, region: undefined })],
        [
            "A lock for a bucket that is there",
            () => repository({ ...EXISTING, lock: { mode: "governance", days: 30 } }),
        ],
        ["Readers of a bucket that is there", () => repository({ ...EXISTING, readers: ["drills"] })],
        ["An account of Azure with capitals", () => repository({ ...AZURE, account: "MyBackups" })],
        [
            "A data volume that is the repository, too",
            () => setting({ dataVolume: "pgdata", repositories: [{ ...LOCAL, volume: "pgdata" }] }),
        ],
    ],
    "In pgBackRest's options": [
        ["A misspelt option", () => setting({ options: { global: { "proces-max": 2 } } })],
        ["A misspelt section", () => setting({ options: { gloabl: { "process-max": 2 } } })],
        ["An option that repositories set", () => setting({ options: { global: { "repo1-path": "/x" } } })],
        ["A value that is not allowed", () => template("compress-type=lz4", "compress-type=lz5")],
        [
            "A level that the compression does not have",
            () => template("compress-level=3", "compress-level=33"),
        ],
        ["A section for another stanza", () => template("[main]", "[mian]")],
        ["An option twice", () => template("process-max=2", "process-max=2\nprocess-max=4")],
        ["A line without =", () => template("start-fast=y", "start-fast")],
    ],
    "In monitoring and notifications": [
        ["A receiver's URL that is not encrypted", () => webhook({}, [])],
        ["Plain HTTP to a receiver", () => webhook({ url: "http://chat.example.com/hook" })],
        ["A body that is no JSON", () => webhook({ body: '{"text": {{text}}}' })],
        ["A misspelt placeholder", () => webhook({ body: '{"text": "{{titel}}"}' })],
        ["An event that there is not", () => webhook({ events: ["failures"] })],
        ["An address where a list belongs", () => email({ to: "dba@example.com" })],
        ["A user for mail without a password", () => email({ user: "db" })],
        ["A word where the digest's cron fields belong", () => setting({ notify: { digest: "weekly" } })],
        [
            "Figures beyond this machine without TLS",
            () => monitoring({ port: 9464, address: "0.0.0.0", token: "0".repeat(32) }),
        ],
        ["A token that anyone can guess", () => monitoring({ port: 9464, token: "x" })],
        ["A port that PostgreSQL has", () => setting({ port: 9464, monitoring: { port: 9464 } })],
    ],
    "In a restore": [
        [
            "A time without its zone",
            () => setting({ repositories: [LOCAL], restore: { name: "friday", at: "2026-11-27 06:00" } }),
        ],
        [
            "A time that means another moment each time",
            () => setting({ repositories: [LOCAL], restore: { name: "friday", at: "2h" } }),
        ],
        ["No name", () => setting({ repositories: [LOCAL], restore: { at: "immediate" } })],
        [
            "A repository as it was that keeps no versions",
            () =>
                setting({
                    repositories: [LOCAL],
                    restore: { name: "friday", repositoryTime: "2026-11-26 06:00Z" },
                }),
        ],
    ],
    "In a change": [
        ["Another Docker host", () => change({}, { dockerHost: "ssh://db2" })],
        ["Protection off together with something else", () => change({ protect: true }, { memory: 4096 })],
        ["Another name under protection", () => change({ protect: true }, { protect: true, name: "shop" })],
        [
            "Fewer backups than the floor",
            () =>
                change(
                    { protect: true },
                    { protect: true, options: { global: { "repo1-retention-full": 3 } } },
                ),
        ],
        [
            "Encryption off, in place",
            () =>
                refusals(
                    described({}, [cloud]),
                    described({}, [{ ...cloud, encryption: "none" }]),
                    GUARD,
                    [],
                ),
        ],
    ],
};

/** What differs from day to day, or with each setting that is added. */
const differs = (message: string): string =>
    message
        .replace(/\((settings are|type \w+ has|which has) [^)]*\)/, "($1 …)")
        .replace(/(?<=pgbackrest\.conf):\d+/g, ":…")
        .replace(/(?<=such as )\d{4}-\S+ \S+$/, "…");

/** Each with all that is said. */
export const mistakes = Object.entries(MISTAKES).flatMap(([where, list]) =>
    list.map(([what, says]) => ({ where, what, said: says().map(differs) })),
);

/** Where it stands in its page. */
export const LIST = /(?<=<!-- mistakes:[^\n]*-->\n)[^]*?(?=<!-- \/mistakes -->)/;

/** The part of docs/mistakes.md that follows from them. */
export function mistakesList(): string {
    return Object.keys(MISTAKES)
        .map((where) => {
            const rows = mistakes.filter((mistake) => mistake.where === where);
            const list = rows.map(
                ({ what, said }) => `**${what}**\n\n\`\`\`text\n${said.join("\n")}\n\`\`\`\n`,
            );
            return `## ${where}\n\n${list.join("\n")}`;
        })
        .join("\n");
}
