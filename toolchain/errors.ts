import { Interrupted } from "./interruption";

/** What a user can put right: one sentence that names the problem, one that says what to do. No stack trace. */
export class ToolchainError extends Error {
    constructor(problem: string, remedy: string) {
        super(`${problem}\n${remedy}`);
        this.name = "ToolchainError";
    }
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** What a shell reports of a program that ^C has ended. */
export const interruptedStatus = 130;

/**
 * Runs a command's main function; its result is the exit status. Where nobody reads any further (`| head`), it goes on quietly: what it does
 * must not end half way.
 */
export function exitWith(main: () => Promise<number>): void {
    for (const stream of [process.stdout, process.stderr])
        stream.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code !== "EPIPE") throw error;
        });
    main().then(
        (status) => {
            process.exitCode = status;
        },
        (error: unknown) => {
            const known = error instanceof ToolchainError || error instanceof Interrupted;
            console.error(
                `\n${!known && error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`,
            );
            process.exitCode = error instanceof Interrupted ? interruptedStatus : 1;
        },
    );
}
