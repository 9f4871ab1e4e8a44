import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { installPackages } from "./apt";
import { engineAnswers, withSystemPrograms } from "./docker";
import { ToolchainError } from "./errors";
import { findOnPath } from "./paths";
import type { Report } from "./progress";
import { attempt } from "./run";

const logFile = "/var/log/dockerd.log";
const pidFile = "/var/run/docker.pid";
const patienceSeconds = 60;

export async function installDocker(report: Report): Promise<void> {
    await installPackages(["docker.io", "iptables"], report);
    // A package of its own since Debian 13.
    if (findOnPath("docker") === undefined) await installPackages(["docker-cli"], report);
}

/** Starts the engine so that it outlives us, and waits until it answers. */
export async function startDocker(report: Report): Promise<void> {
    if (await engineAnswers()) return;
    if (existsSync("/run/systemd/system")) {
        report("systemctl start docker");
        await attempt("systemctl", ["start", "docker"], { onLine: report });
        await waitForEngine(report, () => false, "`journalctl -u docker` says why.");
        return;
    }
    removeStalePidFile();
    report(`starting dockerd (its log is ${logFile})`);
    const log = openSync(logFile, "a");
    const environment = { ...withSystemPrograms(process.env) };
    const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], env: environment });
    closeSync(log);
    let ended = false;
    daemon.on("exit", () => (ended = true));
    daemon.on("error", () => (ended = true));
    daemon.unref();
    await waitForEngine(report, () => ended, `The end of ${logFile}:\n`, logFile);
}

/** A dockerd that was killed leaves its pid file, and a new one refuses to start when some other process has that number. */
function removeStalePidFile(): void {
    try {
        const pid = readFileSync(pidFile, "utf8").trim();
        const name = existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, "utf8").trim() : "";
        if (name !== "dockerd") rmSync(pidFile, { force: true });
    } catch {
        // There is none.
    }
}

async function waitForEngine(
    report: Report,
    ended: () => boolean,
    remedy: string,
    log?: string,
): Promise<void> {
    const deadline = Date.now() + patienceSeconds * 1000;
    while (!ended() && Date.now() < deadline) {
        if (await engineAnswers()) return;
        report("waiting for the engine to answer");
        await sleep(250);
    }
    const end = log === undefined ? "" : readFileSync(log, "utf8").trimEnd().split("\n").slice(-8).join("\n");
    throw new ToolchainError(
        ended()
            ? "The Docker engine ended at its start."
            : `The Docker engine did not answer within ${patienceSeconds} s.`,
        remedy + end,
    );
}
