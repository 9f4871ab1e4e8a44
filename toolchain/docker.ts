import { dockerContext } from "../components/ownership/context";
import { canInstallPackages, isRoot } from "./apt";
import { ToolchainError } from "./errors";
import { type Environment, findOnPath } from "./paths";
import { attempt } from "./run";

/** `ready`: an engine answers. `start`: its program is here, but does not run. `install`: it can be installed. */
export type DockerState = "ready" | "start" | "install";

const elsewhere =
    "Install Docker (https://docs.docker.com/engine/install/) and start it, or name an engine that you may use in DOCKER_HOST.";

/** Finds the engine to use, or what can be done to have one; changes nothing. Throws what the user must put right. */
export async function inspectDocker(environment: Environment = process.env): Promise<DockerState> {
    const hasClient = findOnPath("docker", environment) !== undefined;
    const answer = hasClient
        ? await askEngine(environment)
        : { ok: false, all: "there is no `docker` command here" };
    if (answer.ok) return "ready";
    const reason = answer.all.trim().split("\n").at(-1) ?? "";
    const host = environment["DOCKER_HOST"];
    if (host !== undefined && host !== "") {
        throw new ToolchainError(
            `The Docker engine that DOCKER_HOST names, ${host}, does not answer: ${reason}`,
            "Start it, correct DOCKER_HOST, or unset it to use an engine of this machine.",
        );
    }
    const context = dockerContext(environment);
    if (context !== undefined) {
        throw new ToolchainError(
            `The Docker engine of the context "${context}" does not answer: ${reason}`,
            "Start it, or choose another with `docker context use default`.",
        );
    }
    if (/permission denied/i.test(answer.all)) {
        throw new ToolchainError(
            `This user may not use the Docker engine: ${reason}`,
            "Become a member of its group (`sudo usermod -aG docker $USER`, then log in again), or run the command as root.",
        );
    }
    if (!isRoot()) {
        throw new ToolchainError(
            "There is no running Docker engine, and only root may install or start one.",
            elsewhere,
        );
    }
    if (findOnPath("dockerd", withSystemPrograms(environment)) !== undefined && hasClient) return "start";
    if (canInstallPackages(environment)) return "install";
    throw new ToolchainError(
        "There is no Docker engine, and it can be installed here on Debian and Ubuntu only.",
        elsewhere,
    );
}

async function askEngine(environment: Environment): Promise<{ ok: boolean; all: string }> {
    const args = ["version", "--format", "{{.Server.Version}}"];
    const result = await attempt("docker", args, { environment, timeoutSeconds: 20 });
    return { ok: result.ok && /\d/.test(result.stdout), all: result.all };
}

/** Where Debian has programs for root, which is not on everyone's PATH. */
export function withSystemPrograms(environment: Environment): Environment {
    return { ...environment, PATH: `${environment["PATH"] ?? ""}:/usr/sbin:/sbin` };
}

export async function engineAnswers(): Promise<boolean> {
    return (await askEngine(process.env)).ok;
}
