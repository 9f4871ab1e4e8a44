import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { pulumiEnvironment } from "../../toolchain/pulumi";
import { removeAll } from "./docker";

const ROOT = resolve(import.meta.dirname, "../..");
const PROJECT = ["Pulumi.yaml", "package.json", "package-lock.json", "program.mjs", "index.ts", "components", "config", "image"];

export interface CommandResult {
    readonly ok: boolean;
    readonly exitCode: number;
    readonly output: string;
    readonly seconds: number;
}

/**
 * A stack of the real program, run by the real engine, in a directory, a state and with Docker names of its own, so that nothing of
 * the user's is touched.
 */
export class TestStack {
    readonly directory = mkdtempSync(join(tmpdir(), "pgbt-"));
    private readonly environment: Record<string, string | undefined>;
    private settings: Record<string, unknown>;

    private constructor(
        /** Name of the stack and prefix of its Docker objects. */
        readonly name: string,
        settings: Record<string, unknown>,
        environment: Record<string, string | undefined>,
    ) {
        this.settings = { name, ...settings };
        const state = join(this.directory, "state");
        mkdirSync(state);
        this.environment = {
            ...pulumiEnvironment(),
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
            PULUMI_STACK: name,
            ...environment,
        };
        for (const entry of PROJECT) cpSync(join(ROOT, entry), join(this.directory, entry), { recursive: true });
        symlinkSync(join(ROOT, "node_modules"), join(this.directory, "node_modules"));
    }

    /** Makes the stack, without anything in it. `settings` are keys of Pulumi.yaml. */
    static async create(
        name: string,
        settings: Record<string, unknown>,
        environment: Record<string, string | undefined> = {},
    ): Promise<TestStack> {
        const stack = new TestStack(name, settings, environment);
        stack.configure({});
        await stack.pulumi(["stack", "init", name]);
        return stack;
    }

    /** Changes settings; undefined takes one out. */
    configure(changes: Record<string, unknown>): void {
        this.settings = { ...this.settings, ...changes };
        const config = Object.fromEntries(
            Object.entries(this.settings).flatMap(([key, value]) => (value === undefined ? [] : [[`pgbackrest:${key}`, value]])),
        );
        const salt = /^encryptionsalt: .*$/m.exec(this.readOptional(this.configFile)) ?? [];
        // JSON is YAML.
        writeFileSync(join(this.directory, this.configFile), [...salt, `config: ${JSON.stringify(config)}`, ""].join("\n"));
    }

    /** Rewrites a file of the project's copy. */
    edit(file: string, change: (text: string) => string): void {
        const path = join(this.directory, file);
        writeFileSync(path, change(readFileSync(path, "utf8")));
    }

    async up(...args: string[]): Promise<CommandResult> {
        return this.pulumi(["up", "--yes", "--skip-preview", ...args]);
    }

    async preview(...args: string[]): Promise<CommandResult> {
        return this.pulumi(["preview", "--diff", ...args]);
    }

    /** Runs the Pulumi CLI in the project; a failure is a result. */
    async pulumi(args: readonly string[]): Promise<CommandResult> {
        const started = performance.now();
        const result = await execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.directory,
            env: this.environment,
            extendEnv: true,
            reject: false,
            all: true,
            stdin: "ignore",
        });
        return {
            ok: !result.failed,
            exitCode: result.exitCode ?? 1,
            output: result.all,
            seconds: (performance.now() - started) / 1000,
        };
    }

    /** The stack's outputs, with the secret ones. */
    async outputs(): Promise<Record<string, unknown>> {
        const { output } = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
        const parsed: unknown = JSON.parse(output);
        return Object.fromEntries(Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {}));
    }

    /** Ends the stack and removes what is left of it, whatever state it is in. */
    async remove(): Promise<CommandResult> {
        const result = await this.pulumi(["destroy", "--yes", "--skip-preview"]);
        await removeAll(this.name, this.environment["DOCKER_HOST"]);
        rmSync(this.directory, { recursive: true, force: true });
        return result;
    }

    private get configFile(): string {
        return `Pulumi.${this.name}.yaml`;
    }

    private readOptional(file: string): string {
        try {
            return readFileSync(join(this.directory, file), "utf8");
        } catch {
            return "";
        }
    }
}
