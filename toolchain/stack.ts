import { fileURLToPath } from "node:url";
import { devStack, makeStateDirectory, projectName, stateDirectory, stateFile } from "./backend";
import { heal } from "./heal";
import { allExist, root } from "./paths";
import { run } from "./run";

/** Commands that need no stack, or make and remove stacks themselves. */
const withoutStack = [
    "version",
    "help",
    "login",
    "logout",
    "whoami",
    "plugin",
    "package",
    "new",
    "about",
    "schema",
];

/** Commands that speak to the plugins, and so to Docker. */
const withResources = [
    "up",
    "update",
    "preview",
    "pre",
    "destroy",
    "dn",
    "down",
    "refresh",
    "import",
    "watch",
];

/** The first word of a command line that is no option and no option's value. */
export function commandOf(args: readonly string[]): string | undefined {
    const first = args.findIndex(
        (arg, i) => !arg.startsWith("-") && !["-s", "--stack", "-C", "--cwd"].includes(args[i - 1] ?? ""),
    );
    return args[first];
}

export function needsResources(args: readonly string[]): boolean {
    return withResources.includes(commandOf(args) ?? "") && !args.includes("--help");
}

/** Makes the stack ready for a command: it is there, and what a killed command left of it is put right. */
export async function prepareStack(
    stack: string,
    environment: Record<string, string>,
    args: readonly string[],
    say: (text: string) => void,
): Promise<void> {
    await ensureStack(stack, environment, args);
    const backend = environment["PULUMI_BACKEND_URL"] ?? "";
    if (!needsResources(args) || !backend.startsWith("file:///")) return;
    await heal(
        { project: root, projectName, stack: shortName(stack), backend: fileURLToPath(backend), environment },
        say,
    );
}

/** Makes the dev stack in the clone's own backend when it is not there yet. */
async function ensureStack(
    stack: string,
    environment: Record<string, string>,
    args: readonly string[],
): Promise<void> {
    const command = commandOf(args);
    if (command === undefined || withoutStack.includes(command)) return;
    if (environment["PULUMI_BACKEND_URL"] !== `file://${stateDirectory}`) return;
    makeStateDirectory();
    const changesStacks = command === "stack" && args.some((arg) => ["init", "rm", "ls"].includes(arg));
    if (shortName(stack) !== devStack || changesStacks || allExist([stateFile(devStack)])) return;
    // Pulumi.dev.yaml holds the salt of the passphrase, so this writes nothing that git tracks.
    await run("pulumi", ["stack", "init", stack, "--non-interactive"], { cwd: root, environment });
}

/** `organization/pgbackrest/dev` is `dev`. */
function shortName(stack: string): string {
    return stack.split("/").at(-1) ?? stack;
}
