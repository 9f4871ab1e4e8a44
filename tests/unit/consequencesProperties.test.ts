import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { same } from "../../components/state/description";
import { readDescription, Unreadable } from "../../components/state/readDescription";
import { consequences, explanation, needsLive } from "../../components/review/consequences";
import { readInfo } from "../../components/protection/info";
import { anySettings, cloud, described } from "../support/descriptions";
import { NOW, option, type Stack, told } from "../support/told";

describe("consequences", () => {
    it("never hold a secret", () => {
        const secrets = ["one-password", "a passphrase that is long enough", "secret-1", "AKIA1"];
        const text = JSON.stringify(described({ password: "one-password" }, [cloud]));
        for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    });

    it("are one message, the heaviest first", () => {
        const text = explanation(consequences(described(), described({ repositories: [], port: 5433 }), NOW));
        assert.match(
            text,
            /^What this change means:\n {2}DANGER {3}the database.*\n {2}warning {2}sales.*\n {2}note {5}sales/,
        );
    });

    it("are exact where the repository can be asked", () => {
        const live = readInfo(
            JSON.stringify([
                {
                    name: "main",
                    backup: ["20261101", "20261108", "20261115", "20261122"].map((day, week) => ({
                        label: `${day}-013000F`,
                        type: "full",
                        reference: null,
                        database: { id: 1, "repo-key": 1 },
                        timestamp: { start: 1793496600 + week * 604_800, stop: 1793496660 + week * 604_800 },
                    })),
                },
            ]),
            "main",
        );
        const before = described();
        const after = described(...option("repo1-retention-full", 3));
        assert.ok(needsLive(before, after) && !needsLive(after, before));
        assert.match(
            consequences(before, after, NOW, live?.backups)[0]?.text ?? "",
            /The repository was asked: 1 full backup, 0 diff backups, 0 incr backups expire; recovery reaches back to 2026-11-01 \d\d:\d\d UTC now and to 2026-11-08 \d\d:\d\d UTC then\.$/,
        );
    });

    it("are none without a change, whatever the order of keys and the way through the outputs", () => {
        fc.assert(
            fc.property(anySettings, (stack) => {
                const reversed: unknown = JSON.parse(
                    JSON.stringify(Object.fromEntries(Object.entries(stack).reverse())),
                );
                const read = readDescription(reversed, []);
                assert.ok(!(read instanceof Unreadable) && same(read, stack));
                assert.deepEqual(consequences(read, stack, NOW), []);
            }),
            { numRuns: 40 },
        );
    });

    it("tell of every change and of its reverse, the heaviest first", () => {
        const order = ["danger", "warning", "note"];
        fc.assert(
            fc.property(anySettings, anySettings, (one, other) => {
                fc.pre(!same(one, other));
                for (const lines of [consequences(one, other, NOW), consequences(other, one, NOW)]) {
                    assert.ok(lines.length > 0);
                    const weights = lines.map(({ severity }) => order.indexOf(severity));
                    assert.deepEqual(weights, [...weights].sort());
                    assert.ok(
                        lines.every(
                            ({ text }) => /^\S.*\.$/.test(text) && !/undefined|NaN|\[object/.test(text),
                        ),
                    );
                }
            }),
            { numRuns: 60 },
        );
    });

    it("weigh more where something is lost than on the way back", () => {
        const grave = (before: Stack, after: Stack): boolean =>
            told(before, after).some((line) => line.startsWith("danger"));
        for (const [full, name] of [
            [4, "repo1-retention-full"],
            [2, "repo1-retention-archive"],
        ] as const) {
            assert.ok(grave([], option(name, full)));
            assert.ok(!grave(option(name, full), []));
        }
    });
});
