import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, hardened } from "../docker/containers";

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

/** A port of the host that is to be published. */
export interface Port {
    readonly port: number;
    readonly address: string;
}

/** Ports of the host, as `address:port`. */
export interface Published {
    /** Where PostgreSQL is published now; nothing when it is not, or not there. */
    readonly now: string | undefined;
    /** What its proof published last. */
    readonly proven: string | undefined;
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
    const { port, address } = args.port;
    const { now, proven } = args.published;
    const wanted = `${address}:${port}`;
    const taken = wanted === now;
    return new docker.Container(
        name,
        {
            ...hardened(64, 1),
            ...THROWAWAY,
            name,
            image: args.image,
            ports: taken && proven !== wanted ? [] : [{ internal: 5432, external: port, ip: address }],
            networksAdvanced: [{ name: args.network.name }],
            readOnly: true,
        },
        pulumi.mergeOptions(containerOptions, {
            parent,
            ...(taken && proven === wanted ? { ignoreChanges: ["image"] } : {}),
        }),
    );
}
