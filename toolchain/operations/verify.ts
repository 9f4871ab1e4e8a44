import { randomBytes } from "node:crypto";
import { execa } from "execa";
import * as v from "valibot";
import { attempt } from "../run";
import { type Environment, findStack, parsed } from "./findStack";
import type { Operation } from "./operation";
import { answerOf, cannotTell, upCommand, verdict, type Verdict } from "./verdict";

export const configuration: Operation = {
    name: "config verify",
    summary: "Is what is published what the stack declares?",
    examples: ["config verify", "config verify --stack prod --json | jq .differences"],
    statuses: ["it is", "it is not, and the command that repairs it", "it cannot be told"],
    run: async ({ directory, stack, environment }) =>
        answerOf(await verifyConfiguration(directory, stack, environment)),
};

const Env = v.object({ Config: v.object({ Env: v.nullish(v.array(v.string()), []) }) });
const Inspected = v.tuple([v.object({ Image: v.string(), ...Env.entries })]);

/**
 * Compares what is published in the volume of a stack with what the stack declares. A plain `up` cannot: Pulumi does not look into a
 * volume. The setup container holds the declared content; a container of its image renders it again and compares.
 * @param environment with which `pulumi` finds the stack, and `docker` the engine
 */
export async function verifyConfiguration(
    directory: string,
    stack: string,
    environment: Environment,
): Promise<Verdict> {
    const found = await findStack(directory, stack, environment);
    if (typeof found === "string") return cannotTell(found);
    const { outputs, dockerHost, engine } = found;
    const { setup } = outputs.containers;
    const inspected = await attempt("docker", ["container", "inspect", setup], { environment: engine });
    const container = v.safeParse(Inspected, parsed(inspected.stdout));
    if (!inspected.ok || !container.success)
        return cannotTell(
            `the container ${setup}, which holds what was declared, cannot be looked at: ${inspected.all.trim().split("\n").at(-1) ?? ""}`,
            `If it was removed, this makes it again: ${upCommand(stack)} --refresh`,
        );
    const [{ Image: image, Config: config }] = container.output;
    const given = entries(config.Env);
    const built = await attempt("docker", ["image", "inspect", image], { environment: engine });
    const ofImage = v.safeParse(v.tuple([Env]), parsed(built.stdout));
    const inherited = new Set(ofImage.success ? ofImage.output[0].Config.Env : []);
    const declared = entries(config.Env.filter((entry) => !inherited.has(entry)));
    return verdict({
        stack,
        docker: dockerHost === "" ? "docker" : `docker --host ${dockerHost}`,
        setup,
        deployed: outputs.revision,
        given: given["REVISION"],
        comparison: await compare({ setup, image, declared, engine }),
    });
}

/**
 * Runs the comparison in a container of its own. Secrets go there through the environment of the docker command, which only its user
 * can read, and are kept in memory there.
 */
async function compare(from: {
    readonly setup: string;
    readonly image: string;
    readonly declared: Environment;
    readonly engine: Environment;
}): Promise<{ exitCode: number; output: string }> {
    const { setup, image, declared, engine } = from;
    const name = `${setup}-verify-${randomBytes(4).toString("hex")}`;
    const ended = ({ exitCode, all }: { exitCode: number; all: string }) => ({ exitCode, output: all });
    const created = await attempt(
        "docker",
        [
            ...["create", "--name", name, "--network", "none", "--volumes-from", `${setup}:ro`],
            ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:mode=1777"],
            ...Object.keys(declared).flatMap((variable) => ["--env", variable]),
            ...[image, "verify-configuration.sh"],
        ],
        { environment: { ...engine, ...declared } },
    );
    if (!created.ok) return { exitCode: 1, output: created.all };
    try {
        const input = await execa("docker", ["cp", `${setup}:/setup/input`, "-"], {
            env: engine,
            encoding: "buffer",
        });
        await execa("docker", ["cp", "-", `${name}:/setup`], { env: engine, input: input.stdout });
        return ended(await attempt("docker", ["start", "--attach", name], { environment: engine }));
    } catch (error) {
        return { exitCode: 1, output: error instanceof Error ? error.message : String(error) };
    } finally {
        await attempt("docker", ["rm", "--force", "--volumes", name], { environment: engine });
    }
}

/** `NAME=value` as Docker lists them. */
export function entries(list: readonly string[]): Record<string, string> {
    return Object.fromEntries(
        list.map((entry) => {
            const equals = entry.indexOf("=");
            return [entry.slice(0, equals), entry.slice(equals + 1)];
        }),
    );
}
