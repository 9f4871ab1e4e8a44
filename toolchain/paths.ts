import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The clone. (service/bundle.mjs says where this file was when it has become a part of another.) */
export const root = dirname(import.meta.dirname);

/** What is built or downloaded goes here, so that other clones and later runs use it again. */
export function cacheDirectory(environment: Environment = process.env): string {
    const base = environment["XDG_CACHE_HOME"];
    // The XDG rules say that a relative path is to be ignored.
    const cache = base?.startsWith("/") === true ? base : join(homedir(), ".cache");
    return join(cache, "pgbackrest-pulumi");
}

function isProgram(file: string): boolean {
    try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
    } catch {
        return false;
    }
}

export function findOnPath(program: string, environment: Environment = process.env): string | undefined {
    const directories = (environment["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
    return directories.map((directory) => join(directory, program)).find(isProgram);
}

export function allExist(files: readonly string[]): boolean {
    return files.every((file) => existsSync(file));
}

export function hash(texts: readonly (string | Buffer)[]): string {
    const sum = createHash("sha256");
    for (const text of texts) sum.update(text).update("\0");
    return sum.digest("hex").slice(0, 16);
}
