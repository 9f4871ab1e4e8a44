import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { format } from "prettier";
import { settingsTable } from "../../components/settings/documents";

describe("README", () => {
    it("has the table of all settings as the code has them", async () => {
        const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
        const table = /<!-- settings:[^\n]*-->\n([^]*?)<!-- \/settings -->/.exec(readme)?.[1];
        const wanted = await format(settingsTable(), { parser: "markdown", printWidth: 110 });
        assert.equal(
            table?.trim(),
            wanted.trim(),
            "run npx tsx components/settings/generate.ts, which writes it",
        );
    });
});
