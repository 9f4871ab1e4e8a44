import { spawn } from "node:child_process";
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import * as v from "valibot";
import { type Document, parseDocument } from "yaml";
import { pulumiEnvironment } from "../../toolchain/pulumi";
import { docker, removeAll } from "./docker";

const ROOT = resolve(import.meta.dirname, "../..");
const PROJECT = [
    ...["Pulumi.yaml", "package.json", "package-lock.json", "program.mjs", "index.ts", "tsconfig.json"],
    ...["components", "config", "image", "service", "toolchain"],
];

/** Puts this program into a directory, in place of whatever program is there. */
export function copyProgram(directory: string): void {
    removeProgram(directory);
    for (const entry of PROJECT) cpSync(join(ROOT, entry), join(directory, entry), { recursive: true });
    const modules = join(directory, "node_modules");
    if (!existsSync(modules)) symlinkSync(join(ROOT, "node_modules"), modules);
}

export function removeProgram(directory: string): void {
    for (const entry of PROJECT) rmSync(join(directory, entry), { recursive: true, force: true });
}

export interface CommandResult {
    readonly ok: boolean;
    readonly exitCode: number;
    /** Both outputs, as they came. */
    readonly output: string;
    readonly seconds: number;
}

/** A command that runs in a process group of its own, like one that was typed in a terminal. */
export interface Launched {
    readonly ended: Promise<CommandResult>;
    /** What it has said until now. */
    output(): string;
    /** Sends a signal to all processes of its group that there still are, as a terminal does for ^C. */
    signal(name: NodeJS.Signals): void;
}

/** A name for a stack of the tests and for all its Docker objects. */
export function testName(): string {
    return `pgbt-${randomBytes(4).toString("hex")}`;
}

/**
 * A stack of the real program, run by the real engine, in a directory, a state and with Docker names of its own, so that nothing of
 * the user's is touched.
 */
export class TestStack {
    readonly directory: string;
    readonly environment: Readonly<Record<string, string | undefined>>;

    private constructor(
        /** Name of the stack and prefix of its Docker objects. */
        readonly name: string,
        private readonly dockerHost: string | undefined,
    ) {
        const toolchain = pulumiEnvironment({ stack: name });
        this.directory = mkdtempSync(join(tmpdir(), "pgbt-"));
        const state = join(this.directory, "state");
        mkdirSync(state);
        this.environment = {
            ...toolchain,
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
            PULUMI_STACK: name,
        };
        copyProgram(this.directory);
    }

    /** Makes the stack, without anything in it. `settings` are keys of Pulumi.yaml. */
    static async create(settings: Record<string, unknown>): Promise<TestStack> {
        const name = testName();
        const host = settings["dockerHost"];
        const stack = new TestStack(name, typeof host === "string" ? host : undefined);
        stack.configure({ name, ...settings });
        const made = await stack.pulumi(["stack", "init", name]);
        if (!made.ok) throw new Error(made.output);
        return stack;
    }

    /** Changes settings; undefined takes one out. */
    configure(changes: Record<string, unknown>): void {
        const document = this.readConfig();
        for (const [key, value] of Object.entries(changes)) {
            if (value === undefined) document.deleteIn(["config", `pgbackrest:${key}`]);
            else document.setIn(["config", `pgbackrest:${key}`], document.createNode(value));
        }
        writeFileSync(this.configFile, String(document));
    }

    /** A setting as it is now, to put it back later. */
    setting(key: string): unknown {
        const config: unknown = this.readConfig().toJS();
        const values = v.parse(v.object({ config: v.record(v.string(), v.unknown()) }), config).config;
        return values[`pgbackrest:${key}`];
    }

    private get configFile(): string {
        return join(this.directory, `Pulumi.${this.name}.yaml`);
    }

    private readConfig(): Document {
        return parseDocument(
            existsSync(this.configFile) ? readFileSync(this.configFile, "utf8") : "config: {}\n",
        );
    }

    /** Sets a setting that the stack keeps encrypted. */
    async configureSecret(key: string, value: string): Promise<void> {
        const result = await this.pulumi(["config", "set", "--secret", `pgbackrest:${key}`], value);
        if (!result.ok) throw new Error(result.output);
    }

    /** Rewrites a file of the project's copy. */
    edit(file: string, change: (text: string) => string): void {
        const path = join(this.directory, file);
        writeFileSync(path, change(readFileSync(path, "utf8")));
    }

    async up(...args: string[]): Promise<CommandResult> {
        return this.pulumi(["up", "--yes", "--skip-preview", ...args]);
    }

    /** `up` where nothing else than success makes sense. */
    async mustUp(): Promise<CommandResult> {
        const result = await this.up();
        if (!result.ok) throw new Error(result.output);
        return result;
    }

    async preview(...args: string[]): Promise<CommandResult> {
        return this.pulumi(["preview", "--diff", ...args]);
    }

    /** Runs the Pulumi CLI in the project; a failure is a result. */
    async pulumi(args: readonly string[], input?: string): Promise<CommandResult> {
        const started = performance.now();
        const result = await execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
            cwd: this.directory,
            env: this.environment,
            reject: false,
            all: true,
            ...(input === undefined ? { stdin: "ignore" } : { input }),
        });
        return {
            ok: !result.failed,
            exitCode: result.exitCode ?? 1,
            output: result.all,
            seconds: (performance.now() - started) / 1000,
        };
    }

    /** Starts `npm run COMMAND -- ARGS` as the project's users have it, without npm, which would only pass signals on. */
    launch(args: readonly string[], command: "pulumi" | "ops" = "pulumi"): Launched {
        const started = performance.now();
        const child = spawn(
            process.execPath,
            ["toolchain/launch.mjs", command, ...args, ...(command === "pulumi" ? ["--color", "never"] : [])],
            {
                cwd: this.directory,
                env: this.environment,
                detached: true,
                stdio: ["ignore", "pipe", "pipe"],
            },
        );
        let output = "";
        const collect = (text: string): void => {
            output += text;
        };
        child.stdout.setEncoding("utf8").on("data", collect);
        child.stderr.setEncoding("utf8").on("data", collect);
        const ended = new Promise<CommandResult>((resolve) => {
            child.on("close", (code) => {
                const seconds = (performance.now() - started) / 1000;
                resolve({ ok: code === 0, exitCode: code ?? 1, output, seconds });
            });
        });
        const signal = (name: NodeJS.Signals): void => {
            if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
        };
        return { ended, output: () => output, signal };
    }

    /** The stack's outputs, with the secret ones. */
    async outputs(): Promise<Record<string, unknown>> {
        const { output } = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
        const parsed: unknown = JSON.parse(output);
        return Object.fromEntries(
            Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {}),
        );
    }

    /** Names of the images that the stack has built; destroy leaves them. */
    private async tags(): Promise<readonly string[]> {
        const format = ["--format", "{{.Repository}}:{{.Tag}}"];
        const reference = ["--filter", `reference=${this.name}-pgbackrest*`];
        const listed = await docker(["image", "ls", ...format, ...reference], { host: this.dockerHost });
        return listed.stdout.split("\n").filter((name) => name !== "");
    }

    /** Removes the stack with all its Docker objects, whatever state it is in. */
    async remove(): Promise<void> {
        await removeAll(this.name, this.dockerHost);
        // By name, not by id: other stacks have the same image under names of their own.
        for (const tag of await this.tags()) await docker(["image", "rm", tag], { host: this.dockerHost });
        rmSync(this.directory, { recursive: true, force: true });
    }
}
