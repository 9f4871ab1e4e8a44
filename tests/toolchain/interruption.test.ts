import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, before, describe, it } from "mocha";
import { heal } from "../../toolchain/heal";
import { attempt } from "../../toolchain/run";
import { ensureToolchain } from "../../toolchain/setup";
import { root } from "../../toolchain/paths";
import { projectName, stack, Throwaway, until } from "./throwaway";

const prefix = `tc-heal-${process.pid}`;

/** A container that never gets healthy: making it goes on until someone ends it. */
const endless = `
    new docker.Network("network", { name: "${prefix}" });
    const healthcheck = { tests: ["CMD", "false"], interval: "1s", retries: 1000 };
    new docker.Container("container", {
        name: "${prefix}", image: "debian:trixie-slim", command: ["sleep", "1000"], stopSignal: "SIGKILL",
        wait: true, waitTimeout: 600, healthcheck,
    });
`;
const good = `
    new docker.Network("network", { name: "${prefix}" });
    new docker.Container("container", {
        name: "${prefix}", image: "debian:trixie-slim", command: ["sleep", "1000"], stopSignal: "SIGKILL",
    });
`;

const exists = async (kind: "container" | "network"): Promise<boolean> =>
    (await attempt("docker", [kind, "inspect", prefix])).ok;

describe("a command that is interrupted", function () {
    this.timeout(120_000);
    let project: Throwaway;

    before(() => ensureToolchain());
    afterEach(async () => {
        for (const pid of project.processes()) process.kill(pid, "SIGKILL");
        await attempt("docker", ["rm", "--force", prefix]);
        await project.remove();
        await attempt("docker", ["network", "rm", prefix]);
    });
    const healed = async (): Promise<readonly string[]> => {
        const said: string[] = [];
        const { backend, environment, directory } = project;
        await heal({ project: directory, projectName, stack, backend, environment }, (text) =>
            said.push(text),
        );
        return said;
    };

    it("by kill -9 leaves no process, and the next one finds no lock and no leftovers in its way", async () => {
        project = await Throwaway.create(endless);
        const child = project.start("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"]);
        await until("the container is there", () => exists("container"));
        child.kill("SIGKILL");
        assert.deepEqual(await project.leftProcesses(10), []);

        project.write(good);
        assert.equal(
            (await project.pulumi("up", "--yes", "--skip-preview")).ok,
            false,
            "the lock is in the way",
        );
        const said = await healed();
        assert.match(said.join("\n"), /lock of the stack: unlocked/);
        assert.match(said.join("\n"), new RegExp(`Removed the container ${prefix}`));
        await project.must("up", "--yes", "--skip-preview");
        await project.must("preview", "--expect-no-changes");
        assert.deepEqual(await healed(), [], "nothing is left to heal");
        assert.ok(await exists("container"));
    });

    const startUp = (): { child: ChildProcess; ended: Promise<number | null> } => {
        const helper = join(root, "tests", "toolchain", "foregroundHelper.ts");
        const child = project.start(process.execPath, [
            "--import",
            "tsx",
            helper,
            "up",
            "--yes",
            "--skip-preview",
        ]);
        return { child, ended: new Promise((resolve) => child.on("exit", resolve)) };
    };

    it("by ^C, which npm and the terminal both deliver, is cancelled in order, once", async () => {
        project = await Throwaway.create(good);
        const { child, ended } = startUp();
        // It is made for two seconds, and must be in the state in the end.
        await until("the network is there", () => exists("network"));
        child.kill("SIGINT");
        child.kill("SIGINT");
        assert.equal(await ended, 130);
        assert.deepEqual(await project.leftProcesses(10), []);
        assert.match(await project.must("stack", "export"), /"type": "docker:index\/network:Network"/);
        assert.deepEqual(await healed(), []);
        await project.must("up", "--yes", "--skip-preview");
    });

    it("by a second ^C ends at once, and the next one carries on", async () => {
        project = await Throwaway.create(endless);
        const { child, ended } = startUp();
        await until("the container is there", () => exists("container"));
        child.kill("SIGINT");
        await sleep(1500);
        child.kill("SIGINT");
        assert.equal(await ended, 130);
        assert.deepEqual(await project.leftProcesses(10), []);
        project.write(good);
        assert.match((await healed()).join("\n"), new RegExp(`Removed the container ${prefix}`));
        await project.must("up", "--yes", "--skip-preview");
    });

    it("with the plugin killed fails, and leaves no process", async () => {
        project = await Throwaway.create(endless);
        const child = project.start("pulumi", ["up", "--yes", "--skip-preview", "--non-interactive"]);
        const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
        await until("the container is there", () => exists("container"));
        const plugin = project
            .commandLines()
            .find((line) => /--package docker |pulumi-resource-docker /.test(line));
        assert.ok(plugin !== undefined, project.commandLines().join("\n"));
        process.kill(Number.parseInt(plugin, 10), "SIGKILL");
        assert.notEqual(await ended, 0);
        assert.deepEqual(await project.leftProcesses(10), []);
        await healed();
    });
});
