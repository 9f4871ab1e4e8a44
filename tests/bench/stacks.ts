import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { pulumiEnvironment } from "../../toolchain/pulumi";
import { docker } from "../support/docker";
import { TestStack, type CommandResult } from "../support/stack";

export const POSIX = { repositories: [{ name: "local", type: "posix" }] };

/** How long a command took; nothing but success is worth measuring. */
export function seconds(result: CommandResult): number {
    if (!result.ok) throw new Error(result.output);
    return result.seconds;
}

/** A stack of the program that is up, for as long as `use` takes. */
export async function withStack(
    settings: Record<string, unknown>,
    use: (stack: TestStack) => Promise<void>,
): Promise<void> {
    const stack = await TestStack.create(settings);
    try {
        seconds(await stack.up());
        await use(stack);
    } finally {
        await stack.remove();
        await removeImages(stack.name);
    }
}

/** A stack leaves the name of its image behind; the layers are those of any stack with the same sources. */
async function removeImages(name: string): Promise<void> {
    const listed = await docker([
        ...["images", "--format", "{{.Repository}}:{{.Tag}}"],
        ...["--filter", `reference=${name}-pgbackrest`],
    ]);
    const tags = listed.stdout.split("\n").filter((tag) => tag !== "");
    if (tags.length > 0) await docker(["rmi", "--no-prune", ...tags]);
}

/** The least that Pulumi can run: a program in plain JavaScript that declares nothing, in the same environment. */
export class EmptyProgram {
    private readonly directory = mkdtempSync(join(tmpdir(), "pgbt-"));
    private readonly environment: Readonly<Record<string, string>>;

    private constructor() {
        const state = join(this.directory, "state");
        mkdirSync(state);
        const options = "{ typescript: false }";
        writeFileSync(
            join(this.directory, "Pulumi.yaml"),
            `name: empty\nruntime: { name: nodejs, options: ${options} }\nmain: index.js\n`,
        );
        writeFileSync(
            join(this.directory, "package.json"),
            JSON.stringify({ name: "empty", dependencies: { "@pulumi/pulumi": "*" } }),
        );
        writeFileSync(join(this.directory, "index.js"), '"use strict";\n');
        symlinkSync(join(import.meta.dirname, "../../node_modules"), join(this.directory, "node_modules"));
        this.environment = {
            ...pulumiEnvironment({ stack: "empty" }),
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
        };
    }

    /** One that is up. */
    static async create(): Promise<EmptyProgram> {
        const program = new EmptyProgram();
        await program.pulumi(["stack", "init", "empty"]);
        await program.pulumi(["up", "--yes", "--skip-preview"]);
        return program;
    }

    /** Runs a command and says how many seconds it took. */
    async pulumi(args: readonly string[]): Promise<number> {
        const started = performance.now();
        await execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.directory,
            env: this.environment,
            stdin: "ignore",
        });
        return (performance.now() - started) / 1000;
    }

    remove(): void {
        rmSync(this.directory, { recursive: true, force: true });
    }
}
