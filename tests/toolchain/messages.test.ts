import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { isRoot } from "../../toolchain/apt";
import { findOnPath, root } from "../../toolchain/paths";
import { attempt, type Result } from "../../toolchain/run";

const launcher = join(root, "toolchain", "launch.mjs");
const unreachable = "http://127.0.0.1:9";

/** Real commands on a machine that has only what its PATH names. */
describe("what cannot be had gives one clear error, before anything is changed", function () {
    this.timeout(60_000);
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbackrest-messages-"));
        mkdirSync(join(directory, "bin"));
        put("node", process.execPath);
    });
    afterEach(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    const put = (name: string, target: string | undefined): void => {
        if (target !== undefined) symlinkSync(target, join(directory, "bin", name));
    };
    const script = (name: string, text: string): void => {
        writeFileSync(join(directory, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    const start = async (
        environment: Record<string, string> = {},
        nodeOptions: readonly string[] = [],
    ): Promise<Result> => {
        const result = await attempt("/usr/bin/env", [
            "-i",
            `PATH=${join(directory, "bin")}`,
            `HOME=${directory}`,
            `XDG_CACHE_HOME=${join(directory, "cache")}`,
            `PULUMI_DOWNLOAD_SITE=${unreachable}`,
            ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
            process.execPath,
            ...nodeOptions,
            launcher,
            "start",
        ]);
        assert.equal(result.exitCode, 1, result.all);
        assert.doesNotMatch(result.all, /^\s+at /m, "no stack trace");
        assert.ok(!existsSync(join(directory, "cache")), "nothing is changed");
        return result;
    };

    it("a DOCKER_HOST that does not answer is named", async () => {
        put("docker", findOnPath("docker"));
        const { all } = await start({ DOCKER_HOST: "tcp://127.0.0.1:9" });
        assert.match(all, /DOCKER_HOST names, tcp:\/\/127\.0\.0\.1:9, does not answer: .*connect/);
        assert.match(all, /correct DOCKER_HOST, or unset it/);
    });

    it("no Go to build what cannot be downloaded", async () => {
        const { all } = await start({ DOCKER_HOST: "tcp://127.0.0.1:9" });
        assert.match(all, /cannot be downloaded, and there is no Go to build them/);
        assert.match(all, /install Go 1\.\d+\.\d+ or newer \(https:\/\/go\.dev\/dl\/\)/);
        assert.match(all, /DOCKER_HOST/, "all problems at once");
    });

    it("too old a Go", async () => {
        script("go", 'case "$2" in GOVERSION) echo go1.20.3 ;; GOTOOLCHAIN) echo auto ;; esac');
        const { all } = await start({ DOCKER_HOST: "tcp://127.0.0.1:9" });
        assert.match(all, /Go 1\.20\.3 is too old/);
    });

    it("a Docker context that does not answer is named", async () => {
        put("docker", findOnPath("docker"));
        mkdirSync(join(directory, ".docker"));
        writeFileSync(
            join(directory, ".docker", "config.json"),
            JSON.stringify({ currentContext: "elsewhere" }),
        );
        const { all } = await start();
        assert.match(all, /context "elsewhere" does not answer/);
    });

    it("no permission to use the engine", async () => {
        script("docker", 'echo "permission denied while trying to connect to the docker API" >&2; exit 1');
        const { all } = await start();
        assert.match(all, /This user may not use the Docker engine/);
        assert.match(all, /usermod -aG docker/);
    });

    it("no Docker and not root", async function () {
        if (!isRoot()) this.skip();
        // Another user cannot read a clone in root's home: what is asked is asked as one who is not root.
        const notRoot = join(directory, "not-root.mjs");
        writeFileSync(notRoot, "process.getuid = () => 1000;\n");
        const { all } = await start({}, ["--import", notRoot]);
        assert.match(all, /There is no running Docker engine, and only root may install or start one/);
        assert.match(all, /docs\.docker\.com\/engine\/install/);
    });

    it("too old a Node.js", async () => {
        const oldNode = join(directory, "old-node.mjs");
        writeFileSync(
            oldNode,
            'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } });\n',
        );
        const { all } = await start({}, ["--import", oldNode]);
        assert.match(all, /Node\.js 18\.20\.4 is too old: this project needs 20\.19 or newer/);
        assert.match(all, /nodejs\.org/);
    });

    it("no such command", async () => {
        const { all, exitCode } = await attempt(process.execPath, [launcher, "nonsense"]);
        assert.equal(exitCode, 1);
        assert.match(all, /There is no command "nonsense"/);
    });

    it("no such part of the tests", async () => {
        const { all, exitCode } = await attempt(process.execPath, [launcher, "test", "unti"]);
        assert.equal(exitCode, 1);
        assert.match(all, /no part "unti".*\n.*unit/);
        assert.deepEqual(readdirSync(directory), ["bin"]);
    });
});

describe("a command whose output nobody reads to its end", function () {
    this.timeout(60_000);

    it("goes on quietly", async () => {
        const command = 'node toolchain/launch.mjs ops --help | true; echo "status ${PIPESTATUS[0]}"';
        const { all } = await attempt("bash", ["-c", command], { cwd: root });
        assert.equal(all.trim(), "status 0");
    });
});
