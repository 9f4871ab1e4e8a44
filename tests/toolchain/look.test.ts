import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { checkpointFile } from "../../toolchain/stateFiles";
import { ToolchainError } from "../../toolchain/errors";
import { lookAfter, lookBefore, lookForOthers } from "../../toolchain/look";
import { attempt, run } from "../../toolchain/run";
import { ensureToolchain } from "../../toolchain/setup";
import { pause } from "../support/docker";
import { projectName, stack, Throwaway } from "./throwaway";

const name = `tc-look-${process.pid}`;

/** A service that is well as long as it has the file /tmp/well, with a volume, a network, and a one-shot beside it. */
const program = `
    const network = new docker.Network("network", { name: "${name}" });
    const volume = new docker.Volume("volume", { name: "${name}" });
    const common = { image: "debian:trixie-slim", networksAdvanced: [{ name: network.name }] };
    new docker.Container("service", {
        ...common, name: "${name}", command: ["sh", "-c", "echo true >/tmp/well; sleep 1000"], restart: "always", stopSignal: "SIGKILL",
        mounts: [{ type: "volume", source: volume.name, target: "/data" }],
        healthcheck: { tests: ["CMD", "sh", "/tmp/well"], interval: "1s", retries: 2 },
    });
    new docker.Container("shot", {
        ...common, name: "${name}-shot", command: ["true"], restart: "no", attach: true, mustRun: false,
        envs: ["WAIT_FOR=archiving"],
    });
`;

describe("a look at what is in Docker", function () {
    this.timeout(120_000);
    let project: Throwaway;
    before(async () => {
        await ensureToolchain();
        project = await Throwaway.create(program);
        await up();
    });
    after(async () => {
        await attempt("docker", ["rm", "--force", name, `${name}-shot`]);
        await project.remove();
        await attempt("docker", ["network", "rm", name]);
        await attempt("docker", ["volume", "rm", name]);
    });

    const up = () => project.must("up", "--yes", "--skip-preview");
    const place = (stateFile = true) => {
        const { directory, environment, backend } = project;
        const file = checkpointFile({ backend, projectName, stack });
        return { project: directory, stack, environment, stateFile: stateFile ? file : undefined };
    };
    const looked = async (stateFile?: boolean): Promise<string> => {
        const said: string[] = [];
        const helped = await lookBefore(place(stateFile), (text) => said.push(text));
        assert.equal(helped, said.length > 0);
        return said.join("\n");
    };
    const runs = async (): Promise<void> => {
        assert.equal(
            (await run("docker", ["inspect", "--format", "{{.State.Status}}", name])).trim(),
            "running",
        );
    };

    it("finds nothing to do where all runs, wherever the state is", async () => {
        assert.equal(await looked(), "");
        assert.equal(await looked(false), "");
    });

    it("starts what is stopped, and lets go on what is paused", async () => {
        await run("docker", ["stop", name]);
        assert.match(await looked(), /was stopped: started/);
        await runs();
        await pause(name);
        assert.match(await looked(), /was paused: it goes on/);
        await runs();
    });

    it("has made again what is gone, also the network that stopped containers were in", async () => {
        await run("docker", ["rm", "--force", name, `${name}-shot`]);
        const said = await looked();
        for (const gone of [name, `${name}-shot`])
            assert.match(said, new RegExp(`^The container ${gone} is gone: it is made again\\.$`, "m"));
        await up();
        await runs();
        await run("docker", ["stop", name]);
        await run("docker", ["network", "rm", name]);
        assert.match(await looked(), new RegExp(`network ${name} is gone`));
        await up();
        await runs();
        assert.equal(await looked(), "");
    });

    it("touches nothing where a volume with data is gone", async () => {
        await run("docker", ["rm", "--force", name]);
        await run("docker", ["volume", "rm", name]);
        await assert.rejects(
            looked(),
            (error) =>
                error instanceof ToolchainError &&
                error.message.includes(`The volume ${name} is gone, with all`),
        );
        // As docs/lost-volume.md says: with a volume in its place it goes on.
        await run("docker", ["volume", "create", name]);
        assert.match(await looked(), new RegExp(`container ${name} is gone`));
        await up();
        await runs();
    });

    it("says of what runs whether it is well", async () => {
        const said: string[] = [];
        const after = () => lookAfter(place(), (text) => said.push(text));
        assert.equal(await after(), true);
        const check = (script: string) =>
            run("docker", ["exec", name, "sh", "-c", `echo '${script}' >/tmp/well`]);
        await check("echo there is no full backup yet; exit 1");
        assert.equal(await after(), true, "up need not wait for one here");
        await check("echo WAL does not arrive; exit 1");
        const health = ["inspect", "--format", "{{.State.Health.Status}}", name];
        while ((await run("docker", health)).trim() !== "unhealthy")
            await new Promise((wait) => setTimeout(wait, 200));
        assert.equal(await after(), false);
        assert.match(said.join("\n"), new RegExp(`${name} is not well \\(running\\): WAL does not arrive`));
    });

    it("finds who else is on the network, before destroy takes anything away", async () => {
        await lookForOthers(place());
        const other = `${name}-application`;
        const options = ["--rm", "--detach", "--name", other, "--network", name];
        await run("docker", ["run", ...options, "debian:trixie-slim", "sleep", "1000"]);
        try {
            for (const stateFile of [true, false])
                await assert.rejects(lookForOthers(place(stateFile)), (error) => {
                    assert.ok(error instanceof ToolchainError);
                    assert.match(
                        error.message,
                        new RegExp(`${other} is on the network ${name}, .*Nothing was changed`, "s"),
                    );
                    return true;
                });
            await run("docker", ["network", "disconnect", name, other]);
            await lookForOthers(place());
        } finally {
            await attempt("docker", ["rm", "--force", other]);
        }
    });
});
