import { inspect } from "node:util";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, hardened } from "../docker/containers";

const LAST_LINES = 20;

/** A container that does one thing and ends. */
export interface OneShot {
    readonly container: docker.Container;
    /**
     * The container, once it has ended well. Others wait for it through `dependsOn` only: an input derived from it would replace them
     * at each of its runs. Fails with the container's last words otherwise, since @pulumi/docker takes any exit code for success.
     */
    readonly done: pulumi.Output<docker.Container>;
}

type OneShotOptions = Pick<
    pulumi.CustomResourceOptions,
    "parent" | "aliases" | "dependsOn" | "ignoreChanges"
> & {
    /** How long it may take. */
    readonly minutes: number;
};

/**
 * Runs `args.command` to its end each time one of the inputs changes.
 * @param consequence what its failure means for the running system, in a sentence
 */
export function oneShot(
    name: string,
    args: docker.ContainerArgs,
    { minutes, ...options }: OneShotOptions,
    consequence: string,
): OneShot {
    const container = new docker.Container(
        name,
        {
            ...hardened(512, 1),
            ...args,
            name,
            // `rm` would remove the container before the provider reads its exit code, `mustRun` would start it again at each `up`.
            attach: true,
            logs: true,
            mustRun: false,
            rm: false,
            restart: "no",
        },
        pulumi.mergeOptions(containerOptions, {
            ...options,
            additionalSecretOutputs: ["containerLogs"],
            customTimeouts: { create: `${minutes}m` },
        }),
    );
    const done = container.exitCode.apply((exitCode) => {
        if (exitCode === 0) return pulumi.output(container);
        // The logs are a secret output, and so would be whatever derives from them: read only where nothing else follows.
        return container.containerLogs.apply((logs): docker.Container => {
            throw new OneShotFailure(failureMessage(name, exitCode, logs, consequence));
        });
    });
    return { container, done };
}

/** Shows what people should know of what a one-shot has found: lines with NOTE, which hold no secret. */
export function sayNotes(container: docker.Container, title: string, resource: pulumi.Resource): void {
    pulumi.unsecret(container.containerLogs).apply((logs) => {
        const notes = logs.split("\n").filter((line) => line.startsWith("NOTE: "));
        if (notes.length > 0)
            void pulumi.log.warn(
                [title, ...notes.map((line) => `  ${line.slice(6).trimEnd()}`)].join("\n"),
                resource,
            );
    });
}

/** An error that Pulumi shows as its message alone, once. */
class OneShotFailure extends pulumi.RunError {
    /**
     * Pulumi's handler inspects every error before it looks at its kind, and by then the SDK has hung the graph of all outputs on it
     * (`err.promise`): that took 20 seconds and 3 GiB.
     */
    [inspect.custom](): string {
        return this.message;
    }
}

function failureMessage(name: string, exitCode: number, logs: string, consequence: string): string {
    const lastLines = logs.trimEnd().split("\n").slice(-LAST_LINES);
    return [
        `${name} failed with exit code ${exitCode}. ${consequence}`,
        ...lastLines.map((line) => `    ${line}`),
        `All it said: docker logs ${name}. Correct the cause and run \`up\` again.`,
    ].join("\n");
}
