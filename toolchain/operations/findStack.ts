import * as v from "valibot";
import { Moves } from "../../components/state/moves";
import { attempt } from "../run";
import { upCommand } from "./verdict";

const Outputs = v.object({
    revision: v.string(),
    stanza: v.string(),
    containers: v.object({ setup: v.string(), postgres: v.string(), backup: v.string() }),
    volumes: v.object({ data: v.string(), state: v.string() }),
    deployment: v.optional(v.object({ moves: v.optional(Moves, []) }), {}),
});

/** Of `pulumi config --json`; a secret has no value there. */
const Config = v.record(v.string(), v.looseObject({ value: v.optional(v.string()) }));

export type Environment = Readonly<Record<string, string>>;

/** A stack that is up. */
export interface FoundStack {
    readonly outputs: v.InferOutput<typeof Outputs>;
    /** Where its engine is; empty: that of the docker command. */
    readonly dockerHost: string;
    /** What `pgbackrest:image` names; empty: the program builds it. */
    readonly image: string;
    /** With which `docker` reaches that. */
    readonly engine: Environment;
}

/**
 * What the last `up` has left of it; or why there is nothing.
 * @param environment with which `pulumi` finds the stack, and `docker` the engine
 */
export async function findStack(
    directory: string,
    stack: string,
    environment: Environment,
): Promise<FoundStack | string> {
    const pulumi = (...args: readonly string[]) =>
        attempt("pulumi", [...args, "--stack", stack], { cwd: directory, environment, timeoutSeconds: 60 });
    const [told, configured] = await Promise.all([
        pulumi("stack", "output", "--json"),
        pulumi("config", "--json"),
    ]);
    const outputs = v.safeParse(Outputs, parsed(told.stdout));
    if (!told.ok || !outputs.success)
        return told.ok ? `the stack was never brought up: ${upCommand(stack)}` : told.all.trim();
    const config = v.safeParse(Config, parsed(configured.stdout));
    // Without it, it would be another engine's containers that are looked at.
    if (!configured.ok || !config.success) return configured.all.trim();
    const setting = (name: string): string => config.output[`pgbackrest:${name}`]?.value ?? "";
    const dockerHost = setting("dockerHost");
    const engine = dockerHost === "" ? environment : { ...environment, DOCKER_HOST: dockerHost };
    return { outputs: outputs.output, dockerHost, image: setting("image"), engine };
}

/** Of a command's output; nothing when it is something else. */
export function parsed(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch {
        return undefined;
    }
}
