import { createInterface } from "node:readline/promises";
import { ToolchainError } from "../errors";
import type { User } from "./operation";

/** Milliseconds between two lines of progress where there is no terminal. */
const SELDOM = 10_000;

/** Whoever typed the command. All goes to standard error, since standard output is the answer's. */
export class Terminal implements User {
    #shown = 0;
    #isOpen = false;

    constructor(
        private readonly yes: boolean,
        private readonly isTerminal = process.stdin.isTTY && process.stderr.isTTY,
    ) {}

    say(line: string): void {
        this.close();
        process.stderr.write(`${line}\n`);
    }

    progress(text: string): void {
        if (this.isTerminal) {
            process.stderr.write(`\r\u001b[K${text}`);
            this.#isOpen = true;
        } else if (Date.now() - this.#shown >= SELDOM) {
            process.stderr.write(`${text}\n`);
            this.#shown = Date.now();
        }
    }

    async confirms(question: string): Promise<boolean> {
        return this.yes || (await this.types(question, "yes", "--yes"));
    }

    async types(question: string, word: string, option: string): Promise<boolean> {
        this.close();
        if (!this.isTerminal)
            throw new ToolchainError(
                `${question} Nobody can be asked without a terminal, and nothing was changed.`,
                `Say it with ${option}.`,
            );
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        try {
            return (await lines.question(`${question} Type ${word} to do it: `)).trim() === word;
        } finally {
            lines.close();
        }
    }

    /** Ends a line of progress. */
    close(): void {
        if (this.#isOpen) process.stderr.write("\r\u001b[K");
        this.#isOpen = false;
    }
}
