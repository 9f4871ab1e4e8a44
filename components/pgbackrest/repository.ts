import { refuse } from "../problems";
import { findOption } from "./options";
import { checkText, checkValue } from "./value";

/** A repository as pgBackRest knows it. */
export interface NumberedOptions {
    /** Of its options: `repo<number>-...` */
    readonly number: number;
    /** `type`, `path` and so on. */
    readonly options: ReadonlyMap<string, string>;
}

/**
 * The file conf.d/repo.conf, with all secrets of these repositories: values stand there as they are, because pgBackRest has no quoting.
 * `@REVISION@/` at the beginning of a value is the directory of the published revision, which setup knows.
 */
export function renderRepo(repositories: readonly NumberedOptions[]): string {
    if (repositories.length === 0) return "# no repository: nothing is archived and nothing is backed up\n";
    const problems: string[] = [];
    const lines = repositories.flatMap(({ number, options }, index) =>
        [...options].sort().map(([name, value]) => {
            const problem = checkRepositoryOption(number, name, value);
            if (problem !== undefined) problems.push(`pgbackrest:repositories[${index}]: ${name} ${problem}`);
            return `repo${number}-${name}=${value}`;
        }),
    );
    refuse(problems);
    return [
        "# The repositories. Do not edit: change the stack's configuration and run pulumi up.",
        "[global]",
        ...lines,
        "",
    ].join("\n");
}

function checkRepositoryOption(number: number, name: string, value: string): string | undefined {
    const option = findOption(`repo${number}-${name}`);
    return typeof option === "string" ? option : (checkText(value) ?? checkValue(option, value));
}
