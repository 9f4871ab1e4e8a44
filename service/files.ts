import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * At once, so that readers never see half of it.
 * @param durable must it survive a crash of the machine?
 */
export function replaceFile(file: string, content: string, durable: boolean): void {
    const unfinished = join(dirname(file), `.${basename(file)}`);
    const opened = openSync(unfinished, "w", 0o640);
    writeSync(opened, content);
    if (durable) fsyncSync(opened);
    closeSync(opened);
    renameSync(unfinished, file);
}

/** Empty where there is no such file, or it cannot be read. */
export function contentOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

/** An option of a repository in the published conf.d/repo.conf, which has no sections of others. */
export function repositoryOption(conf: string, number: number, name: string): string | undefined {
    return new RegExp(`^repo${number}-${name}=(.*)$`, "m").exec(conf)?.[1];
}

export function isMissing(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
}
