// Files of Pulumi's file backend that a killed command, or a host that lost its power, leaves empty or half written. The backend
// fails on each of them at every later command ("EOF"), and names none.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface StateFiles {
    /** Directory of the file backend. */
    readonly backend: string;
    readonly projectName: string;
    readonly stack: string;
}

/** Puts right what can be without a command of Pulumi's; says what it did. Nothing here is in the way of one that runs. */
export function mendStateFiles(place: StateFiles, say: (text: string) => void): boolean {
    const mended = [
        removeBrokenAttributes(place),
        removeBrokenMeta(place),
        removeEmptyHistory(place),
    ].includes(true);
    if (mended) say("The last command was killed while it wrote the stack's state: mended.");
    return restoreCheckpoint(place, say) || mended;
}

export function checkpointFile({ backend, projectName, stack }: StateFiles): string {
    return join(backend, ".pulumi", "stacks", projectName, `${stack}.json`);
}

export function lockDirectory({ backend, projectName, stack }: StateFiles): string {
    return join(backend, ".pulumi", "locks", "organization", projectName, stack);
}

/** Beside each file the backend keeps its attributes, and writes them in place. It does without where there are none. */
function removeBrokenAttributes(place: StateFiles): boolean {
    const ofStack = (kind: string): string =>
        join(place.backend, ".pulumi", kind, place.projectName, place.stack);
    const directories = [
        join(place.backend, ".pulumi"),
        join(place.backend, ".pulumi", "stacks", place.projectName),
        ...[ofStack("history"), ofStack("backups"), lockDirectory(place)],
    ];
    const broken = directories
        .flatMap((directory) => filesIn(directory))
        .filter((file) => file.endsWith(".attrs") && readObject(file) === undefined);
    for (const file of broken) rmSync(file, { force: true });
    return broken.length > 0;
}

/** The version of the state's layout. The backend writes it anew where it is missing. */
function removeBrokenMeta({ backend }: StateFiles): boolean {
    const file = join(backend, ".pulumi", "meta.yaml");
    if (!existsSync(file) || /^version: *\d/m.test(readFileSync(file, "utf8"))) return false;
    rmSync(file);
    return true;
}

/** What was said of one command; the backend lists no others with it. */
function removeEmptyHistory({ backend, projectName, stack }: StateFiles): boolean {
    const empty = filesIn(join(backend, ".pulumi", "history", projectName, stack)).filter(
        (file) => file.endsWith(".history.json") && statSync(file).size === 0,
    );
    for (const file of empty) rmSync(file);
    return empty.length > 0;
}

/**
 * The state itself is renamed into its place, so a kill leaves it whole; only a file system that lost its power does not. Then the
 * newest copy counts that the backend has made: before each write, and before and after each command.
 */
function restoreCheckpoint(place: StateFiles, say: (text: string) => void): boolean {
    const file = checkpointFile(place);
    if (!existsSync(file) || readObject(file) !== undefined) return false;
    const damaged = `${file}.damaged`;
    const copy = copies(place).find((one) => readObject(one) !== undefined);
    renameSync(file, damaged);
    if (copy === undefined) {
        say(
            `The state of the stack was damaged, and there is no copy of it: it was being made. It is kept as ${damaged}.`,
        );
        return true;
    }
    writeFileSync(`${file}.restored`, readFileSync(copy));
    renameSync(`${file}.restored`, file);
    const when = statSync(copy).mtime.toISOString();
    say(
        `The state of the stack was damaged: that of ${when} is in force again. The damaged one is ${damaged}.`,
    );
    return true;
}

/** Copies of the state, the newest first. */
function copies(place: StateFiles): readonly string[] {
    const { backend, projectName, stack } = place;
    return [
        `${checkpointFile(place)}.bak`,
        ...filesIn(join(backend, ".pulumi", "backups", projectName, stack)),
        ...filesIn(join(backend, ".pulumi", "history", projectName, stack)),
    ]
        .filter((file) => /\.bak$|(?<!\.history)\.json$/.test(file) && existsSync(file))
        .map((file) => ({ file, time: statSync(file).mtimeMs }))
        .sort((a, b) => b.time - a.time)
        .map(({ file }) => file);
}

export function filesIn(directory: string): readonly string[] {
    try {
        return readdirSync(directory, { withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map(({ name }) => join(directory, name));
    } catch {
        return [];
    }
}

/** The JSON object in a file; nothing when there is none, or half of one. */
export function readObject(file: string): unknown {
    try {
        const value: unknown = JSON.parse(readFileSync(file, "utf8"));
        return typeof value === "object" && value !== null ? value : undefined;
    } catch {
        return undefined;
    }
}
