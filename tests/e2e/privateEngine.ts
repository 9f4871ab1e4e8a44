import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { findOnPath } from "../../toolchain/paths";
import { isAlive } from "../../toolchain/processes";
import { docker, eventually, mustDocker } from "../support/docker";
import { processes, processFile } from "./processes";

/** Programs of the system that are not on every root's PATH. */
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/** Why there can be no Docker engine of the tests' own on this machine; nothing when there can. */
export function noPrivateEngine(): string | undefined {
    if (process.getuid?.() !== 0) return "only root can start a Docker engine";
    return findOnPath("dockerd", { PATH }) === undefined ? "dockerd is not installed here" : undefined;
}

/** A Docker engine of the tests' own beside the machine's: it can be stopped and killed without harm to anybody. */
export class PrivateEngine {
    private readonly directory = mkdtempSync(join(tmpdir(), "pgbt-engine-"));
    private holder: ChildProcess | undefined;
    private daemon: ChildProcess | undefined;
    readonly host = `unix://${join(this.directory, "socket")}`;

    async start(): Promise<void> {
        const at = (name: string): string => join(this.directory, name);
        const log = openSync(at("log"), "a");
        const own = [
            "--data-root",
            at("data"),
            "--exec-root",
            at("exec"),
            "--pidfile",
            at("pid"),
            "--host",
            this.host,
        ];
        const dockerd = ["dockerd", ...own, "--iptables=false", "--ip6tables=false", "--ip-masq=false"];
        const daemon = spawn("nsenter", [`--net=${await this.network()}`, ...dockerd], {
            stdio: ["ignore", log, log],
            env: { ...process.env, PATH, DOCKER_HOST: undefined },
        });
        closeSync(log);
        this.daemon = daemon;
        await eventually("the private engine answers", async () => {
            if (daemon.exitCode !== null) throw new Error(readFileSync(at("log"), "utf8").slice(-2000));
            return (await docker(["version"], { host: this.host })).ok;
        });
    }

    /**
     * A network namespace of its own, held by a process: an engine takes the bridge docker0 for its own, and would take that of the
     * machine's engine away.
     */
    private async network(): Promise<string> {
        this.holder ??= spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
        const namespace = `/proc/${this.holder.pid ?? 0}/ns/net`;
        await eventually("there is a network namespace", async () =>
            Promise.resolve(readlinkSync(namespace) !== readlinkSync("/proc/self/ns/net")),
        );
        return namespace;
    }

    /** Ends the daemon with a signal. */
    async stop(signal: NodeJS.Signals): Promise<void> {
        const { daemon } = this;
        if (daemon === undefined) return;
        const ended = new Promise((resolve) => daemon.once("exit", resolve));
        if (daemon.kill(signal)) await ended;
        this.daemon = undefined;
        // Its containerd dies with it. Where the machine's init takes no note of that, the next daemon would wait for it in vain.
        const note = join(this.directory, "exec/containerd/containerd.pid");
        if (!existsSync(note)) return;
        const containerd = Number(readFileSync(note, "utf8"));
        await eventually(
            "its containerd has ended",
            async () => Promise.resolve(!isAlive(containerd, "containerd")),
            20,
        );
        rmSync(note, { force: true });
    }

    /** Brings an image over from the machine's own engine; nothing is downloaded. */
    async load(image: string, name: string): Promise<void> {
        await execa("docker", ["save", image], { buffer: false }).pipe("docker", [
            "--host",
            this.host,
            "load",
        ]);
        await mustDocker(["tag", image, name], { host: this.host });
    }

    async remove(): Promise<void> {
        await this.stop("SIGTERM");
        // After a kill -9, what it had started may still be there.
        for (const pid of processes())
            if (processFile(pid, "cmdline").some((word) => word.startsWith(`${this.directory}/`))) end(pid);
        for (const place of this.mounts()) await execa("umount", ["--lazy", place], { reject: false });
        this.holder?.kill("SIGKILL");
        rmSync(this.directory, { recursive: true, force: true });
    }

    /** What is mounted in its directory, the innermost first. */
    private mounts(): readonly string[] {
        const places = readFileSync("/proc/self/mounts", "utf8")
            .split("\n")
            .map((line) => line.split(" ")[1] ?? "");
        return places.filter((place) => place.startsWith(`${this.directory}/`)).reverse();
    }
}

function end(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It has just ended.
    }
}
