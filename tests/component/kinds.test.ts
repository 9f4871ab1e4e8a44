import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { findOption, OPTIONS } from "../../components/pgbackrest/options";
import { storesOf } from "../../components/repository/kinds";
import { samples } from "../support/kinds";
import { deployed, type Recording, Secret } from "../support/mocks";
import { problemsOf, settingsOf } from "../support/settings";
import { repositoryOptions } from "../support/setupFiles";

const options = { secret: ["repositories"] };

/** All that the engine is told in plain. */
function inPlain(stack: Recording): string {
    return JSON.stringify(
        [stack.registrations.map(({ inputs }) => inputs), ...stack.outputs.values()],
        (_key, value: unknown) => (value instanceof Secret ? "[secret]" : value),
    );
}

for (const [type, sample] of Object.entries(samples)) {
    const repository = { name: "x", type, ...sample.settings, ...sample.secrets };
    const secrets = Object.values(sample.secrets);

    describe(`a repository of type ${type}`, () => {
        it("has options that pgBackRest has, and that have an effect with this type", async () => {
            const told = repositoryOptions(await deployed({ repositories: [repository] }, options));
            assert.equal(told["type"], type);
            for (const name of Object.keys(told)) {
                const option = findOption(`repo1-${name}`);
                assert.ok(typeof option !== "string", name);
                const { depend } = option.rule;
                if (depend?.values === undefined) continue;
                const on = depend.option.slice("repo-".length);
                const value = told[on] ?? OPTIONS.get(depend.option)?.default ?? "";
                assert.ok(depend.values.includes(value), `${name} depends on ${on}=${value}`);
            }
        });

        it("tells no secret in plain", async () => {
            const plain = inPlain(await deployed({ repositories: [repository] }, options));
            for (const secret of secrets)
                assert.ok(!plain.includes(JSON.stringify(secret).slice(1, -1)), secret.slice(0, 20));
        });

        it("wants its secrets encrypted, each by its name, and shows none of them", () => {
            const problems = problemsOf(() => settingsOf({ repositories: [repository] }));
            assert.equal(problems.length, secrets.length, problems.join("\n"));
            for (const problem of problems) assert.match(problem, /: is not encrypted: set it with/);
            const mistaken = { ...repository, path: "no path", name: secrets[0] ?? "No Name" };
            const text = problemsOf(() => settingsOf({ repositories: [mistaken] }, ["repositories"])).join(
                "\n",
            );
            assert.match(text, /pgbackrest:repositories\[0\]/);
            for (const secret of secrets) assert.ok(!text.includes(secret), text);
        });

        it("is one of those that backups go to", () => {
            const { repositories } = settingsOf({ repositories: [repository] }, ["repositories"]);
            assert.equal(storesOf(repositories).length, 1);
        });
    });
}
