import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { choose } from "../../components/restore/choose";
import type { Facts } from "../../components/restore/facts";
import { readHistory, readRestore, withRestore } from "../../components/restore/history";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { factsOfRestore, repositoryOfRestore } from "../support/restoreFacts";

const WISH: Wish = {
    ...{ name: "friday", at: "2026-11-27 03:30Z", inclusive: true, pause: false, acceptDamage: false },
};
const BY = { name: WISH.name, at: WISH.at };
/** What lies in the file of timeline 3, which left timeline 1. */
const HISTORY = "1\t0/3000148\tbefore 2026-11-27 03:30:01+00\n";

describe("a restore that was done before", () => {
    const tried = (by: typeof BY, facts: Partial<Facts> = {}, wish: Partial<Wish> = {}, timeline = 2) => {
        const wanted = { ...WISH, ...wish };
        const target = readTarget(wanted.at, 0);
        assert.ok(typeof target === "object");
        const repositories = [repositoryOfRestore({ restores: new Map([[timeline, by]]) })];
        const found = choose(wanted, target, {
            ...{ ...factsOfRestore(), running: undefined, repositories, ...facts },
        });
        return "why" in found ? [found.why, ...found.instead].join("\n") : "chosen";
    };

    it("is not done again where its data are lost: what was written since would be left behind", () => {
        assert.match(
            tried(BY),
            /^restore friday to 2026-11-27 03:30Z was done before, and its data are lost: it began timeline 2, and what was written since is in the repository local, the newest of 2026-11-27 09:00:00\+00\. .*\nwhat was there last: pgbackrest:restore\.name friday-2 .*restore\.at latest\nthat moment again, on purpose: another pgbackrest:restore\.name/,
        );
    });

    for (const [what, by, facts, wish, timeline] of [
        [
            "where a database runs, whose loss the plan tells",
            BY,
            { running: factsOfRestore().running },
            {},
            2,
        ],
        ["to the newest that there is now", BY, {}, { at: "latest" }, 2],
        ["to another moment", { ...BY, at: "2026-11-27 02:30Z" }, {}, {}, 2],
        ["under another name", { ...BY, name: "monday" }, {}, {}, 2],
        ["of which nothing was archived", BY, {}, {}, 9],
    ] as const)
        it(`is chosen ${what}`, () => {
            assert.equal(tried(by, facts, wish, timeline), "chosen");
        });

    it("is known by the history file of its timeline, which says the same as before, and not by that of a later one", () => {
        const marked = withRestore(HISTORY, BY);
        assert.deepEqual(readRestore(marked), BY);
        assert.equal(withRestore(marked, { ...BY, at: "latest" }), marked);
        assert.deepEqual(readHistory(marked), readHistory(HISTORY));
        // As PostgreSQL writes it: a copy, and a line of its own.
        const later = `${marked}\n3\t0/5000000\tno recovery target specified\n`;
        assert.equal(readRestore(later), undefined);
        assert.equal(readHistory(later).length, 2);
        assert.deepEqual(readRestore(withRestore(later, { ...BY, name: "monday" }))?.name, "monday");
        for (const text of ["", HISTORY, "# restore", "# restore {}", "# restore friday"])
            assert.equal(readRestore(text), undefined);
    });

    it("is known whatever its point is called", () => {
        fc.assert(
            fc.property(fc.string(), (at) => {
                const marked = withRestore(HISTORY, { name: "friday", at });
                assert.deepEqual(readRestore(marked), { name: "friday", at });
                assert.deepEqual(readHistory(marked), readHistory(HISTORY));
            }),
        );
    });
});
