import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, hardened } from "../docker/containers";
import type { Published } from "../state/inventory";

/** What a container is that only proves that Docker makes and starts it. */
const THROWAWAY = {
    command: ["true"],
    // Attached: it has ended, and let go of its port, when what it proves is made.
    attach: true,
    mustRun: false,
    rm: false,
    restart: "no",
};

/**
 * A container with the limits, mounts and variables of `service`, which must depend on it: Docker refuses some of them only when the
 * new container is made or started, and by then the old one is gone. It runs again whenever the service is replaced.
 */
export function proveLimits(
    name: string,
    service: docker.ContainerArgs,
    parent: pulumi.Resource,
): docker.Container {
    const args = { ...service };
    for (const key of NOT_PROVEN) Reflect.deleteProperty(args, key);
    return new docker.Container(
        name,
        { ...args, ...THROWAWAY, name, networkMode: "none" },
        pulumi.mergeOptions(containerOptions, { parent }),
    );
}

/** What Docker takes from any container, and the running one has already. */
const NOT_PROVEN = [
    "ports",
    "networksAdvanced",
    "healthcheck",
    "labels",
    "stopSignal",
    "stopTimeout",
    "destroyGraceSeconds",
];

/** A port of the host that is to be published, and that of the container. */
export interface Port {
    readonly internal: number;
    readonly external: number;
    readonly ip: string;
}

/**
 * A container that publishes the port for a moment. While the running service has it, it cannot: then it stays as it is, or proves
 * nothing.
 */
export function provePort(
    name: string,
    args: { image: pulumi.Input<string>; network: docker.Network; port: Port; published: Published },
    parent: pulumi.Resource,
): docker.Container {
    const { now, proven } = args.published;
    const wanted = `${args.port.ip}:${args.port.external}`;
    const taken = wanted === now;
    return new docker.Container(
        name,
        {
            ...hardened(64, 1),
            ...THROWAWAY,
            name,
            image: args.image,
            ports: taken && proven !== wanted ? [] : [args.port],
            networksAdvanced: [{ name: args.network.name }],
            readOnly: true,
        },
        pulumi.mergeOptions(containerOptions, {
            parent,
            ...(taken && proven === wanted ? { ignoreChanges: ["image"] } : {}),
        }),
    );
}
