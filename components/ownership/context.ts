import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { fromJson } from "../fields";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the plugin looks for an engine when it is told nothing. */
const USUAL = "/var/run/docker.sock";

const Configuration = v.object({ currentContext: v.optional(v.string()) });

/** The Docker client's context in use, when it is not the default one. */
export function dockerContext(environment: Environment): string | undefined {
    const fromEnvironment = environment["DOCKER_CONTEXT"] ?? "";
    const context = fromEnvironment === "" ? configuredContext(environment) : fromEnvironment;
    return context === "default" ? undefined : context;
}

function configuredContext(environment: Environment): string | undefined {
    const directory = environment["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
    try {
        return fromJson(Configuration, readFileSync(join(directory, "config.json"), "utf8"))?.currentContext;
    } catch {
        return undefined;
    }
}

/** The engine of a context, as DOCKER_HOST names it; nothing where the docker command cannot tell. */
export function hostOf(context: string, environment: Environment): string | undefined {
    try {
        const args = ["context", "inspect", context, "--format", "{{.Endpoints.docker.Host}}"];
        const options = {
            encoding: "utf8",
            env: { ...environment },
            stdio: "pipe",
            timeout: 10_000,
        } as const;
        return execFileSync("docker", args, options).trim();
    } catch {
        return undefined;
    }
}

/**
 * Why a plain `pulumi` would work on another engine than the docker command: its plugin knows nothing of the Docker client's contexts.
 * Nothing when both are the same. (`npm run pulumi` tells the plugin.)
 * @param dockerHost of the settings
 */
export function strayContext(dockerHost: string | undefined, environment: Environment): string | undefined {
    if (dockerHost !== undefined || (environment["DOCKER_HOST"] ?? "") !== "") return undefined;
    const context = dockerContext(environment);
    const host = context === undefined ? undefined : hostOf(context, environment);
    if (context === undefined || host === undefined || isUsual(host)) return undefined;
    return (
        `pgbackrest:dockerHost: the docker command uses the context "${context}" (${host}), but Pulumi's plugin knows nothing of contexts and would work on the engine at ${USUAL}: ` +
        `run npm run pulumi -- in place of pulumi, or set DOCKER_HOST=${host}, or choose the engine with docker context use default`
    );
}

/** Docker Desktop's own socket is most often linked there. */
function isUsual(host: string): boolean {
    const real = (path: string): string => {
        try {
            return realpathSync(path);
        } catch {
            return path;
        }
    };
    return host.startsWith("unix://") && real(host.slice("unix://".length)) === real(USUAL);
}
