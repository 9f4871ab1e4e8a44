/** How an operation ended; each says in its help what that means for it. 2 is always: it cannot be told, or was not tried. */
export type Status = 0 | 1 | 2;
export const CANNOT_TELL = 2;
/** In place of what an exit status means: this operation never ends with it. */
export const NEVER = "";

export interface Table {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
}

export interface Answer {
    readonly status: Status;
    /** For people. */
    readonly lines: readonly (string | Table)[];
    /** The same for programs: what `--json` prints, beside the status. */
    readonly data: Readonly<Record<string, unknown>>;
}

/** How an operation speaks with whoever runs it. What it has found goes into its answer. */
export interface User {
    /** A line beside the answer. */
    say(line: string): void;
    /** How far something is: one line that changes in a terminal, now and then a line elsewhere. */
    progress(text: string): void;
    /**
     * Is it to be done? Nobody can be asked without a terminal: throws then, unless `--yes` has answered.
     */
    confirms(question: string): Promise<boolean>;
    /** The same where `--yes` is not enough: a word has to be typed, or the command line to have an option. */
    types(question: string, word: string, option: string): Promise<boolean>;
}

export interface Given {
    /** Of the project. */
    readonly directory: string;
    readonly stack: string;
    /** With which `pulumi` finds the stack, and `docker` the engine. */
    readonly environment: Readonly<Record<string, string>>;
    readonly args: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
    readonly user: User;
}

export interface Operation {
    /** The words that name it: `volumes drop`. */
    readonly name: string;
    /** What it does, in a line. */
    readonly summary: string;
    /** As commander writes them (`[kind]`, `<name>`), with what they mean, and the words that may stand there. */
    readonly args?: readonly (readonly [syntax: string, meaning: string, words?: readonly string[]])[];
    readonly options?: readonly (readonly [syntax: string, meaning: string])[];
    /** What is typed behind `npm run ops --`. */
    readonly examples: readonly string[];
    /** What the exit status 0, 1 and 2 mean. */
    readonly statuses: readonly [string, string, string];
    run(given: Given): Promise<Answer>;
}

/** An option that has a value; nothing where it was not given. */
export function optionOf({ options }: Pick<Given, "options">, name: string): string | undefined {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
}

/** Nothing was found out, and why. */
export function cannotTell(what: string, ...why: readonly string[]): Answer {
    const [first = "", ...rest] = why;
    return {
        status: CANNOT_TELL,
        lines: [`CANNOT TELL ${what}: ${first}`, ...rest],
        data: { error: why.join("\n") },
    };
}

/** An act was not tried, and why. */
export function notDone(...why: readonly string[]): Answer {
    const [first = "", ...rest] = why;
    return { status: CANNOT_TELL, lines: [`NOT DONE: ${first}`, ...rest], data: { error: why.join("\n") } };
}
