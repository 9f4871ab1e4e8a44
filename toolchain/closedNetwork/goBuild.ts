import { existsSync, mkdirSync, mkdtempSync, readdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { ToolchainError } from "../errors";
import { isAlive } from "../processes";
import { buildFlags, linkerFlags, type Part, partDirectory, partProgram, sourceDirectory } from "./parts";
import { cacheDirectory, findOnPath } from "../paths";
import type { Report } from "../progress";
import { attempt, run } from "../run";

export const neededGo = "1.25.11";
const neededGigabytes = 7;

/** Is there a Go that can build the parts? Throws what the user must know when not. */
export async function checkGo(): Promise<void> {
    const remedy = [
        "Either install Pulumi and its Node.js language host yourself (https://www.pulumi.com/docs/install/),",
        "or let this machine reach https://get.pulumi.com,",
        `or install Go ${neededGo} or newer (https://go.dev/dl/): then everything is built from Go modules.`,
    ].join("\n");
    if (process.platform !== "linux") {
        throw new ToolchainError(
            "Pulumi and its plugins are missing, and only on Linux they can be built here.",
            remedy,
        );
    }
    if (findOnPath("go") === undefined) {
        throw new ToolchainError(
            "Pulumi and its plugins are missing, cannot be downloaded, and there is no Go to build them.",
            remedy,
        );
    }
    const version = (await run("go", ["env", "GOVERSION"], { environment: goEnvironment })).replace(
        /^go/,
        "",
    );
    const automatic = (await run("go", ["env", "GOTOOLCHAIN"], { environment: goEnvironment })) !== "local";
    if (compareVersions(version, automatic ? "1.21" : neededGo) < 0) {
        throw new ToolchainError(`Go ${version} is too old to build Pulumi and its plugins.`, remedy);
    }
    const free = freeGigabytes(cacheDirectory());
    if (free < neededGigabytes) {
        throw new ToolchainError(
            `Building Pulumi and its plugins needs ${neededGigabytes} GB for a while, and ${cacheDirectory()} has ${free.toFixed(1)} GB.`,
            "Make room there, or name a directory on another disk in XDG_CACHE_HOME.",
        );
    }
}

/** Of the file system that a directory is or will be on. */
function freeGigabytes(directory: string): number {
    if (!existsSync(directory)) return freeGigabytes(dirname(directory));
    const { bavail, bsize } = statfsSync(directory);
    return (bavail * bsize) / 1e9;
}

export function compareVersions(left: string, right: string): number {
    const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);
    const [a, b] = [numbers(left), numbers(right)];
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
        const difference = (a[i] ?? 0) - (b[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}

// A go.work around the clone must not change what is built; no part needs a C compiler.
const goEnvironment = {
    GOWORK: "off",
    CGO_ENABLED: "0",
    // A compiler that collects garbage less often needs a quarter less time, and up to this much memory.
    GOGC: process.env["GOGC"] ?? "400",
    GOMEMLIMIT: process.env["GOMEMLIMIT"] ?? "1500MiB",
};

/** Go's caches: the user's own where there are some, else temporary ones, because the builds leave gigabytes in them. */
export class GoCaches {
    private temporary: string | undefined;
    private constructor(readonly environment: Readonly<Record<string, string>>) {}

    /** For checks, which need little and often: what they download is kept. */
    static async openKept(): Promise<GoCaches> {
        const modules = await run("go", ["env", "GOMODCACHE"], { environment: goEnvironment });
        if (entriesOf(modules).length > 0) return new GoCaches(goEnvironment);
        const kept = join(cacheDirectory(), "go");
        return new GoCaches({
            ...goEnvironment,
            GOMODCACHE: join(kept, "modules"),
            GOCACHE: join(kept, "objects"),
        });
    }

    static async open(): Promise<GoCaches> {
        await removeLeftovers();
        const modules = await run("go", ["env", "GOMODCACHE"], { environment: goEnvironment });
        if (entriesOf(modules).length > 0) return new GoCaches(goEnvironment);
        mkdirSync(cacheDirectory(), { recursive: true });
        const temporary = mkdtempSync(join(cacheDirectory(), `build-${process.pid}-`));
        const inside = (name: string): string => {
            mkdirSync(join(temporary, name));
            return join(temporary, name);
        };
        const caches = new GoCaches({
            ...goEnvironment,
            GOMODCACHE: inside("modules"),
            GOCACHE: inside("objects"),
            GOTMPDIR: inside("work"),
        });
        caches.temporary = temporary;
        return caches;
    }

    async close(): Promise<void> {
        if (this.temporary !== undefined) await removeTree(this.temporary);
    }
}

function entriesOf(directory: string): readonly string[] {
    try {
        return readdirSync(directory);
    } catch {
        return [];
    }
}

/** Gigabytes in many small files: rm needs a tenth of the time that Node.js does. */
async function removeTree(directory: string): Promise<void> {
    await execa("rm", ["-rf", directory]);
}

/** A run that was killed could not remove its temporary caches. */
async function removeLeftovers(): Promise<void> {
    for (const entry of entriesOf(cacheDirectory())) {
        const owner = /^build-(\d+)-/.exec(entry)?.[1];
        if (owner !== undefined && !isAlive(Number(owner))) {
            await removeTree(join(cacheDirectory(), entry));
        }
    }
}

/**
 * Builds one part into its place in the cache. Two runs at once are safe: the kernel gives the lock to one and frees it
 * when that one dies; the other then finds the program there. The program appears complete or not at all.
 */
export async function buildPart(part: Part, caches: GoCaches, report: Report): Promise<void> {
    const target = partProgram(part);
    mkdirSync(partDirectory(part), { recursive: true });
    const build =
        'target=$1 new=$2; shift 2; test -x "$target" || { rm -f "$target".new-*; go build -o "$new" "$@" && mv "$new" "$target"; }';
    const fresh = `${target}.new-${process.pid}`;
    const result = await attempt(
        "flock",
        [
            `${dirname(target)}.lock`,
            "sh",
            "-c",
            build,
            "sh",
            target,
            fresh,
            ...["-v", ...buildFlags, "-ldflags", linkerFlags(part), part.package],
        ],
        {
            cwd: sourceDirectory(part),
            environment: caches.environment,
            onLine: (line) => {
                report(activity(line));
            },
        },
    );
    if (!result.ok) {
        throw new ToolchainError(
            `Building ${part.program} with Go failed:\n${result.all.split("\n").slice(-15).join("\n")}`,
            "If Go could not download a module, check that the Go module proxy can be reached (`go env GOPROXY`).",
        );
    }
}

/** `go build -v` names a module as it downloads it and a package as it compiles it. */
function activity(line: string): string {
    return line.startsWith("go: ") ? line.slice("go: ".length) : `compiling ${line}`;
}
