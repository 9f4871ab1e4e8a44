import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import ts from "typescript";
import type { Drilled, Drills } from "../../components/drill/due";
import { proofOf } from "../../components/drill/verdict";
import type { Backup } from "../../components/protection/info";
import { driftText } from "../../components/protection/drift";
import { endsText } from "../../components/protection/ends";
import { clockText, lostBackups, lostHistory } from "../../components/protection/kept";
import { pageErrorText } from "../../components/protection/pages";
import { remainsOf } from "../../components/protection/stanza";
import { fullText } from "../../components/protection/room";
import { NO_BACKUPS, newState, type RepositoryMemory } from "../../components/protection/state";
import { type Archiving, type Evidence, judge } from "../../components/protection/verdict";
import { NO_WAL, reachOf } from "../../components/protection/wal";
import { timetable } from "../support/fakeWorld";
import { DAY, memory, NOW } from "../support/repositoryMemory";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const PAGE = read("docs/health.md");

/** The messages of the page. */
const MESSAGES = [...PAGE.matchAll(/^```text\n(.+)\n```$/gm)].map(([, message = ""]) => message);

/** Does a sentence say what the page says, with anything in the place of `…`? */
function matches(message: string, sentence: string): boolean {
    const fixed = message.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    return new RegExp(`^${fixed.join(".*")}$`).test(sentence);
}

/** Texts for people in a source: three words at least, in the pieces that nothing is put between. */
function textsOf(file: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isStringLiteral(node) || ts.isTemplateLiteralToken(node)) found.push(node.text);
        ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
    return found.filter((text) => /\w+ \w+ \w+/.test(text));
}

const backup = (changes: Partial<Backup> = {}): Backup => ({
    ...{ label: "20261127-050000F", type: "full", damaged: false, needs: [], repository: 1 },
    ...{ added: 1, size: 1, lsn: undefined },
    ...{ start: NOW - 3600, stop: NOW - 3000, wal: undefined },
    ...changes,
});
const wal = (segment: string): Backup["wal"] => ({ first: segment, last: segment });

const gap = {
    ...{ first: "000000010000000000000005", last: "000000010000000000000007", count: 3 },
    after: NOW - 1800,
};
const before = backup({ wal: wal("000000010000000000000002") });
const behind = backup({ label: "20261127-053500F", wal: wal("000000010000000000000008") });
const gaps = (...some: (typeof gap)[]) => ({ ...NO_WAL, gaps: some });

const conflict = { first: gap.first, last: gap.last, since: NOW };

const published = {
    revision: "1-abc",
    repositories: [
        { name: "local", timetable: timetable("full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC") },
    ],
};

/** What is said of a repository, of PostgreSQL's archiving, of a configuration. */
function said(
    repository: Partial<RepositoryMemory>,
    archiving: Archiving = {},
    configuration: Partial<Pick<Evidence, "published">> = {},
    samples: Evidence["samples"] = [],
): string {
    const state = { activity: "idle", error: "", repositories: { local: memory(repository) } };
    const never = { healthy: false, protected: false, since: NOW, sentence: "" };
    const evidence = { published, ...configuration, state, archiving, samples, grace: 3600, now: NOW };
    return judge(evidence, never).sentence.replace(/ \(not protected since .* UTC\)$/, "");
}

/** What is said of two repositories of which one is well. */
function saidOfTwo(other: Partial<RepositoryMemory>): string {
    const [local] = published.repositories;
    const state = {
        ...{ activity: "idle", error: "", repositories: { local: memory(), cloud: memory(other) } },
        doing: { local: { activity: "idle", error: "" }, cloud: { activity: "idle", error: "" } },
    };
    const both = { ...published, repositories: [...(local ? [local, { ...local, name: "cloud" }] : [])] };
    const never = { healthy: false, protected: false, since: NOW, sentence: "" };
    const evidence = { published: both, state, archiving: {}, samples: [], grace: 3600, now: NOW };
    return judge(evidence, never).sentence;
}

/** What is said where all is well, but for the drills. */
function saidOf(ended: readonly Partial<Drilled>[], running?: Drills["running"]): string {
    const drill = { began: NOW - 7200, ended: NOW - 3600, result: "passed" as const, why: "" };
    const drills = { ended: ended.map((one) => ({ ...drill, ...one })), running };
    const times = timetable("full 30 1 * * 0\ndrill 30 3 * * 3\nheartbeat 300");
    const state = { activity: "idle", error: "", repositories: { local: memory() } };
    const never = { healthy: false, protected: false, since: NOW, sentence: "" };
    const evidence = { published, state, archiving: {}, samples: [], grace: 3600, now: NOW };
    const proof = proofOf(times, memory(), drills, NOW);
    return judge(
        { ...evidence, drills: proof === undefined ? {} : { local: proof } },
        never,
    ).sentence.replace(/ \(not proven since .* UTC\)$/, "");
}
const running = { began: NOW - 60, by: "schedule", phase: "restore", text: "restoring, 40 %" } as const;

