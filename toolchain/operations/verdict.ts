import type { Answer } from "./operation";

/** What a comparison found. */
export interface Verdict {
    /** The exit status of the command. */
    readonly status: 0 | 1 | 2;
    readonly lines: readonly string[];
    /** The same for programs. */
    readonly data?: Readonly<Record<string, unknown>>;
}

/** What was seen of a stack, for `verdict`. */
export interface Findings {
    /** The stack, as a command line names it. */
    readonly stack: string;
    /** The docker command that reaches its engine. */
    readonly docker: string;
    /** Name of the setup container. */
    readonly setup: string;
    /** The revision of the last good `up`. */
    readonly deployed: string;
    /** The revision that the setup container was given. */
    readonly given: string | undefined;
    /** How the comparison ended, and what it printed. */
    readonly comparison: { readonly exitCode: number; readonly output: string };
}

/** How `verify-configuration.sh` ends when something differs. */
const DIFFERENT = 3;

/** What that means, and the one command that repairs it. */
export function verdict({ stack, docker, setup, deployed, given, comparison }: Findings): Verdict {
    const differences = comparison.output.split("\n").filter((line) => line !== "");
    // An `up` that failed or was killed half-way: only another one knows what is wanted.
    if (given !== deployed)
        return {
            status: 1,
            lines: [
                `DRIFT: the last \`up\` did not come to its end: ${setup} was given revision ${given ?? "?"}, and ${deployed} is the stack's.`,
                ...repairedBy(upCommand(stack)),
            ],
            data: { deployed, given, repair: upCommand(stack) },
        };
    const repair = `${docker} start --attach ${setup}`;
    if (comparison.exitCode === 0)
        return {
            status: 0,
            lines: [`The published configuration is what the stack declares: revision ${deployed}.`],
            data: { deployed, differences: [] },
        };
    if (comparison.exitCode !== DIFFERENT)
        return cannotTell("the comparison did not come to its end:", ...differences);
    return {
        status: 1,
        lines: [
            `DRIFT: the published configuration is not revision ${deployed}, which the stack declares:`,
            ...differences.map((line) => `  ${line}`),
            ...repairedBy(repair),
        ],
        data: { deployed, differences, repair },
    };
}

export function cannotTell(...reason: readonly string[]): Verdict {
    return { status: 2, lines: ["CANNOT TELL whether the published configuration is right:", ...reason] };
}

export function answerOf({ status, lines, data }: Verdict): Answer {
    return { status, lines, data: { lines, ...data } };
}

/** The command that brings this stack up. */
export function upCommand(stack: string): string {
    return `npm run pulumi -- up --stack ${stack}`;
}

function repairedBy(command: string): readonly string[] {
    return ["This repairs it, without a restart of anything:", `  ${command}`];
}
