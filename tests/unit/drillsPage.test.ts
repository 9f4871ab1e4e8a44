import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { STEPS } from "../../components/drill/record";
import { root } from "../../toolchain/paths";
import { settingsOf } from "../support/settings";

const PAGE = readFileSync(join(root, "docs/drills.md"), "utf8");

describe("docs/drills.md", () => {
    it("has an example that a stack takes as it is meant", () => {
        const [, example = ""] = /^```yaml\n([^]*?)^```$/m.exec(PAGE) ?? [];
        const { "pgbackrest:drill": drill } = v.parse(
            v.object({ "pgbackrest:drill": v.record(v.string(), v.unknown()) }),
            parse(example),
        );
        const found = settingsOf({ repositories: [{ name: "local", type: "posix" }], drill }).drill;
        assert.deepEqual([found?.schedule, found?.wish.rto, found?.wish.rpo], ["30 3 * * 3", 3600, 900]);
        assert.deepEqual(
            Object.values(found?.wish.queries ?? {}).map(({ database, expect }) => [database, expect]),
            [
                ["app", "t"],
                ["app", "0"],
                ["shop", "country|FR\ncurrency|EUR"],
            ],
        );
    });

    it("has all steps, in their order", () => {
        assert.deepEqual(
            [...PAGE.matchAll(/^\| `(\w+)` +\|/gm)].map(([, step]) => step),
            STEPS,
        );
    });
});
