import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import * as v from "valibot";
import { devPassphrase } from "../../toolchain/backend";
import { pulumiEnvironment } from "../../toolchain/pulumi";
import { copyProgram, removeProgram } from "./stack";

const RELEASES = resolve(import.meta.dirname, "../fixtures/releases");

/** The releases that this program can upgrade, as tests/fixtures/releases has them. */
export const releases: readonly string[] = readdirSync(RELEASES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

export function releaseFile(release: string, file: string): string {
    return join(RELEASES, release, file);
}

/** The recorded states of a release: names of files. */
export function statesOf(release: string): readonly string[] {
    return readdirSync(join(RELEASES, release)).filter((file) => file.startsWith("state-"));
}

/** Puts the program of a release into a directory, in place of whatever program is there. */
export async function extractProgram(release: string, directory: string): Promise<void> {
    removeProgram(directory);
    await execa("tar", ["-xzf", releaseFile(release, "program.tar.gz"), "-C", directory]);
}

const preview = v.object({
    steps: v.array(v.object({ op: v.string(), urn: v.string() })),
    diagnostics: v.optional(v.array(v.object({ message: v.string() })), []),
});

export interface Step {
    readonly op: string;
    readonly type: string;
    readonly name: string;
}

/** What this program would do to a stack that it has not brought up. */
export interface Foreseen {
    readonly steps: readonly Step[];
    /** What it says of that. */
    readonly told: string;
}

/** An engine that nobody can reach, and that no plugin tries to reach while there is nothing to do. */
const NOWHERE = "ssh://nobody@nowhere.invalid";

/**
 * Previews a recorded state with this program, without Docker: nothing of the stack is there but its state.
 * @param settings what is set besides, as `pulumi config set` takes it
 */
export async function foresee(
    release: string,
    state: string,
    settings: Readonly<Record<string, string>> = {},
): Promise<Foreseen> {
    const directory = mkdtempSync(join(tmpdir(), "pgbt-"));
    try {
        copyProgram(directory);
        await execa("tar", [
            "-xzf",
            releaseFile(release, "program.tar.gz"),
            "-C",
            directory,
            "Pulumi.dev.yaml",
        ]);
        const recorded = readFileSync(releaseFile(release, state), "utf8");
        // The provider has it where the setting was set.
        const host = /"host": "(?<host>[^"]+)"/.exec(recorded)?.groups?.["host"];
        const imported = join(directory, "state.json");
        writeFileSync(imported, recorded);
        mkdirSync(join(directory, "state"));
        const run = async (...args: readonly string[]): Promise<string> => {
            const { stdout } = await execa("pulumi", [...args, "--non-interactive"], {
                cwd: directory,
                stdin: "ignore",
                env: {
                    ...pulumiEnvironment({ stack: "dev" }),
                    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
                    PULUMI_CONFIG_PASSPHRASE: devPassphrase,
                    DOCKER_HOST: NOWHERE,
                },
            });
            return stdout;
        };
        await run("stack", "init", "dev");
        await run("stack", "import", "--file", imported);
        for (const [key, value] of Object.entries({
            ...settings,
            ...(host === undefined ? {} : { dockerHost: host }),
        }))
            await run("config", "set", key, value);
        const { steps, diagnostics } = v.parse(preview, JSON.parse(await run("preview", "--json")));
        return {
            steps: steps.map(({ op, urn }) => {
                const [, , types = "", name = ""] = urn.slice("urn:pulumi:".length).split("::");
                return { op, type: types.slice(types.lastIndexOf("$") + 1), name };
            }),
            told: diagnostics.map(({ message }) => message).join("\n"),
        };
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}
