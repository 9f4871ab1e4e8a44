import assert from "node:assert/strict";
import { it } from "mocha";
import type { Repository } from "../../components/settings/schema";
import { SERVICE_KEY } from "./serviceKey";
import { problemsOf, settingsOf } from "./settings";

export type Raw = Record<string, unknown>;

export const EXISTING = {
    name: "a",
    type: "s3",
    bucket: "backups",
    region: "eu-central-1",
    key: "AKIA",
    keySecret: "secret/+=",
};
export const MADE = { name: "a", type: "s3", region: "eu-central-1" };
export const AZURE = {
    name: "a",
    type: "azure",
    account: "account1",
    container: "backups",
    key: "c2VjcmV0a2V5",
};
export const SAS = "?sv=2024-08-04&sr=c&sp=rcwdl&se=2099-01-01T00:00:00Z&sig=abc%3D";
export const GCS = { name: "a", type: "gcs", bucket: "backups", key: SERVICE_KEY };

export function settingsWith(repository: Raw, more: Raw = {}): ReturnType<typeof settingsOf> {
    return settingsOf({ repositories: [repository], ...more }, ["repositories"]);
}

export function read(repository: Raw, more: Raw = {}): Repository {
    const [first] = settingsWith(repository, more).repositories;
    assert.ok(first !== undefined);
    return first;
}

export const without = (raw: Raw, ...names: string[]): Raw =>
    Object.fromEntries(Object.entries(raw).filter(([name]) => !names.includes(name)));

/** A mistake in a repository: its name, the repository, and what is said. */
export type Mistake = readonly [string, Raw, RegExp];

/** A test for each. */
export function areRefused(mistakes: readonly Mistake[]): void {
    for (const [name, repository, expected] of mistakes)
        it(`refuse ${name}, each setting once`, () => {
            const problems = problemsOf(() => settingsWith(repository));
            assert.ok(
                problems.some((problem) => expected.test(problem)),
                problems.join("\n") || "nothing was refused",
            );
            assert.ok(problems.every((problem) => problem.startsWith("pgbackrest:repositories[0].")));
            const settings = new Set(problems.map((problem) => problem.slice(0, problem.indexOf(": "))));
            assert.equal(settings.size, problems.length, problems.join("\n"));
            // Two only where two settings are too many: a key and its secret.
            assert.ok(problems.length <= 2, problems.join("\n"));
        });
}
