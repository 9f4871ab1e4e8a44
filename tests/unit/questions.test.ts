import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";

const DOCS = resolve(import.meta.dirname, "../../docs");

/** What strangers ask, and the page that a search for their words has to find first. */
const QUESTIONS: Readonly<Record<string, string>> = {
    "Is there a report that I can print and send to an auditor?": "report",
    "How do I restore one table?": "restore-one-table",
    "What happens when S3 is away?": "repository-away",
    "How do I get PostgreSQL's minor update?": "upgrade",
    "How do I change the retention of backups?": "change-a-setting",
    "How do I take a backup now?": "ops",
    "The container is unhealthy: what do I do?": "health",
    "How do I go back to the moment before a mistake?": "restore",
    "I lost the host. How do I get the database onto a new machine?": "lost-host",
    "Pulumi's state is lost, but the containers are there": "lost-state",
    "Somebody deleted the data volume": "lost-volume",
    "How do I rotate the application's password?": "rotate",
    "The access key of the bucket leaked. How do I replace the key?": "rotate",
    "How do I use MinIO?": "own-bucket",
    "Can I back up to Azure?": "azure",
    "Can I back up to Google Cloud?": "gcs",
    "How do I back up to a NAS with SFTP?": "sftp",
    "Can it use the role of the EC2 instance, without a key?": "keyless",
    "Where is the passphrase of the backups, and what if I lose it?": "passphrase",
    "Can I move in from docker-compose with my data volume?": "move-in",
    "Is there an example for a stack of my own?": "own-stack",
    "What is the default of each setting?": "settings",
    "What does DANGER in the preview mean?": "preview",
    "How do I get the preview as a comment in a pull request on GitHub?": "pull-requests",
    "How do I run it in production, on another host over ssh?": "prod",
    "What are page checksum errors?": "damaged-page",
    "I pressed Ctrl-C: up was interrupted": "troubleshooting",
    "Can I look at the restored data before PostgreSQL moves there (promote)?": "look-before-you-promote",
    "How do I prove that a backup restores?": "prove-a-backup",
    "What recovery time and recovery point do drills measure?": "drills",
    "Are there alert rules and a Grafana dashboard?": "alerts",
    "How does Prometheus scrape metrics of the backups?": "monitoring",
    "Who is told when backups fail: Slack, mail, a webhook?": "notifications",
    "Can I silence notifications during maintenance?": "notifications",
    "What is a dead man's switch, and how do I set healthchecks.io?": "notifications",
    "How do I get a weekly digest by mail?": "notifications",
    "Can Prometheus see connections, locks and tables of PostgreSQL itself?": "monitoring",
    "Which port has /metrics, and does it need a token?": "monitoring",
    "What severity has each alert, and what do I do about it?": "alerts",
    "How do I send alerts to Alertmanager?": "alerts",
    "Where is the page that shows people whether all is well?": "report",
    "How do I add a second repository?": "several-repositories",
    "May one of several repositories be away?": "several-repositories",
    "How do I take one of the repositories out?": "several-repositories",
    "Can a repository have its own schedule and retention?": "repositories",
    "The passphrase leaked: how do I get a new passphrase?": "new-passphrase",
    "How often are drills made, and what do they cost?": "drills",
    "How do I switch drills off, or make a drill by hand now?": "drills",
    "What does a drill prove, and what not?": "drills",
    "Ransomware has encrypted the bucket: what after the attack?": "after-an-attack",
    "Restore from a bucket as it was before the thief": "after-an-attack",
    "How does a reader get a key that cannot write or delete?": "readers",
    "Can a colleague clone the database elsewhere for tests?": "readers",
    "What does each message of health mean?": "health",
    "How long may the repository be away before WAL is dropped?": "repository-away",
    "Does verify read the whole repository?": "ops",
    "What was done, and when? The history of runs": "ops",
    "How do I name this moment, a restore point before a migration?": "ops",
    "How do I drop the data volume of an old restore?": "ops",
    "What do I keep in a safe to restore without host and state?": "escrow",
    "Why not RDS or CloudNativePG?": "why-this",
    "How do I leave, with a dump or logical replication?": "moving-on",
    "Can a thief with the key delete the bucket's versions?": "after-an-attack",
    "Can somebody restore elsewhere with a key that only reads?": "readers",
    "A thief has deleted all backups in the bucket. How do I get them back after the attack?":
        "after-an-attack",
    "Which types of repository are there?": "repositories",
    "Can I have several repositories at once, a local one and a bucket?": "several-repositories",
    "How do I give the backups a new passphrase?": "new-passphrase",
    "Has somebody edited the published configuration?": "published",
    "What are the most common mistakes?": "mistakes",
    "Can I use the image without Pulumi?": "image-alone",
};

/** Words that every question has. */
const SMALL = new Set(
    "a an and are as at be but by can do does for from have has how i if in is it my not of on or s so that the there to up what when where which why with".split(
        " ",
    ),
);

/** Words of a text, small ones left out, and without the endings that say no more. */
function wordsOf(text: string): string[] {
    return [...text.toLowerCase().matchAll(/[a-z0-9]+/g)]
        .map(([word]) => word)
        .filter((word) => !SMALL.has(word))
        .map((word) => word.replace(/(?<=\w{3})(?:ies|es|s|ed|ing|e)$/, ""));
}

const countOf = (words: readonly string[], word: string): number =>
    words.filter((one) => one === word).length;

/** A page: its title and headings count eight and four times as much as what is below them. */
interface Page {
    readonly name: string;
    readonly words: readonly string[];
}

function pageOf(name: string): Page {
    const text = readFileSync(join(DOCS, `${name}.md`), "utf8");
    const title = wordsOf(/^# (.*)$/m.exec(text)?.[1] ?? "");
    const headings = wordsOf([...text.matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading).join(" "));
    const times = (words: readonly string[], count: number) =>
        Array.from({ length: count }, () => words).flat();
    return { name, words: [...times(title, 7), ...times(headings, 3), ...wordsOf(text)] };
}

/** Okapi BM25, as search engines have it: rare words count more, a word counts less each further time, and long pages have no advantage. */
function ranking(pages: readonly Page[], question: string): readonly (readonly [string, number])[] {
    const average = pages.reduce((sum, { words }) => sum + words.length, 0) / pages.length;
    const rarity = (word: string): number => {
        const having = pages.filter(({ words }) => words.includes(word)).length;
        return Math.log(1 + (pages.length - having + 0.5) / (having + 0.5));
    };
    const score = ({ words }: Page, word: string): number => {
        const count = countOf(words, word);
        return (rarity(word) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * words.length) / average));
    };
    return pages
        .map((page): [string, number] => [
            page.name,
            wordsOf(question).reduce((sum, word) => sum + score(page, word), 0),
        ])
        .sort(([, one], [, other]) => other - one);
}

describe("a stranger's question", () => {
    const pages = readdirSync(DOCS)
        .filter((file) => file.endsWith(".md") && file !== "README.md")
        .map((file) => pageOf(file.slice(0, -3)));

    for (const [question, page] of Object.entries(QUESTIONS))
        it(`${question} finds docs/${page}.md`, () => {
            const [first, ...others] = ranking(pages, question);
            assert.equal(
                first?.[0],
                page,
                `give the page the question's words, or the question the page that answers it now: ${[first, ...others.slice(0, 3)].join("; ")}`,
            );
        });
});
