import { dockerContext, hostOf } from "../components/ownership/context";
import type { Environment } from "./paths";

/**
 * The engine that the `docker` command would talk to, as a DOCKER_HOST for the Pulumi plugin, which knows nothing of the
 * Docker client's contexts. undefined is the engine of this machine at its usual socket.
 */
export function dockerHost(environment: Environment = process.env): string | undefined {
    const set = environment["DOCKER_HOST"];
    if (set !== undefined && set !== "") return set;
    const context = dockerContext(environment);
    return context === undefined ? undefined : hostOf(context, environment);
}
