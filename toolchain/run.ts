import { execa } from "execa";
import { ToolchainError } from "./errors";
import { interruption } from "./interruption";
import type { Environment } from "./paths";

export interface RunOptions {
    readonly cwd?: string;
    /** Added to this process's environment; undefined removes a variable. */
    readonly environment?: Environment;
    /** Called with each line of output, as it comes. */
    readonly onLine?: (line: string) => void;
    readonly timeoutSeconds?: number;
    readonly input?: string;
}

export interface Result {
    readonly ok: boolean;
    readonly exitCode: number;
    readonly stdout: string;
    /** Both outputs as they came. */
    readonly all: string;
}

/** Runs a program to its end. A failure is a result, not an exception. */
export async function attempt(
    program: string,
    args: readonly string[],
    options: RunOptions = {},
): Promise<Result> {
    const interrupted = interruption();
    const child = execa(program, [...args], {
        all: true,
        reject: false,
        // A group of its own, so that an interrupt can end it with all that it has started.
        detached: interrupted !== undefined,
        input: options.input ?? "",
        cwd: options.cwd ?? process.cwd(),
        env: { ...options.environment },
        timeout: (options.timeoutSeconds ?? 0) * 1000,
    });
    const end = (): void => {
        if (child.pid !== undefined) endGroup(child.pid);
    };
    interrupted?.addEventListener("abort", end);
    const watched =
        options.onLine === undefined
            ? Promise.resolve()
            : watch(child.iterable({ from: "all" }), options.onLine);
    const result = await child;
    await watched;
    interrupted?.removeEventListener("abort", end);
    return {
        ok: !result.failed,
        exitCode: result.exitCode ?? 1,
        stdout: result.stdout,
        all: outputOr(result.all, result.shortMessage),
    };
}

/** A program that could not be started has no output; why not is said elsewhere. */
function outputOr(output: string | undefined, otherwise: string | undefined): string {
    return output === undefined || output === "" ? (otherwise ?? "") : output;
}

function endGroup(leader: number): void {
    try {
        process.kill(-leader, "SIGINT");
    } catch {
        // It has ended already.
    }
}

async function watch(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
    try {
        for await (const line of lines)
            if (typeof line === "string" && line.trim() !== "") onLine(line.trimEnd());
    } catch {
        // The process's own result tells of its failure.
    }
}

/** Runs a program that has to succeed; the error shows the end of what it said. */
export async function run(
    program: string,
    args: readonly string[],
    options: RunOptions = {},
): Promise<string> {
    const result = await attempt(program, args, options);
    if (result.ok) return result.stdout;
    throw new ToolchainError(
        `${[program, ...args].join(" ")} failed (exit status ${result.exitCode}):`,
        result.all.split("\n").slice(-25).join("\n"),
    );
}
