import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { devStack, makeStateDirectory, projectName, stateFile, stateUrl } from "./backend";
import { ToolchainError } from "./errors";
import { hasStaleLock, heal, type StackPlace } from "./heal";
import type { Place } from "./look";
import { allExist, root } from "./paths";
import { run } from "./run";
import { checkpointFile, mendStateFiles } from "./stateFiles";

/** Commands that need no stack, or make and remove stacks themselves. */
const withoutStack = ["version", "login", "logout", "whoami", "plugin", "package", "new", "about", "schema"];

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

/** Of one of Pulumi's commands, which then does nothing else. */
export function isHelp(args: readonly string[]): boolean {
    const end = args.indexOf("--");
    const options = end === -1 ? args : args.slice(0, end);
    return commandOf(args) === "help" || options.some((arg) => arg === "--help" || arg === "-h");
}

export function needsResources(args: readonly string[]): boolean {
    return withResources.includes(commandOf(args) ?? "");
}

export function isUp(args: readonly string[]): boolean {
    return ["up", "update"].includes(commandOf(args) ?? "");
}

/** Of all of it, and for real. */
export function isDestroy(args: readonly string[]): boolean {
    const partly = (arg: string): boolean => /^(--preview-only|--target|-t|--exclude)(=|$)/.test(arg);
    return ["destroy", "dn", "down"].includes(commandOf(args) ?? "") && !args.some(partly);
}

/** Makes the stack ready for a command: it is there, and what a killed command left of it is put right. Says whether anything was. */
export async function prepareStack(
    stack: string,
    environment: Record<string, string>,
    args: readonly string[],
    say: (text: string) => void,
): Promise<boolean> {
    const command = commandOf(args);
    if (command === undefined || withoutStack.includes(command)) return false;
    const place = directoryOf(stack, environment);
    const mended = place !== undefined && mendStateFiles(place, say);
    await ensureStack(stack, environment, args);
    checkSettingsFile(shortName(stack), args);
    if (place === undefined) return mended;
    if (needsResources(args)) return (await heal(place, say)) || mended;
    if (command === "stack" && (await hasStaleLock(place)))
        say(
            "The last command was killed before its end, so the stack's outputs may be those of the one before, a password too: run `npm run pulumi -- up`.",
        );
    return mended;
}

/** What is looked at in Docker for a stack, and where its state says what that should be. */
export function placeOf(stack: string, environment: Record<string, string>): Place {
    const directory = directoryOf(stack, environment);
    return { project: root, stack, environment, stateFile: directory && checkpointFile(directory) };
}

/** Where the stack's state is, when that is a directory. */
function directoryOf(stack: string, environment: Record<string, string>): StackPlace | undefined {
    const backend = environment["PULUMI_BACKEND_URL"] ?? "";
    if (!backend.startsWith("file:///")) return undefined;
    return {
        project: root,
        projectName,
        stack: shortName(stack),
        backend: fileURLToPath(backend),
        environment,
    };
}

/** A command that was killed while it wrote the settings leaves none, which would mean a database without its backups. */
function checkSettingsFile(stack: string, args: readonly string[]): void {
    if (!needsResources(args) && (commandOf(args) !== "config" || args.includes("refresh"))) return;
    const name = `Pulumi.${stack}.yaml`;
    const file = join(root, name);
    if (!existsSync(file) || readFileSync(file, "utf8").trim() !== "") return;
    throw new ToolchainError(
        `${name} is empty: a command was killed while it wrote it.`,
        `Put it back from git (\`git restore ${name}\`), or as it was deployed last (\`npm run pulumi -- config refresh --stack ${stack}\`).`,
    );
}

/** Makes the dev stack in the clone's own backend when it is not there yet. */
async function ensureStack(
    stack: string,
    environment: Record<string, string>,
    args: readonly string[],
): Promise<void> {
    if (environment["PULUMI_BACKEND_URL"] !== stateUrl) return;
    makeStateDirectory();
    const changesStacks =
        commandOf(args) === "stack" && args.some((arg) => ["init", "rm", "ls"].includes(arg));
    if (shortName(stack) !== devStack || changesStacks || allExist([stateFile(devStack)])) return;
    // Pulumi.dev.yaml holds the salt of the passphrase, so this writes nothing that git tracks.
    await run("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], {
        cwd: root,
        environment,
    });
}

/** `organization/pgbackrest/dev` is `dev`. */
function shortName(stack: string): string {
    return stack.split("/").at(-1) ?? stack;
}
