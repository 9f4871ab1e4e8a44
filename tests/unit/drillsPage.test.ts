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

    it("has an example of repositories with drills of their own", () => {
        const [, [, example = ""] = []] = [...PAGE.matchAll(/^```yaml\n([^]*?)^```$/gm)];
        const { "pgbackrest:repositories": repositories } = v.parse(
            v.object({ "pgbackrest:repositories": v.array(v.unknown()) }),
            parse(example),
        );
        const { drill, repositories: found } = settingsOf({ repositories, protect: true });
        assert.deepEqual(
            found.map((one) => ("entry" in one ? one.entry.drill : undefined)),
            [{ schedule: "off" }, { schedule: "30 3 1 * *", rto: 28_800 }],
        );
        assert.deepEqual(drill?.wish.repositories, { nas: { rto: 28_800 } });
    });

    it("has all steps, in their order", () => {
        assert.deepEqual(
            [...PAGE.matchAll(/^\| `(\w+)` +\|/gm)].map(([, step]) => step),
            STEPS,
        );
    });
});
