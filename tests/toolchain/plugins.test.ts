import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { attempt } from "../../toolchain/run";
import { ensureToolchain } from "../../toolchain/setup";
import { Throwaway } from "./throwaway";

const prefix = `tc-plugins-${process.pid}`;

/** One of each kind of resource that the stack is made of. */
const program = (label: string): string => `
    const password = new random.RandomPassword("password", { length: 20, special: false });
    const volume = new docker.Volume("volume", { name: "${prefix}" });
    const network = new docker.Network("network", { name: "${prefix}" });
    const image = new docker.RemoteImage("image", { name: "debian:trixie-slim", keepLocally: true });
    const container = new docker.Container("container", {
        name: "${prefix}",
        image: image.imageId,
        command: ["sleep", "1000"],
        envs: [password.result.apply((text) => "PASSWORD=" + text)],
        labels: [{ label: "trial", value: "${label}" }],
        networksAdvanced: [{ name: network.name, aliases: ["other"] }],
        volumes: [{ volumeName: volume.name, containerPath: "/data" }],
        stopSignal: "SIGKILL",
    }, { deleteBeforeReplace: true });
    export const command = container.command;
    export const networks = container.networksAdvanced;
    export const secret = password.result;
`;

describe("Pulumi and its plugins, as this machine has them", function () {
    this.timeout(120_000);
    let project: Throwaway;

    before(async () => {
        await ensureToolchain();
        project = await Throwaway.create(program("one"));
    });
    after(() => project.remove());
    const nothingIsLeft = async (): Promise<void> => {
        assert.deepEqual(await project.leftProcesses(2), []);
        assert.deepEqual(project.leftFiles(), []);
    };

    it("make a password, a volume, a network, an image and a container", async () => {
        await project.must("up", "--yes", "--skip-preview");
        const found = await attempt("docker", [
            "inspect",
            prefix,
            "--format",
            "{{json .Config.Cmd}}{{.State.Running}}",
        ]);
        assert.equal(found.stdout.trim(), '["sleep","1000"]true');
        await nothingIsLeft();
    });
    it("give outputs under the official names, and secrets as secrets", async () => {
        assert.equal(
            await project.must("stack", "output", "command", "--json"),
            '["sleep","1000"]'.replace(/.*/s, (text) => JSON.stringify(JSON.parse(text), null, 2)),
        );
        assert.match(await project.must("stack", "output", "networks", "--json"), new RegExp(prefix));
        assert.match(await project.must("stack", "output"), /secret +\[secret\]/);
    });
    it("see no change where there is none, before and after a refresh", async () => {
        await project.must("preview", "--expect-no-changes");
        await nothingIsLeft();
        await project.must("refresh", "--yes", "--skip-preview");
        await nothingIsLeft();
        await project.must("preview", "--expect-no-changes");
    });
    it("replace a container whose inputs change", async () => {
        project.write(program("two"));
        const text = await project.must("up", "--yes", "--skip-preview");
        assert.match(text, /1 replaced/);
        await nothingIsLeft();
    });
    it("name a property that is refused as the program does", async () => {
        project.write(
            `new docker.Container("bad", { name: "${prefix}-bad", image: "x", command: "not a list" });`,
        );
        const result = await project.pulumi("preview");
        assert.equal(result.ok, false);
        assert.match(result.all, /command/);
        await nothingIsLeft();
        project.write(program("two"));
    });
    it("remove everything", async () => {
        await project.must("destroy", "--yes", "--skip-preview");
        for (const kind of ["container", "volume", "network"]) {
            assert.equal((await attempt("docker", [kind, "inspect", prefix])).ok, false, kind);
        }
        await nothingIsLeft();
    });
});
