import { environment, type Recording } from "./mocks";

/** The secret files that setup is given, by name. */
export function secretFiles(stack: Recording): ReadonlyMap<string, string> {
    const variables = new Map(
        environment(stack, "setup").map((entry): [string, string] => {
            const equals = entry.indexOf("=");
            return [entry.slice(0, equals), entry.slice(equals + 1)];
        }),
    );
    return new Map(
        [...variables].flatMap(([variable, name]): [string, string][] => {
            const number = /^FILE_(\d+)_NAME$/.exec(variable)?.[1];
            return number === undefined ? [] : [[name, variables.get(`FILE_${number}_CONTENT`) ?? ""]];
        }),
    );
}

/** The options of the first repository in conf.d/repo.conf, without their repo1-. */
export function repositoryOptions(stack: Recording): Readonly<Record<string, string>> {
    const lines = (secretFiles(stack).get("conf.d/repo.conf") ?? "").split("\n");
    return Object.fromEntries(
        lines
            .filter((line) => line.startsWith("repo1-"))
            .map((line) => [
                line.slice("repo1-".length, line.indexOf("=")),
                line.slice(line.indexOf("=") + 1),
            ]),
    );
}
