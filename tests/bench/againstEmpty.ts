import { compare } from "./measure";
import { EmptyProgram, POSIX, seconds, withStack } from "./stacks";

const RUNS = 9;

/** Compares a command on a stack that is up, and stays as it is, with the same on an empty program. */
export async function againstEmpty(name: string, command: readonly string[]): Promise<void> {
    const args = [...command, "--expect-no-changes"];
    const empty = await EmptyProgram.create();
    try {
        await withStack(POSIX, async (stack) => {
            // The first one reads everything from the disk.
            seconds(await stack.pulumi(args));
            await compare(name, RUNS, {
                base: () => empty.pulumi(args),
                ours: async () => seconds(await stack.pulumi(args)),
            });
        });
    } finally {
        empty.remove();
    }
}
