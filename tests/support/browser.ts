// A browser that tests look at pages with.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { canInstallPackages, installPackages } from "../../toolchain/apt";
import { ToolchainError } from "../../toolchain/errors";
import { findOnPath, root } from "../../toolchain/paths";
import type { Lane, Report } from "../../toolchain/progress";
import { run } from "../../toolchain/run";

/** Debian's, the smaller one first, and others. */
const NAMES = ["chromium-headless-shell", "chromium", "google-chrome-stable", "google-chrome"] as const;

function onPath(): string | undefined {
    return NAMES.map((name) => findOnPath(name)).find((file) => file !== undefined);
}

/** The one that Playwright itself loads down. It is loaded where it is used: that takes a second, and all tests would wait for it. */
async function playwright() {
    const { chromium } = await import("playwright-core");
    const file = chromium.executablePath();
    return { chromium, file: existsSync(file) ? file : undefined };
}

/** Installs one where there is none: Debian's package, or where there is no such package the one of Playwright. */
export function browserLane(): readonly Lane[] {
    if (onPath() !== undefined) return [];
    const work = async (report: Report): Promise<void> => {
        if ((await playwright()).file !== undefined) return;
        if (canInstallPackages()) {
            try {
                await installPackages([NAMES[0]], report);
                return;
            } catch (error) {
                if (!(error instanceof ToolchainError)) throw error;
            }
        }
        const cli = join(root, "node_modules", "playwright-core", "cli.js");
        const libraries = canInstallPackages() ? ["--with-deps"] : [];
        await run(process.execPath, [cli, "install", ...libraries, "--only-shell", "chromium"], {
            onLine: report,
        });
    };
    return [[{ title: "Install a browser without a screen", why: "tests look at the report in it", work }]];
}

export async function openBrowser(): Promise<Browser> {
    const { chromium, file } = await playwright();
    const executablePath = onPath() ?? file;
    if (executablePath === undefined)
        throw new ToolchainError(
            "There is no browser here.",
            "`npm test -- --all toolchain` installs one; or install chromium or Google Chrome, so that it is on the PATH.",
        );
    return chromium.launch({ executablePath });
}
