import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { configKeys, schema } from "../../components/settings/schema";
import { releaseFile, releases } from "../support/releases";
import { settingKeys } from "../support/settingKeys";
import { settingsOf } from "../support/settings";

/** A file of the release's program, without its other files. */
function ofProgram(release: string, file: string): unknown {
    const archive = releaseFile(release, "program.tar.gz");
    return parse(execFileSync("tar", ["-xzOf", archive, file], { encoding: "utf8" }));
}

const project = v.object({ name: v.string(), config: v.record(v.string(), v.unknown()) });
const stack = v.object({ config: v.record(v.string(), v.unknown()) });
const plain = (config: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("pgbackrest:", ""), value]));

for (const release of releases)
    describe(`the settings of release ${release}`, () => {
        it("are all there, by the same names", () => {
            const { name, config } = v.parse(project, ofProgram(release, "Pulumi.yaml"));
            assert.equal(name, "pgbackrest");
            const today = configKeys.map((key) => key.name);
            assert.deepEqual(
                Object.keys(plain(config)).filter((key) => !today.includes(key)),
                [],
            );
        });

        it("are all there inside of others too", () => {
            const keys = v.parse(
                v.array(v.string()),
                JSON.parse(readFileSync(releaseFile(release, "keys.json"), "utf8")),
            );
            assert.ok(keys.length > 100);
            const today = settingKeys(schema);
            assert.deepEqual(
                keys.filter((key) => !today.includes(key)),
                [],
            );
        });

        for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml"])
            it(`are taken as ${file} of then had them`, () => {
                settingsOf(plain(v.parse(stack, ofProgram(release, file)).config));
            });
    });
