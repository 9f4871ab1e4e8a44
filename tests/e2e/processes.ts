import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { TestStack } from "../support/stack";

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

/** Ends everything that a command of this stack has started, at once and without a word. */
export function killAll(stack: TestStack): void {
    const mark = `PULUMI_BACKEND_URL=${String(stack.environment["PULUMI_BACKEND_URL"])}`;
    const ours = processes().filter((pid) => processFile(pid, "environ").includes(mark));
    assert.ok(ours.length >= 3, "the command has processes");
    for (const pid of ours) process.kill(pid, "SIGKILL");
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
