import { readFileSync } from "node:fs";

/** Does a process with this number live, and, where the system tells it, is it that program? */
export function isAlive(pid: number, program?: string): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        // Another user's process lives as well.
        if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
    }
    const known = statusOf(pid);
    if (known === undefined) return true;
    return !known.ended && (program === undefined || known.name === program);
}

/** What Linux tells of a process. One that has ended keeps its number until its parent, maybe a slow init, takes note. */
function statusOf(pid: number): { readonly name: string; readonly ended: boolean } | undefined {
    try {
        const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return name === undefined ? undefined : { name, ended: state === "Z" || state === "X" };
    } catch {
        return undefined;
    }
}
