import { spawn } from "node:child_process";
import { constants } from "node:os";
import { interruptedStatus, ToolchainError } from "./errors";
import type { Environment } from "./paths";

export interface Ended {
    readonly status: number;
    readonly interrupted: boolean;
}

/** A terminal's ^C reaches every process of its group, and npm passes it on as well: that is one wish to stop. */
const oneWishMilliseconds = 1000;

/**
 * Runs a program that owns the terminal until it ends. It is not in the terminal's process group, so it is told to stop
 * once for each ^C, by us: Pulumi ends what it does on the first interrupt, and gives up at once on the second.
 */
export async function foreground(
    program: string,
    args: readonly string[],
    environment: Environment,
    { cwd, onOutput }: { readonly cwd?: string; readonly onOutput?: (text: string) => void } = {},
): Promise<Ended> {
    return new Promise((resolve, reject) => {
        const output = onOutput === undefined ? "inherit" : "pipe";
        const child = spawn(program, args, {
            cwd: cwd ?? process.cwd(),
            env: environment,
            stdio: ["inherit", output, output],
            detached: true,
        });
        child.stdout?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
        child.stderr?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
        let interruptedAt = 0;
        const interrupt = (): void => {
            if (Date.now() - interruptedAt < oneWishMilliseconds) return;
            interruptedAt = Date.now();
            child.kill("SIGINT");
        };
        const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
        for (const signal of signals) process.on(signal, interrupt);
        const release = (): void => {
            for (const signal of signals) process.off(signal, interrupt);
        };
        child.on("error", (error) => {
            release();
            reject(
                new ToolchainError(
                    `${program} cannot be run: ${error.message}`,
                    "Run `npm start` once: it gets what is missing.",
                ),
            );
        });
        child.on("close", (code, signal) => {
            release();
            const interrupted = interruptedAt !== 0;
            if (interrupted) resolve({ status: interruptedStatus, interrupted });
            else
                resolve({
                    status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
                    interrupted,
                });
        });
    });
}
