// An `up` without changes, as a ratio to an empty program's.
import { compare, runs } from "./measure";
import { EmptyProgram } from "./otherPrograms";
import { seconds, sharedStack } from "./stacks";

export default async function (): Promise<void> {
    const args = ["up", "--yes", "--skip-preview", "--expect-no-changes"];
    const stack = await sharedStack();
    const empty = await EmptyProgram.create();
    try {
        // The first one reads everything from the disk.
        seconds(await stack.pulumi(args));
        await compare("up-no-change", runs(9), {
            base: () => empty.pulumi(args),
            ours: async () => seconds(await stack.pulumi(args)),
        });
    } finally {
        empty.remove();
    }
}
