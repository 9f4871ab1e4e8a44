import { readFileSync } from "node:fs";

/** Does a process with this number live, and, where the system tells it, is it that program? */
export function isAlive(pid: number, program?: string): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        // Another user's process lives as well.
        if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
    }
    const name = program === undefined ? undefined : nameOf(pid);
    return name === undefined || name === program;
}

function nameOf(pid: number): string | undefined {
    try {
        return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    } catch {
        return undefined;
    }
}
