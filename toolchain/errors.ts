/** What a user can put right: one sentence that names the problem, one that says what to do. No stack trace. */
export class UserError extends Error {
    constructor(problem: string, remedy: string) {
        super(`${problem}\n${remedy}`);
        this.name = "UserError";
    }
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** Runs a command's main function; its result is the exit status. */
export function exitWith(main: () => Promise<number>): void {
    main().then(
        (status) => {
            process.exitCode = status;
        },
        (error: unknown) => {
            const text = error instanceof UserError || !(error instanceof Error) ? messageOf(error) : error.stack;
            console.error(`\n${text ?? "unknown error"}`);
            process.exitCode = 1;
        },
    );
}
