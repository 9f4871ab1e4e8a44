import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { renderFiles } from "../../components/publication/publication";
import { deployed, ROOT } from "../support/mocks";
import { settingsOf } from "../support/settings";

const FOLDER = join(ROOT, "examples");
const TEMPLATE = "config/pgbackrest/pgbackrest.conf";
const stack = v.object({ config: v.record(v.string(), v.unknown()) });

/** What an example sets, and the secrets that its first lines have set beside it. */
function settingsIn(file: string): { readonly raw: Record<string, unknown>; readonly secret: string[] } {
    const text = readFileSync(join(FOLDER, file), "utf8");
    const raw = Object.fromEntries(
        Object.entries(v.parse(stack, parse(text)).config).map(([key, value]) => [
            key.replace("pgbackrest:", ""),
            value,
        ]),
    );
    const fields = [...text.matchAll(/^#.* --secret .*repositories\[(\d)\]\.(\w+)'$/gm)];
    if (fields.length === 0) return { raw, secret: [] };
    const repositories = v.parse(v.array(v.record(v.string(), v.unknown())), raw["repositories"]);
    for (const [, index, field = ""] of fields) {
        const repository = repositories[Number(index)];
        assert.ok(repository, `${file} has no repository ${index}`);
        repository[field] = "x".repeat(20);
    }
    return { raw: { ...raw, repositories }, secret: ["repositories"] };
}

describe("an example", () => {
    for (const file of readdirSync(FOLDER))
        describe(file, () => {
            const { raw, secret } = settingsIn(file);

            it("is not warned of", () => {
                const base = { file: TEMPLATE, text: readFileSync(join(ROOT, TEMPLATE), "utf8") };
                assert.deepEqual(renderFiles(settingsOf(raw, secret), base, "shop").warnings, []);
            });

            it("has PostgreSQL and its backups", async () => {
                const { names } = await deployed(raw, { mode: "first preview", secret });
                for (const part of ["setup", "postgres", "backup", "apply"])
                    assert.ok(names.includes(`Container shop-${part}`), names.join("\n"));
                // What was there before is not the stack's own.
                const volumes = names.filter((name) => name.startsWith("Volume "));
                assert.equal(volumes.includes("Volume shop-postgres-data"), file !== "moved-in.yaml");
                assert.deepEqual(
                    volumes.filter((name) => name.startsWith("Volume old_")),
                    [],
                );
            });

            it("says how it is used", () => {
                const [, used] = readFileSync(join(FOLDER, file), "utf8").split("\n");
                assert.match(used ?? "", new RegExp(`^#     cp examples/${file} Pulumi\\.shop\\.yaml && `));
            });
        });
});
