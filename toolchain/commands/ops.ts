// npm run ops -- config verify|packages verify [--stack STACK]: looks after a stack that runs.
// Exit status: 0 all is as declared, 1 it is not (and how to repair it), 2 it cannot be told.
import { verifyConfiguration } from "../operations/verify";
import { verifyPackages } from "../operations/packages";
import { chosenStack } from "../backend";
import { exitWith, messageOf, ToolchainError } from "../errors";
import { Interrupted } from "../interruption";
import { root } from "../paths";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";

const CANNOT_TELL = 2;

const OPERATIONS = new Map([
    ["config verify", verifyConfiguration],
    ["packages verify", verifyPackages],
]);

async function ops(args: readonly string[]): Promise<number> {
    const name = args.slice(0, 2).join(" ");
    const operation = OPERATIONS.get(name);
    if (operation === undefined)
        throw new ToolchainError(
            `There is no operation "${name}".`,
            ["There are:", ...OPERATIONS.keys()].join("\n  npm run ops -- ") + " [--stack STACK]",
        );
    progressToStandardError();
    await ensureToolchain({ docker: false, baseImage: false });
    const stack = chosenStack(args);
    const { status, lines } = await operation(root, stack, pulumiEnvironment({ stack }));
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
