import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canInstallPackages, installPackages } from "./apt";
import { ToolchainError } from "./errors";
import { GoCaches } from "./closedNetwork/goBuild";
import { brokenLinks } from "./links";
import { findOnPath, root } from "./paths";
import { type Lane, runLanes, type Step } from "./progress";
import { attempt, run } from "./run";
import { leaveResults, type Result } from "./testing/results";

interface Check {
    readonly name: string;
    readonly why: string;
    readonly program: string;
    readonly args: readonly string[];
    readonly cwd?: string;
    readonly environment?: Readonly<Record<string, string>>;
}

/** Runs every check over what git tracks; prints what they find; true when that is nothing. */
export async function lint(): Promise<boolean> {
    await runLanes(shellTools(), 1);
    const files = await trackedFiles();
    const go =
        files.some((file) => file.endsWith(".go")) && findOnPath("go") !== undefined
            ? await goChecks(files)
            : [];
    if (go.length === 0) console.log("There is no Go here: gofmt, go vet and actionlint are left out.");
    const found: string[] = [];
    const results: Result[] = [];
    const step = (
        name: string,
        why: string,
        look: (report: (text: string) => void) => Promise<string | undefined>,
    ): Step => ({
        title: name,
        why,
        work: async (report) => {
            const begun = Date.now();
            const complaint = await look(report);
            if (complaint !== undefined) found.push(`${name}:\n${complaint}`);
            const state = complaint === undefined ? "passed" : "failed";
            results.push({ title: name, state, milliseconds: Date.now() - begun, hook: false });
        },
    });
    const links = step("links", "documents lead to files and headings that are there", () => {
        const broken = brokenLinks(
            root,
            files.filter((file) => file.endsWith(".md")),
        );
        return Promise.resolve(broken.length === 0 ? undefined : broken.join("\n"));
    });
    const programs = [...checks(files), ...go].map((check) =>
        step(check.name, check.why, (report) => complaintOf(check, report)),
    );
    await runLanes(
        [links, ...programs].map((one) => [one]),
        2,
    );
    leaveResults(results);
    for (const text of found) console.error(`\n${text}`);
    return found.length === 0;
}

/** What a program finds; nothing when it is content. */
async function complaintOf(check: Check, report: (text: string) => void): Promise<string | undefined> {
    const result = await attempt(check.program, check.args, {
        cwd: check.cwd ?? root,
        ...(check.environment === undefined ? {} : { environment: check.environment }),
        onLine: report,
    });
    if (!result.ok) return result.all;
    // gofmt -l succeeds and names the files that it would change.
    return check.program === "gofmt" && result.stdout !== "" ? result.stdout : undefined;
}

function checks(files: readonly string[]): readonly Check[] {
    const shell = files.filter(isShell);
    const bin = (name: string): string => join(root, "node_modules", ".bin", name);
    return [
        { name: "eslint", why: "strict rules for TypeScript", program: bin("eslint"), args: ["."] },
        { name: "tsc", why: "types", program: bin("tsc"), args: ["--noEmit", "-p", root] },
        {
            name: "prettier",
            why: "formatting",
            program: bin("prettier"),
            // npm writes package-lock.json in its own way.
            args: [
                "--check",
                "--log-level",
                "warn",
                "--ignore-unknown",
                ...files.filter((file) => file !== "package-lock.json"),
            ],
        },
        {
            name: "shellcheck",
            why: "mistakes in shell scripts",
            program: "shellcheck",
            args: ["-x", ...shell],
        },
        { name: "shfmt", why: "formatting of shell scripts", program: "shfmt", args: ["-d", ...shell] },
    ];
}

async function goChecks(files: readonly string[]): Promise<readonly Check[]> {
    const proxy = join(root, "toolchain", "closedNetwork", "go", "proxy");
    const { environment } = await GoCaches.openKept();
    return [
        {
            name: "gofmt",
            why: "formatting of Go",
            program: "gofmt",
            args: ["-l", ...files.filter((file) => file.endsWith(".go"))],
        },
        {
            name: "go vet",
            why: "mistakes in Go",
            program: "go",
            args: ["vet", "./..."],
            cwd: proxy,
            environment,
        },
        {
            name: "actionlint",
            why: "mistakes in the workflows of GitHub, and in their scripts",
            program: "go",
            args: [
                "tool",
                "actionlint",
                ...files
                    .filter((file) => file.startsWith(".github/workflows/"))
                    .map((file) => join(root, file)),
            ],
            // Its go.mod pins the version.
            cwd: join(root, "toolchain", "closedNetwork", "go", "actionlint"),
            environment,
        },
    ];
}

async function trackedFiles(): Promise<readonly string[]> {
    const tracked = (await run("git", ["ls-files", "-z"], { cwd: root })).split("\0");
    const deleted = new Set((await run("git", ["ls-files", "-z", "--deleted"], { cwd: root })).split("\0"));
    return tracked.filter((file) => file !== "" && !deleted.has(file));
}

function isShell(file: string): boolean {
    if (file.endsWith(".sh")) return true;
    if (/\.[a-z]+$/.test(file)) return false;
    return /^#!.*\b(ba|da)?sh\b/.test(readFileSync(join(root, file), "utf8").split("\n", 1)[0] ?? "");
}

/** Installs what the checks of shell scripts need, where it is missing. */
export function shellTools(): readonly Lane[] {
    const missing = ["shellcheck", "shfmt"].filter((tool) => findOnPath(tool) === undefined);
    if (missing.length === 0) return [];
    if (!canInstallPackages()) {
        throw new ToolchainError(
            `The lint step needs ${missing.join(" and ")}.`,
            "Install them with your package manager (Debian: `apt install shellcheck shfmt`; macOS: `brew install shellcheck shfmt`).",
        );
    }
    const work = (report: (text: string) => void): Promise<void> => installPackages(missing, report);
    return [[{ title: `Install ${missing.join(" and ")}`, why: "for the lint step", work }]];
}
