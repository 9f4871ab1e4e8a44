import { devStack, makeStateDirectory, stateDirectory, stateFile } from "./backend";
import { allExist, root } from "./paths";
import { run } from "./run";

/** Commands that need no stack, or make and remove stacks themselves. */
const withoutStack = ["version", "help", "login", "logout", "whoami", "plugin", "package", "new", "about", "schema"];

/** Makes the dev stack in the clone's own backend when it is not there yet. */
export async function ensureStack(
    stack: string,
    environment: Record<string, string>,
    args: readonly string[],
): Promise<void> {
    const command = args.find((arg) => !arg.startsWith("-"));
    if (command === undefined || withoutStack.includes(command)) return;
    if (environment["PULUMI_BACKEND_URL"] !== `file://${stateDirectory}`) return;
    makeStateDirectory();
    const changesStacks = command === "stack" && args.some((arg) => ["init", "rm", "ls"].includes(arg));
    if (stack !== devStack || changesStacks || allExist([stateFile(stack)])) return;
    // Pulumi.dev.yaml holds the salt of the passphrase, so this writes nothing that git tracks.
    await run("pulumi", ["stack", "init", stack, "--non-interactive"], { cwd: root, environment });
}
