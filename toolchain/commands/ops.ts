// npm run ops -- config verify [--stack STACK]: looks after a stack that runs.
// Exit status: 0 all is as declared, 1 it is not (and how to repair it), 2 it cannot be told.
import { verifyConfiguration } from "../operations/verify";
import { chosenStack } from "../backend";
import { exitWith, messageOf, ToolchainError } from "../errors";
import { Interrupted } from "../interruption";
import { root } from "../paths";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";

const CANNOT_TELL = 2;

async function ops(args: readonly string[]): Promise<number> {
    if (args[0] !== "config" || args[1] !== "verify")
        throw new ToolchainError(
            `There is no operation "${args.slice(0, 2).join(" ")}".`,
            "There is: npm run ops -- config verify [--stack STACK]",
        );
    progressToStandardError();
    await ensureToolchain({ docker: false, baseImage: false });
    const stack = chosenStack(args);
    const { status, lines } = await verifyConfiguration(root, stack, pulumiEnvironment({ stack }));
    (status === 0 ? console.log : console.error)(lines.join("\n"));
    return status;
}

exitWith(async () => {
    try {
        return await ops(process.argv.slice(2));
    } catch (error) {
        if (error instanceof Interrupted) throw error;
        console.error(messageOf(error));
        return CANNOT_TELL;
    }
});
