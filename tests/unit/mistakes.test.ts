import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { LIST, mistakes, mistakesList } from "../support/mistakes";

describe("the commonest mistakes", () => {
    it("are some fifty", () => {
        assert.ok(mistakes.length >= 50, String(mistakes.length));
        assert.equal(new Set(mistakes.map(({ what }) => what)).size, mistakes.length);
    });

    for (const { where, what, said } of mistakes)
        it(`${where}: ${what}: one paragraph, with the setting and the way out`, () => {
            assert.equal(said.length, 1, said.join("\n"));
            const [message = ""] = said;
            assert.match(message, /^(?:pgbackrest:|config\/pgbackrest\/pgbackrest\.conf:)[^\n]{10,}$/);
            assert.ok(message.length < 500, `${message.length} characters`);
        });

    it("have their page", () => {
        const page = readFileSync(new URL("../../docs/mistakes.md", import.meta.url), "utf8");
        const found = LIST.exec(page)?.[0].trim();
        assert.equal(
            found,
            mistakesList().trim(),
            "run npx tsx tests/support/writeMistakes.ts, which writes it",
        );
    });
});
