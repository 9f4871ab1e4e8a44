import { refuse } from "../problems";
import { findOption } from "./options";
import { checkText, checkValue } from "./value";

/**
 * The environment from which the setup container writes conf.d/repo.conf: `PGBACKREST_REPO<n>_<OPTION>` for the options (without
 * `repoN-`) of each repository in its place. No repository, or one of type `none`: PGBACKREST_REPO1_TYPE=none alone.
 */
export function repositoryEnvironment(
    options: readonly ReadonlyMap<string, string>[],
): Record<string, string> {
    const real = options.filter((repository) => repository.get("type") !== "none");
    if (real.length === 0) return { PGBACKREST_REPO1_TYPE: "none" };
    const problems: string[] = [];
    const environment: Record<string, string> = {};
    for (const [index, repository] of real.entries())
        for (const [name, value] of repository) {
            const problem = checkRepositoryOption(index + 1, name, value);
            if (problem !== undefined) problems.push(`pgbackrest:repositories[${index}]: ${name} ${problem}`);
            environment[`PGBACKREST_REPO${index + 1}_${name.replaceAll("-", "_").toUpperCase()}`] = value;
        }
    refuse(problems);
    return environment;
}

function checkRepositoryOption(number: number, name: string, value: string): string | undefined {
    const option = findOption(`repo${number}-${name}`);
    return typeof option === "string" ? option : (checkText(value) ?? checkValue(option, value));
}

const VARIABLE = /^PGBACKREST_(REPO[1-4]_[A-Z0-9_]+)$/;

/** Exactly what the setup script writes into conf.d/repo.conf for this environment. */
export function renderRepo(environment: Readonly<Record<string, string>>): string {
    if (environment["PGBACKREST_REPO1_TYPE"] === "none")
        return "# no repository: nothing is archived and nothing is backed up\n";
    const lines = Object.keys(environment)
        .sort()
        .flatMap((variable) => {
            const option = VARIABLE.exec(variable)?.[1]?.toLowerCase().replaceAll("_", "-");
            return option === undefined ? [] : [`${option}=${environment[variable] ?? ""}`];
        });
    return [
        "# The repositories, made by the setup container. Do not edit: change the stack's configuration and run pulumi up.",
        "[global]",
        ...lines,
        "",
    ].join("\n");
}
