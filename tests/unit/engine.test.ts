import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { strayContext } from "../../components/ownership/context";
import { askEngine, mappedUsers } from "../../components/ownership/engine";
import { settingsOf } from "../support/settings";

describe("the engine of a docker context", () => {
    let directory = "";
    let environment: Record<string, string | undefined> = {};
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbackrest-context-"));
        environment = { PATH: process.env["PATH"], HOME: directory, DOCKER_CONFIG: directory };
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const docker = (...args: readonly string[]): void => {
        execFileSync("docker", ["context", ...args], { env: environment, stdio: "pipe" });
    };

    it("is told where a plain pulumi would take another", () => {
        assert.equal(strayContext(undefined, environment), undefined);
        docker("create", "far", "--docker", "host=ssh://ops@db1");
        docker("create", "near", "--docker", "host=unix:///var/run/docker.sock");
        docker("use", "near");
        assert.equal(strayContext(undefined, environment), undefined);
        docker("use", "far");
        assert.match(
            strayContext(undefined, environment) ?? "",
            /^pgbackrest:dockerHost: .* context "far" \(ssh:\/\/ops@db1\).*npm run pulumi -- .*DOCKER_HOST=ssh:\/\/ops@db1/,
        );
        assert.equal(strayContext("ssh://ops@db1", environment), undefined);
        assert.equal(strayContext(undefined, { ...environment, DOCKER_HOST: "tcp://db1:2375" }), undefined);
        assert.equal(strayContext(undefined, { ...environment, DOCKER_CONTEXT: "default" }), undefined);
        assert.match(strayContext(undefined, { ...environment, DOCKER_CONTEXT: "far" }) ?? "", /"far"/);
    });
});

describe("what the engine says of itself", function () {
    this.timeout(30_000);

    it("are its CPUs and its security options", async () => {
        const engine = await askEngine(undefined, [], 20);
        assert.ok(typeof engine === "object");
        assert.ok(engine.cpus >= 1 && engine.security.some((option) => option.startsWith("name=")));
    });

    it("is why not, where it does not answer or refuses the docker command's version", async () => {
        const why = async (dockerHost?: string): Promise<string> => {
            const said = await askEngine(dockerHost, [], 20);
            return typeof said === "string" ? said : "";
        };
        assert.match(await why("tcp://127.0.0.1:9"), /connect|refused/i);
        process.env["DOCKER_API_VERSION"] = "1.99";
        try {
            assert.match(await why(), /client version 1\.99 is too new/);
        } finally {
            Reflect.deleteProperty(process.env, "DOCKER_API_VERSION");
        }
    });

    it("means another uid for directories of the host, where users are mapped", () => {
        const onHost = settingsOf({ repositories: [{ name: "a", type: "posix", hostPath: "/srv/a" }] });
        const volume = settingsOf({ repositories: [{ name: "a", type: "posix" }] });
        const usual = ["name=seccomp,profile=builtin", "name=cgroupns"];
        assert.equal(mappedUsers(usual, onHost.repositories), undefined);
        assert.equal(mappedUsers([...usual, "name=rootless"], volume.repositories), undefined);
        assert.match(
            mappedUsers([...usual, "name=rootless"], onHost.repositories) ?? "",
            /is rootless: uid 999 .* -v \/srv\/a:\/d debian:trixie-slim chown -R 999:999 \/d$/,
        );
        assert.match(mappedUsers(["name=userns"], onHost.repositories) ?? "", /remaps users/);
    });
});
