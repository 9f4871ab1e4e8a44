import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { problemsOf, settingsOf } from "../support/settings";

const Config = v.object({ config: v.record(v.string(), v.unknown()) });

describe("the settings on the pages about repositories", () => {
    for (const page of ["several-repositories", "new-passphrase"])
        it(`${page} are valid`, () => {
            const text = readFileSync(resolve(import.meta.dirname, `../../docs/${page}.md`), "utf8");
            const blocks = [...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
            assert.ok(blocks.length > 0);
            for (const block of blocks) {
                const { config } = v.parse(Config, parse(block));
                const settings = Object.fromEntries(
                    Object.entries(config).map(([key, value]) => [key.replace("pgbackrest:", ""), value]),
                );
                assert.deepEqual(
                    problemsOf(() => settingsOf(settings)),
                    [],
                    block,
                );
            }
        });
});
