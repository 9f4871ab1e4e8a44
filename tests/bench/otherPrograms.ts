import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { partProgram, parts } from "../../toolchain/closedNetwork/parts";
import { findPulumi, pulumiEnvironment } from "../../toolchain/pulumi";
import type { TestStack } from "../support/stack";
import { plainProgram, plainState } from "./plain";
import { seconds } from "./stacks";

/** A program of another kind than ours, in the same environment, with the same packages. */
abstract class Program {
    readonly directory = mkdtempSync(join(tmpdir(), "pgbt-"));
    protected environment: Readonly<Record<string, string>>;

    protected constructor(private readonly stack: string) {
        const state = join(this.directory, "state");
        mkdirSync(state);
        symlinkSync(join(import.meta.dirname, "../../node_modules"), join(this.directory, "node_modules"));
        this.environment = {
            ...pulumiEnvironment({ stack }),
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
        };
    }

    protected write(files: Readonly<Record<string, string>>): void {
        for (const [file, text] of Object.entries(files)) writeFileSync(join(this.directory, file), text);
    }

    protected async makeStack(): Promise<void> {
        await this.pulumi(["stack", "init", this.stack]);
    }

    /** Runs a command and says how many seconds it took. */
    async pulumi(args: readonly string[], input?: string): Promise<number> {
        const started = performance.now();
        await execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.directory,
            env: this.environment,
            ...(input === undefined ? { stdin: "ignore" } : { input }),
        });
        return (performance.now() - started) / 1000;
    }

    remove(): void {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/** The least that Pulumi can run: a program in plain JavaScript that declares nothing. */
export class EmptyProgram extends Program {
    /** One that is up. */
    static async create(): Promise<EmptyProgram> {
        const program = new EmptyProgram("empty");
        program.write({
            "Pulumi.yaml":
                "name: empty\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.js\n",
            "package.json": JSON.stringify({ name: "empty", dependencies: { "@pulumi/pulumi": "*" } }),
            "index.js": '"use strict";\n',
        });
        await program.makeStack();
        await program.pulumi(["up", "--yes", "--skip-preview"]);
        return program;
    }
}

/** What people have who write no components: the same resources one by one in index.ts, in a project like that of `pulumi new typescript`. */
export class PlainProgram extends Program {
    /** @param stack which is up; the program takes a copy of its state, as if it had made the same resources */
    static async create(stack: TestStack): Promise<PlainProgram> {
        const exported = await stack.pulumi(["stack", "export", "--show-secrets"]);
        seconds(exported);
        const state = plainState(exported.output);
        const program = new PlainProgram(stack.name);
        cpSync(join(stack.directory, "image"), join(program.directory, "image"), { recursive: true });
        program.write({
            "Pulumi.yaml": "name: pgbackrest\nruntime: { name: nodejs, options: { packagemanager: npm } }\n",
            "package.json": JSON.stringify({ name: "plain", main: "index.ts" }),
            "tsconfig.json": JSON.stringify({
                compilerOptions: {
                    ...{ strict: true, outDir: "bin", target: "es2020", module: "commonjs" },
                    ...{ moduleResolution: "node", sourceMap: true, experimentalDecorators: true },
                    ...{ pretty: true, noFallthroughCasesInSwitch: true, noImplicitReturns: true },
                    forceConsistentCasingInFileNames: true,
                },
                files: ["index.ts"],
            }),
            "index.ts": plainProgram(state),
        });
        program.useTypeScript();
        await program.makeStack();
        await program.pulumi(["stack", "import"], JSON.stringify(state));
        return program;
    }

    /** The language host that Go builds here is told that ours needs no TypeScript (closedNetwork.ts); for this one it is as it comes. */
    private useTypeScript(): void {
        if (findPulumi()?.from !== "build") return;
        const bin = join(this.directory, "bin");
        mkdirSync(bin);
        symlinkSync(partProgram(parts.languageHost), join(bin, parts.languageHost.program));
        this.environment = { ...this.environment, PATH: `${bin}:${this.environment["PATH"] ?? ""}` };
    }
}
