// A small Pulumi project of a test's own, with its own state, run by the real CLI with the plugins that ensureToolchain found.
import { type ChildProcess, spawn } from "node:child_process";
import {
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../toolchain/paths";
import { pulumiEnvironment } from "../../toolchain/pulumi";
import { attempt, type Result } from "../../toolchain/run";

export const projectName = "throwaway";
export const stack = "trial";

export class Throwaway {
    readonly directory = mkdtempSync(join(tmpdir(), "pgbackrest-toolchain-"));
    readonly backend = join(this.directory, "state");
    private readonly temp = join(this.directory, "tmp");
    readonly environment: Record<string, string>;

    private constructor() {
        mkdirSync(this.backend);
        mkdirSync(this.temp);
        this.environment = {
            ...pulumiEnvironment(),
            PULUMI_BACKEND_URL: `file://${this.backend}`,
            PULUMI_CONFIG_PASSPHRASE: "a passphrase of the tests",
            PULUMI_STACK: stack,
            TMPDIR: this.temp,
        };
        const project = {
            name: projectName,
            runtime: { name: "nodejs", options: { typescript: false } },
            main: "program.mjs",
        };
        // JSON is YAML.
        writeFileSync(join(this.directory, "Pulumi.yaml"), JSON.stringify(project));
        writeFileSync(
            join(this.directory, "package.json"),
            JSON.stringify({ name: projectName, private: true }),
        );
        symlinkSync(join(root, "node_modules"), join(this.directory, "node_modules"));
    }

    static async create(program: string): Promise<Throwaway> {
        const project = new Throwaway();
        project.write(program);
        await project.must("stack", "init", stack);
        return project;
    }

    write(program: string): void {
        const imports = ["docker", "random"].map((name) => `import * as ${name} from "@pulumi/${name}";`);
        writeFileSync(join(this.directory, "program.mjs"), [...imports, program].join("\n"));
    }

    async pulumi(...args: readonly string[]): Promise<Result> {
        return attempt("pulumi", [...args, "--non-interactive"], {
            cwd: this.directory,
            environment: this.environment,
        });
    }

    /** Runs a command that has to succeed. */
    async must(...args: readonly string[]): Promise<string> {
        const result = await this.pulumi(...args);
        if (!result.ok) throw new Error(`pulumi ${args.join(" ")}:\n${result.all}`);
        return result.stdout;
    }

    /** Starts a command and does not wait for it. */
    start(program: string, args: readonly string[]): ChildProcess {
        return spawn(program, args, {
            cwd: this.directory,
            env: this.environment,
            stdio: ["pipe", "ignore", "ignore"],
        });
    }

    /** Live processes of this project: each inherits the address of its state. */
    processes(): readonly number[] {
        const mark = `PULUMI_BACKEND_URL=file://${this.backend}\0`;
        return readdirSync("/proc")
            .filter((entry) => /^\d+$/.test(entry))
            .filter((entry) => {
                try {
                    return readFileSync(`/proc/${entry}/environ`, "utf8").includes(mark);
                } catch {
                    return false;
                }
            })
            .map(Number);
    }

    commandLines(): readonly string[] {
        return this.processes().map((pid) => {
            try {
                return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`;
            } catch {
                return `${pid} has ended`;
            }
        });
    }

    /** Waits until no process of the project is left; gives those that are. */
    async leftProcesses(patienceSeconds: number): Promise<readonly string[]> {
        const deadline = Date.now() + patienceSeconds * 1000;
        while (this.processes().length > 0 && Date.now() < deadline) await sleep(100);
        return this.commandLines();
    }

    /** Sockets and directories of plugins that have ended. Pulumi itself may leave something of a program that fails. */
    leftFiles(): readonly string[] {
        return readdirSync(this.temp).filter((name) => /^(?:plugin|provider-proxy)/.test(name));
    }

    async remove(): Promise<void> {
        await this.pulumi("cancel", "--yes");
        await this.pulumi("destroy", "--yes", "--skip-preview");
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/** Waits until a condition holds. */
export async function until(
    what: string,
    holds: () => Promise<boolean> | boolean,
    patienceSeconds = 30,
): Promise<void> {
    const deadline = Date.now() + patienceSeconds * 1000;
    while (!(await holds())) {
        if (Date.now() > deadline) throw new Error(`not within ${patienceSeconds} s: ${what}`);
        await sleep(100);
    }
}
