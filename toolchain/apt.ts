import { existsSync } from "node:fs";
import { ToolchainError } from "./errors";
import type { Environment } from "./paths";
import { findOnPath } from "./paths";
import type { Report } from "./progress";
import { attempt, type Result } from "./run";

export function isRoot(): boolean {
    return process.getuid?.() === 0;
}

/** Debian and what is made of it, as root: packages can be installed. */
export function canInstallPackages(environment: Environment = process.env): boolean {
    return isRoot() && existsSync("/etc/debian_version") && findOnPath("apt-get", environment) !== undefined;
}

/** Installs Debian packages, with fresh package lists where those of this machine do not do. */
export async function installPackages(packages: readonly string[], report: Report): Promise<void> {
    if ((await install(packages, report)).ok) return;
    report("apt-get update");
    // One unreachable source among several is an error here, and need not matter: the installation shows.
    await attempt("apt-get", ["update"], { onLine: report });
    const result = await install(packages, report);
    if (result.ok) return;
    throw new ToolchainError(
        `The packages ${packages.join(", ")} could not be installed:\n${result.all.split("\n").slice(-10).join("\n")}`,
        "Check this machine's package sources with `apt-get update`, and run the command again.",
    );
}

async function install(packages: readonly string[], report: Report): Promise<Result> {
    const options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    return attempt("apt-get", ["install", ...options, ...packages], {
        environment: { DEBIAN_FRONTEND: "noninteractive" },
        onLine: report,
    });
}
