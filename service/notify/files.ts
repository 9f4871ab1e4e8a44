import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { NOTIFY, type Notify, readNotify } from "../../components/notify/wish";

/** At once, so that readers never see half of it, and so that it survives a crash. */
export function replaceFile(file: string, content: string): void {
    const unfinished = join(dirname(file), `.${basename(file)}`);
    const opened = openSync(unfinished, "w", 0o640);
    writeSync(opened, content);
    fsyncSync(opened);
    closeSync(opened);
    renameSync(unfinished, file);
}

/** Nothing where there is none. */
export function contentOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

/** Who is told by the revision in a directory; throws where that cannot be read. */
export function readWish(directory: string): Notify | undefined {
    let json: string;
    try {
        json = readFileSync(join(directory, "files", NOTIFY), "utf8");
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
    }
    const wish = readNotify(json);
    if (wish === undefined) throw new Error(`${NOTIFY}: is not what this version of the service reads`);
    return wish;
}
