// A preview without changes, as a ratio to an empty program's, which is the floor, and to that of the same resources in a plain program.
import { compareAll, runs } from "./measure";
import { EmptyProgram, PlainProgram } from "./otherPrograms";
import { seconds, sharedStack } from "./stacks";

export default async function (): Promise<void> {
    const args = ["preview", "--expect-no-changes"];
    const stack = await sharedStack();
    const empty = await EmptyProgram.create();
    const plain = await PlainProgram.create(stack);
    try {
        // The first one reads everything from the disk.
        await plain.pulumi(args);
        seconds(await stack.pulumi(args));
        await compareAll(runs(9), async () => seconds(await stack.pulumi(args)), {
            "preview-empty": () => empty.pulumi(args),
            "preview-plain": () => plain.pulumi(args),
        });
    } finally {
        empty.remove();
        plain.remove();
    }
}