const SENTENCES: Readonly<Record<string, string>> = {
    protected: said({}),
    begun: newState("x", NOW).verdict.sentence,
    "no repository": said({}, {}, { published: { ...published, repositories: [] } }),
    unpublished: said({}, {}, { published: undefined }),
    unusable: said({}, {}, { published: "schedules: x" }),
    "not in force": said({ archiving: "" }),
    "other WAL": said({ conflict }, { archived: { last: conflict.first, segmentSize: 2 ** 24 } }),
    "other WAL that is behind": said(
        { conflict },
        { archived: { last: "0".repeat(7).concat("2"), segmentSize: 2 ** 24 } },
    ),
    "a full disk": said({ full: fullText(0, "Retention keeps all that it holds.") }),
    unreachable: said({}, { unreachable: "no socket" }),
    failing: said({}, { failing: "since 1 with 2" }),
    waiting: said({}, { waiting: "000000010000000000000005" }),
    "no backup": said({ newest: NO_BACKUPS }),
    "a late backup": said({ newest: { full: NOW - 8 * DAY, diff: NOW - 3600, incr: NOW - 3600 } }),
    "one missing segment": said(reachOf(gaps({ ...gap, last: gap.first, count: 1 }), [before])),
    "missing segments": said(reachOf(gaps(gap), [before])),
    "a lost backup": said({ lostBackups: lostBackups([before], new Set()) }),
    "lost backups": said({ lostBackups: lostBackups([before, behind], new Set()) }),
    "a backup of the future": said({ ahead: clockText([backup({ start: NOW + DAY })], NOW) }),
    "a broken stanza": remainsOf("main", ["17-1"], ["backup.info"])?.problem ?? "",
    "a data volume that fills": said({}, {}, {}, [{ at: NOW, free: 2 ** 29 }]),
    "what was forgotten": said(
        {},
        { forgotten: "the replication slot x, which nobody reads, holds 2 GB of WAL" },
    ),
    "an older configuration in PostgreSQL": driftText({ loaded: "0-old" }, "1-abc"),
    "a setting that waits": driftText({ pending: "max_connections" }, "1-abc"),
    "what ends soon": endsText([{ setting: "sas", repository: "offsite", at: NOW + DAY }], NOW),
    "a first backup that waits": said({ newest: NO_BACKUPS, firstBackupAt: NOW + DAY }),
    "one of several": saidOfTwo({ full: "its disk is full" }),
    "a drill": saidOf([{ recoveryTime: 240, recoveryPoint: 40 }]),
    "no drill yet": saidOf([]),
    "no drill yet, but the first": saidOf([], running),
    "a drill that has failed": saidOf([{ result: "failed", why: "a WAL segment is missing" }]),
    "a drill that could not verify": saidOf([{ result: "unverified", why: "it was killed" }]),
    "a drill that could not verify, made again": saidOf([{ result: "unverified", why: "no room" }], running),
    "a late drill": saidOf([{ began: NOW - 9 * DAY }]),
    "a late drill that runs": saidOf([{ began: NOW - 9 * DAY }], running),
    "a lost history": said({
        gone: lostHistory(memory(), [], NOW),
    }),
    "damaged pages": said({
        damagedPages: pageErrorText({ label: "1F", since: NOW, good: undefined }, "x page 3", undefined),
    }),
};

/** Those that others say. */
const ELSEWHERE = [
    [reachOf(gaps(gap), [before, behind]).unreachable, "components/protection/wal.ts"],
    ["verify found damage in the repository: status: error", "components/protection/output.ts"],
    ["the backup service has not begun yet", "image/backup/healthcheck-pgbackrest.sh"],
    [
        "the backup service has said nothing for 70 s; it said before: protected, idle",
        "image/backup/healthcheck-pgbackrest.sh",
    ],
] as const;

describe("docs/health.md", () => {
    it("has every text of the verdict", () => {
        const texts = ["components/protection/verdict.ts", "components/drill/verdict.ts"].flatMap(textsOf);
        assert.ok(texts.length > 10, texts.join("\n"));
        const missing = texts.filter(
            (text) =>
                !MESSAGES.some((message) => message.includes(text.trim())) &&
                !PAGE.includes(`\`${text.trim()}`),
        );
        assert.deepEqual(missing, [], "give each its row in docs/health.md, and a sentence to this test");
    });

    it("has every text of the health check", () => {
        const check = read("image/backup/healthcheck-pgbackrest.sh");
        const texts = [...check.matchAll(/unhealthy "([^"]*\w+ \w+ [^"]*)"/g)].map(([, text = ""]) => text);
        assert.equal(texts.length, 3);
        for (const text of texts) assert.equal(MESSAGES.filter((one) => matches(one, text)).length, 1, text);
    });

    for (const [what, sentence] of Object.entries(SENTENCES))
        it(`has one row for ${what}`, () => {
            assert.equal(MESSAGES.filter((one) => matches(one, sentence)).length, 1, sentence);
        });

    it("has nothing that is not said any more", () => {
        for (const [sentence, file] of ELSEWHERE) {
            const words = sentence.split(/[:;\d]/)[0] ?? "";
            assert.ok(read(file).includes(words.replace(/ from .*/, "")), sentence);
        }
        const all = [...Object.values(SENTENCES), ...ELSEWHERE.map(([sentence]) => sentence)];
        for (const message of MESSAGES)
            assert.ok(
                all.some((sentence) => matches(message, sentence)),
                message,
            );
    });

    it("says of each what it means and what to do", () => {
        const rows = PAGE.split(/^### /m).slice(1);
        assert.ok(rows.length > 15);
        for (const row of rows) assert.match(row, /```text\n[^]*\n- \*\*Means:\*\* [^]*\n- \*\*Do:\*\* /);
    });

    it("is where the README sends to", () => {
        assert.match(read("README.md"), /\]\(docs\/health\.md\)/);
    });
});
