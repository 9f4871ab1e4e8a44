import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ended, Run, RunOptions } from "./world";

/** Milliseconds that a run and its workers have for a clean end. */
const PATIENCE = 5000;
/** Milliseconds that last words may take, and that a killed group may take to be gone; what workers hold open is not waited for. */
const LAST_WORDS = 1000;

/** Starts a command as the leader of a process group of its own. */
export function start(command: string, args: readonly string[], { shown, onLine }: RunOptions): Run {
    const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const spoken = [read(child.stdout, true), read(child.stderr, false)];
    const { pid } = child;
    const exited = new Promise<Ended>((resolve) => {
        child.once("exit", (status, signal) => {
            // Workers outlive a main process that was killed, and keep its lock.
            if (signal !== null && pid !== undefined) signalGroup(pid, "SIGKILL");
            resolve({ status, signal });
        });
        child.once("error", (error) => {
            onLine(`ERROR: ${error.message}`, false);
            resolve({ status: 127, signal: null });
        });
    });
    const ended = exited.then(async (result) => {
        const late = new AbortController();
        await Promise.race([Promise.all(spoken), sleep(LAST_WORDS, undefined, { signal: late.signal })]);
        late.abort();
        if (result.signal !== null && pid !== undefined) await groupIsGone(pid, LAST_WORDS);
        return result;
    });
    return {
        ended,
        end: async () => {
            if (pid !== undefined) await endGroup(pid);
            await ended;
        },
    };

    function read(stream: Readable, output: boolean): Promise<void> {
        const lines = createInterface({ input: stream, crlfDelay: Infinity });
        lines.on("line", (line) => {
            if (shown) process.stdout.write(`${line}\n`);
            onLine(line, output);
        });
        return new Promise((resolve) => {
            lines.once("close", resolve);
        });
    }
}

/** Waits for the end of a run, which `stop` ends. */
export async function endedOrStopped(run: Run, stop?: AbortSignal): Promise<Ended> {
    const end = (): void => void run.end();
    stop?.addEventListener("abort", end);
    if (stop?.aborted === true) end();
    try {
        return await run.ended;
    } finally {
        stop?.removeEventListener("abort", end);
    }
}

async function endGroup(pid: number): Promise<void> {
    signalGroup(pid, "SIGTERM");
    if (await groupIsGone(pid, PATIENCE)) return;
    signalGroup(pid, "SIGKILL");
    await groupIsGone(pid, LAST_WORDS);
}

/** Waits until nobody of a process group is left. @returns whether that came within so many milliseconds */
async function groupIsGone(pid: number, patience: number): Promise<boolean> {
    const until = Date.now() + patience;
    while (Date.now() < until) {
        if (!signalGroup(pid, 0)) return true;
        await sleep(50);
    }
    return false;
}

/** @returns whether there was anybody to get it */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
    try {
        return process.kill(-pid, signal);
    } catch {
        return false;
    }
}
