import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Environment, root } from "./paths";

export const devStack = "dev";

/**
 * The passphrase of the dev stack's secrets. It is no secret: Pulumi.dev.yaml is made with it, so that a fresh clone
 * works, and what it protects is a database on the developer's own machine. Other stacks need one of their own.
 */
export const devPassphrase = "dev-passphrase-is-no-secret";

export const stateDirectory = join(root, ".pulumi-state");

/** Without attributes beside each file: the backend writes them in place, and cannot read what a kill leaves of them. */
export const stateUrl = `file://${stateDirectory}?metadata=skip`;

/** The backend, stack and passphrase that the user chose, else those of the dev stack in this clone. */
export function backendEnvironment(environment: Environment, stack: string): Record<string, string> {
    const has = (name: string): boolean => environment[name] !== undefined;
    const ownPassphrase = has("PULUMI_CONFIG_PASSPHRASE") || has("PULUMI_CONFIG_PASSPHRASE_FILE");
    return {
        PULUMI_STACK: stack,
        ...(has("PULUMI_BACKEND_URL") ? {} : { PULUMI_BACKEND_URL: stateUrl }),
        ...(ownPassphrase || stack !== devStack ? {} : { PULUMI_CONFIG_PASSPHRASE: devPassphrase }),
    };
}

/** The stack that a command line or the environment names. */
export function chosenStack(args: readonly string[], environment: Environment = process.env): string {
    for (const [i, arg] of args.entries()) {
        if (arg === "--") break;
        const joined = /^(?:--stack|-s)=(.+)$/.exec(arg)?.[1];
        if (joined !== undefined) return joined;
        const next = args[i + 1];
        if ((arg === "--stack" || arg === "-s") && next !== undefined) return next;
    }
    const fromEnvironment = environment["PULUMI_STACK"];
    return fromEnvironment === undefined || fromEnvironment === "" ? devStack : fromEnvironment;
}

/** State holds secrets (encrypted) and addresses: only the user may read it. */
export function makeStateDirectory(): void {
    if (!existsSync(stateDirectory)) mkdirSync(stateDirectory, { mode: 0o700 });
    chmodSync(stateDirectory, 0o700);
}

export const projectName = "pgbackrest";

/** Where the file backend in the clone keeps a stack's state. */
export function stateFile(stack: string): string {
    return join(stateDirectory, ".pulumi", "stacks", projectName, `${stack}.json`);
}
