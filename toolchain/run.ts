import { execa } from "execa";
import { UserError } from "./errors";
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
export async function attempt(program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const child = execa(program, [...args], {
        all: true,
        reject: false,
        stripFinalNewline: true,
        stdin: options.input === undefined ? "ignore" : "pipe",
        ...(options.input === undefined ? {} : { input: options.input }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.environment === undefined ? {} : { env: { ...options.environment } }),
        ...(options.timeoutSeconds === undefined ? {} : { timeout: options.timeoutSeconds * 1000 }),
    });
    const watched = options.onLine === undefined ? Promise.resolve() : watch(child.iterable({ from: "all" }), options.onLine);
    const result = await child;
    await watched;
    return {
        ok: !result.failed,
        exitCode: result.exitCode ?? 1,
        stdout: result.stdout,
        all: result.failed && result.all === "" ? result.shortMessage : (result.all ?? ""),
    };
}

async function watch(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
    try {
        for await (const line of lines) if (typeof line === "string" && line.trim() !== "") onLine(line.trimEnd());
    } catch {
        // The process's own result tells of its failure.
    }
}

/** Runs a program that has to succeed; the error shows the end of what it said. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await attempt(program, args, options);
    if (result.ok) return result.stdout;
    throw new UserError(
        `${[program, ...args].join(" ")} failed (exit status ${result.exitCode}):`,
        result.all.split("\n").slice(-25).join("\n"),
    );
}
