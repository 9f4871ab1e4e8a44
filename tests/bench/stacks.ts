import { TestStack, type CommandResult } from "../support/stack";

export const POSIX = { repositories: [{ name: "local", type: "posix" }] };

/** How long a command took; nothing but success is worth measuring. */
export function seconds(result: CommandResult): number {
    if (!result.ok) throw new Error(result.output);
    return result.seconds;
}

let shared: Promise<TestStack> | undefined;
let isUp: Promise<number> | undefined;

/** A stack of the program that is up, the same for all measurements of this process. Each leaves it up and without changes to make. */
export async function sharedStack(): Promise<TestStack> {
    shared ??= TestStack.create(POSIX);
    const stack = await shared;
    isUp ??= stack.up().then(seconds);
    await isUp;
    return stack;
}

export async function removeShared(): Promise<void> {
    await (await shared)?.remove();
}
