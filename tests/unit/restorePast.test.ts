import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { choose } from "../../components/restore/choose";
import { pastOptions, readPast } from "../../components/restore/past";
import { planOf, planText } from "../../components/restore/plan";
import { nextStep, type RestoreRecord } from "../../components/restore/record";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { EXISTING, MADE } from "../support/cloudSettings";
import { factsOfRestore, repositoryOfRestore } from "../support/restoreFacts";
import { problemsOf, settingsOf } from "../support/settings";

const NOW = new Date("2026-11-28T06:00:00Z");
const SECONDS = NOW.getTime() / 1000;
const PAST = "2026-11-27 09:00:00.75+01";
const WISH: Wish = {
    ...{ name: "before", at: "latest", inclusive: true, pause: false, acceptDamage: false },
    repositoryTime: PAST,
};

describe("a restore from a repository as it was", () => {
    it("reads it with pgBackRest's option, in whole seconds of UTC, which the server's commands take", () => {
        assert.deepEqual(readPast(PAST, SECONDS), {
            time: "2026-11-27 08:00:00+00",
            seconds: Date.UTC(2026, 10, 27, 8) / 1000,
        });
        assert.deepEqual(pastOptions(WISH), ["--repo-target-time=2026-11-27 08:00:00+00"]);
        assert.deepEqual(pastOptions({}), []);
    });

    const problems = (restore: object, repositories: readonly unknown[] = [MADE]) =>
        problemsOf(() =>
            settingsOf(
                { repositories, restore: { name: "a", repositoryTime: PAST, ...restore } },
                ["repositories"],
                NOW,
            ),
        );

    for (const [title, repositories] of [
        ["a bucket that is made", [MADE]],
        ["a bucket that exists", [EXISTING]],
    ] as const)
        it(`is taken for ${title}`, () => {
            assert.deepEqual(problems({}, repositories), []);
            const { wish } = settingsOf(
                { repositories, restore: { name: "a", repositoryTime: PAST } },
                ["repositories"],
                NOW,
            ).restore;
            assert.equal(wish?.repositoryTime, PAST);
        });

    for (const [what, restore, expected, repositories] of [
        ["without a zone", { repositoryTime: "2026-11-27 09:00" }, /"2026-11-27 09:00" has no zone/, [MADE]],
        ["that moves", { repositoryTime: "2h" }, /"2h" is another moment each time/, [MADE]],
        ["that is none", { repositoryTime: "latest" }, /"latest" is no time such as/, [MADE]],
        ["that is not past", { repositoryTime: "2026-11-29 09:00Z" }, /is not past yet/, [MADE]],
        [
            "before the target",
            { at: "2026-11-27 10:00Z" },
            /is before restore\.at \(2026-11-27 10:00Z\)/,
            [MADE],
        ],
        [
            "of a directory",
            {},
            /the repository x cannot be read as it was: a directory of the host keeps no versions/,
            [{ name: "x", type: "posix" }],
        ],
        [
            "of a bucket without versions",
            {},
            /cannot be read as it was: its bucket is made with versioning: false/,
            [{ ...MADE, versioning: false }],
        ],
    ] as const)
        it(`refuses a time ${what}`, () => {
            const found = problems(restore, repositories);
            assert.match(found.join("\n"), expected);
            assert.match(found.join("\n"), /^pgbackrest:restore\.repositoryTime: /);
            assert.equal(found.length, 1, found.join("\n"));
        });

    it("says so in its plan, and that what was written since is left behind", () => {
        const facts = factsOfRestore();
        const target = readTarget("latest", facts.now);
        assert.ok(typeof target === "object");
        const choice = choose(WISH, target, facts);
        assert.ok("backup" in choice);
        const text = planText(planOf(choice, WISH, target, facts)).join("\n");
        assert.match(text, /of the repository local as it was at 2026-11-27 09:00:00\.75\+01; all/);
        assert.match(text, /^left behind: what was written .* up to now/m);
        assert.match(text, /^the database is away for one stop and one start, when all is replayed$/m);
    });

    it("goes along the newest history of then where the timeline of the running database began later", () => {
        const facts = {
            ...factsOfRestore(),
            running: { timeline: 7, lsn: 0x24800000n, slots: [] },
            repositories: [repositoryOfRestore({})],
        };
        const chosen = choose(WISH, { kind: "latest" }, facts);
        assert.equal("backup" in chosen ? chosen.timeline : chosen.why, 2);
        const asItIs = choose({ ...WISH, repositoryTime: undefined }, { kind: "latest" }, facts);
        assert.match("why" in asItIs ? asItIs.why : "chosen", /timeline 7/);
    });

    it("is not done again where its data are lost, as the repository of now tells", () => {
        const by = { name: WISH.name, at: WISH.at };
        const repositories = [repositoryOfRestore({ restores: new Map([[2, by]]) })];
        const again = choose(
            WISH,
            { kind: "latest" },
            { ...factsOfRestore(), running: undefined, repositories },
        );
        assert.match(
            "why" in again ? [again.why, ...again.instead].join("\n") : "chosen",
            /was done before[^]*restore\.at latest, without repositoryTime/,
        );
    });

    it("of another moment of the repository is another restore", () => {
        const record: RestoreRecord = {
            ...{ wish: WISH, phase: "done", repository: "local", backup: "A", timeline: 1, atEnd: false },
            ...{ bytes: 0, restoreSeconds: 0, segments: 0, replaySeconds: 0, began: 0 },
        };
        assert.equal(nextStep(record, WISH, { kind: "latest" }, []), "nothing");
        const other = nextStep(
            record,
            { ...WISH, repositoryTime: "2026-11-27 07:00Z" },
            { kind: "latest" },
            [],
        );
        assert.match(typeof other === "object" ? other.refused : other, /is done.*another name$/);
    });
});
