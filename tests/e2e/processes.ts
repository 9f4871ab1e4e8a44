import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { docker, eventually } from "../support/docker";
import type { TestStack } from "../support/stack";
import type { Running } from "./running";

/** Ids of all processes that run on this machine. */
export function processes(): readonly number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}

/** A file of /proc/PID with its parts; none when the process has ended. */
export function processFile(pid: number, file: "cmdline" | "environ"): readonly string[] {
    try {
        return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
    } catch {
        return [];
    }
}

/** The process of a container, by its host's number, that runs a program as the child of the container's first. */
export async function processOf(
    running: Running,
    role: "postgres" | "backup",
    program: string,
): Promise<number> {
    const first = await running.inspect(role, "{{.State.Pid}}");
    const top = await docker(["top", running.name(role), "-eo", "pid,ppid"]);
    const children = top.stdout
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, parent]) => parent === first);
    const pids = children.map(([pid]) => Number(pid));
    const found = pids.find((pid) => processFile(pid, "cmdline").some((word) => word.endsWith(program)));
    if (found === undefined) throw new Error(`no ${program} in ${top.stdout}`);
    return found;
}

/** To be asked for before a container is struck; what it gives waits until the container runs again, by itself. */
export async function startsAgain(
    running: Running,
    role: "postgres" | "backup",
): Promise<() => Promise<void>> {
    const state = (): Promise<string> => running.inspect(role, "{{.State.Running}} {{.State.StartedAt}}");
    const before = await state();
    return async () => {
        await eventually(`${role} is started again`, async () => {
            const now = await state();
            return now.startsWith("true ") && now !== before;
        });
    };
}

/** Ends everything that a command of this stack has started, at once and without a word. */
export function killAll(stack: TestStack, least = 3): void {
    const mark = `PULUMI_BACKEND_URL=${String(stack.environment["PULUMI_BACKEND_URL"])}`;
    const ours = processes().filter((pid) => processFile(pid, "environ").includes(mark));
    assert.ok(ours.length >= least, "the command has processes");
    for (const pid of ours) kill(pid);
}

/** One that ends by itself meanwhile is dead too: those that watch over others do, when these are killed. */
function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
}

/** A script that finds the running `pgbackrest backup`, waiting for one, and sends it a signal. */
export function signalBackup(signal: "STOP" | "CONT"): string {
    return `until [ -n "\${found:-}" ]; do
        for process in /proc/[0-9]*; do
            if [ "$(cat "$process/comm" 2>/dev/null)" = pgbackrest ] && grep -qzx backup "$process/cmdline"; then
                kill -${signal} "\${process#/proc/}" && found=yes
            fi
        done
    done`;
}

/** Collects the command lines of all processes from when it is made until it is stopped. */
export class Arguments {
    private readonly seen = new Set<string>();
    private readonly timer = setInterval(() => {
        this.look();
    }, 100);

    stop(): ReadonlySet<string> {
        clearInterval(this.timer);
        this.look();
        return this.seen;
    }

    private look(): void {
        for (const pid of processes()) this.seen.add(processFile(pid, "cmdline").join(" "));
    }
}
