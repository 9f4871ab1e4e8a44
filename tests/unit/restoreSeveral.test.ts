import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Choice, choose } from "../../components/restore/choose";
import type { Away, Facts, Impossible, RepositoryFacts } from "../../components/restore/facts";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { factsOfRestore, HOUR, repositoryOfRestore, sampleBackup, START } from "../support/restoreFacts";

const WISH: Wish = { name: "r", at: "latest", inclusive: true, pause: false, acceptDamage: false };
const AWAY: Away = { name: "offsite", why: "its host does not answer" };

function ask(facts: Partial<Facts>, wish: Partial<Wish> = {}): Choice | Impossible {
    const all = { ...factsOfRestore(), ...facts };
    const target = readTarget(wish.at ?? WISH.at, all.now);
    assert.ok(typeof target === "object");
    return choose({ ...WISH, ...wish }, target, all);
}

function chosen(facts: Partial<Facts>, wish: Partial<Wish> = {}): Choice {
    const found = ask(facts, wish);
    assert.ok("backup" in found, "why" in found ? found.why : "");
    return found;
}

function why(facts: Partial<Facts>, wish: Partial<Wish> = {}): string {
    const found = ask(facts, wish);
    assert.ok("why" in found);
    return found.why;
}

/** `local` has the WAL of timeline 2 up to a segment. */
function until(segment: string, hour: number): RepositoryFacts {
    const { ends } = repositoryOfRestore({});
    return repositoryOfRestore({ ends: new Map(ends).set(2, { segment, time: START + hour * HOUR }) });
}
const offsite = (changes: Partial<RepositoryFacts> = {}) =>
    repositoryOfRestore({ number: 3, name: "offsite", ...changes });
/** Of timeline 2, after 8 h. */
const hole = { first: "000000020000000000000022", last: "000000020000000000000022", count: 1, after: null };

describe("a restore with several repositories", () => {
    it("passes over one that is away, and says so", () => {
        const { name, warnings, walFrom } = chosen({ away: [AWAY] });
        assert.deepEqual([name, walFrom], ["local", [1]]);
        assert.deepEqual(warnings, [
            "the repository offsite cannot be read: its host does not answer. What it alone has is not used",
        ]);
        const third = repositoryOfRestore({ number: 4, name: "third" });
        const both = chosen({ away: [AWAY], repositories: [repositoryOfRestore({}), third] });
        assert.deepEqual(both.walFrom, [1, 4]);
    });
    it("cannot be where the one that is wished is away", () => {
        const text = /^the repository offsite cannot be read: its host does not answer$/;
        assert.match(why({ away: [AWAY] }, { repository: "offsite" }), text);
        assert.match(why({ away: [AWAY] }, { repository: "none" }), /no repository none, but local, offsite/);
    });
    it("says of each why none of them serves", () => {
        assert.match(
            why({ away: [AWAY] }, { at: "2026-11-27 00:30:00+00" }),
            /before the oldest backup.*; the repository offsite cannot be read/,
        );
    });
    it("gets WAL from all of them, or from the one that is wished", () => {
        const repositories = [repositoryOfRestore({}), offsite()];
        assert.equal(chosen({ repositories }).walFrom, "all");
        const { walFrom, name } = chosen({ repositories }, { repository: "offsite" });
        assert.deepEqual([walFrom, name], [[3], "offsite"]);
    });
    it("is of the first, where the WAL of another goes on without a gap", () => {
        const repositories = [until("000000020000000000000021", 8.5), offsite()];
        assert.equal(chosen({ repositories, running: undefined }).name, "local");
    });
    it("is of another, where the first leads less far", () => {
        const behind = until("000000020000000000000020", 8.5);
        // Timeline 2 from 9 h on: nobody knows that what comes before that is there.
        const young = { backups: [sampleBackup("E", 2, 9)] };
        for (const other of [offsite({ ...young }), offsite({ backups: [...young.backups], gaps: [hole] })]) {
            const found = chosen({ repositories: [behind, other], running: undefined });
            assert.deepEqual([found.name, found.backup.label], ["offsite", "E"]);
            assert.match(
                found.candidates[0]?.why ?? "",
                /^not chosen: WAL of local ends at 2026-11-27 08:30/,
            );
            assert.equal(found.candidates.filter((one) => one.why.startsWith("chosen")).length, 1);
        }
        const early = chosen(
            { repositories: [behind, offsite({ ...young })] },
            { at: "2026-11-27 08:15:00+00" },
        );
        assert.equal(early.name, "local");
    });
});
