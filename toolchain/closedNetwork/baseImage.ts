import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { canInstallPackages, installPackages } from "../apt";
import { debianSources, readAptSources } from "./aptSources";
import { ToolchainError } from "../errors";
import { cacheDirectory, findOnPath } from "../paths";
import type { Report } from "../progress";
import { attempt, run } from "../run";

export const baseImage = "debian:trixie-slim";
const release = "trixie";

export async function hasBaseImage(): Promise<boolean> {
    return (await attempt("docker", ["image", "inspect", baseImage])).ok;
}

/** Pulls the image that ours is built on, or makes the same from Debian's packages where no registry can be reached. */
export async function getBaseImage(report: Report): Promise<void> {
    report(`docker pull ${baseImage}`);
    const pulled = await attempt("docker", ["pull", baseImage], { onLine: report, timeoutSeconds: 900 });
    if (pulled.ok) return;
    if (findOnPath("mmdebstrap") === undefined) {
        if (!canInstallPackages()) {
            throw new ToolchainError(
                `The base image ${baseImage} cannot be pulled: ${lastLine(pulled.all)}`,
                "Let this machine reach a registry that has it (or load it with `docker load`), or install mmdebstrap:\n" +
                    "then it is made from Debian packages.",
            );
        }
        await installPackages(["mmdebstrap"], report);
    }
    await makeBaseImage(report);
}

/** What Debian leaves out of its slim images. */
const slim = ["/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*"];

async function makeBaseImage(report: Report): Promise<void> {
    mkdirSync(cacheDirectory(), { recursive: true });
    const directory = mkdtempSync(join(cacheDirectory(), `build-${process.pid}-`));
    const archive = join(directory, "image.tar");
    try {
        const options = ["--variant=minbase", "--include=ca-certificates", "--format=tar"];
        const leaveOut = slim.map((path) => `--dpkgopt=path-exclude=${path}`);
        const sources = debianSources(readAptSources(), release);
        await run("mmdebstrap", [...options, ...leaveOut, release, archive, ...sources], { onLine: report });
        report("docker import");
        await run("docker", ["import", "--change", 'CMD ["bash"]', archive, baseImage]);
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

function lastLine(text: string): string {
    return text.trim().split("\n").at(-1) ?? "";
}
