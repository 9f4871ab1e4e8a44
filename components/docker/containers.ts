import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

type Mount = docker.types.input.ContainerMount;

/**
 * What every container of ours has in common: no capability, no way to gain one, no root file system to write to, rotated logs,
 * no host network, and tini of the image as PID 1 (`init: false` says so once, or the provider would read a difference).
 *
 * `memorySwap` equals `memory`: a database that swaps is slower than one that is refused memory, and both can then be changed together
 * without a restart.
 */
export function hardened(memory: number, cpus: number): Partial<docker.ContainerArgs> {
    return {
        capabilities: { drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        init: false,
        networkMode: "bridge",
        memory,
        memorySwap: memory,
        // As the provider reads it back: any other way of writing it is a replacement at every `up`.
        cpus: Number.isInteger(cpus) ? `${cpus}.0` : String(cpus),
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
    };
}

/**
 * Options of every container. The provider ignores a change of the listed fields, and a container whose creation failed half way
 * stays as it is (kreuzwerker/terraform-provider-docker#988, pulumi/pulumi#17881): both are made a replacement here. A name can be used
 * once, so the old container goes first.
 */
export const containerOptions: pulumi.CustomResourceOptions = {
    deleteBeforeReplace: true,
    replaceOnChanges: ["healthcheck", "init", "mounts", "tmpfs", "cpuPeriod", "cpuQuota", "#initerror"],
};

/** A named volume mounted at `target`. Never with volume options: engines before API 1.45 refuse them. */
export function volumeMount(volume: docker.Volume, target: string, readOnly = false): Mount {
    return { type: "volume", source: volume.name, target, readOnly };
}

/** The labels of a volume or network that is new, by its name; what is there keeps those that it has. */
export type Labels = (name: string) => NonNullable<docker.VolumeArgs["labels"]>;

/** A change of the labels would replace it, and what an earlier release made has none. */
export const labelled = { ignoreChanges: ["labels"] };

/**
 * The volume `name`, without driver options: a change of those replaces the volume and loses what is in it.
 * @param keep refuse to delete or replace it, and leave it behind when the stack forgets it
 */
export function volume(
    name: string,
    options: pulumi.CustomResourceOptions,
    labels: Labels,
    keep = false,
): docker.Volume {
    return new docker.Volume(
        name,
        { name, labels: labels(name) },
        { ...labelled, ...options, protect: keep, retainOnDelete: keep },
    );
}

/** @param found id of the one that is there already, to be taken over */
export function network(
    name: string,
    mtu: number | undefined,
    found: string | undefined,
    labels: Labels,
    options: pulumi.CustomResourceOptions,
): docker.Network {
    return new docker.Network(
        name,
        {
            name,
            labels: labels(name),
            ...(mtu === undefined ? {} : { options: { "com.docker.network.driver.mtu": String(mtu) } }),
        },
        { ...labelled, ...options, ...(found === undefined ? {} : { import: found }) },
    );
}

/**
 * A volume that was there before the stack. It is only read: declared as ours, it would be replaced, and so deleted, because it has
 * labels or driver options that we do not declare (docker-compose labels all of its volumes).
 */
export function adoptedVolume(name: string, parent: pulumi.Resource): docker.Volume {
    return docker.Volume.get(name, name, {}, { parent });
}

/** PostgreSQL settings as arguments of its command line. */
export function serverArguments(settings: Readonly<Record<string, string>>): string[] {
    return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** The variables of a container; nothing at all where there are none, so that the provider reads no difference. */
export function environmentOf(
    environment: Readonly<Record<string, pulumi.Input<string>>>,
): Pick<docker.ContainerArgs, "envs"> | undefined {
    const names = Object.keys(environment).sort();
    if (names.length === 0) return undefined;
    return { envs: names.map((name) => pulumi.interpolate`${name}=${environment[name] ?? ""}`) };
}

/** `KEY=value` as Docker wants it, sorted. */
export function environmentList(environment: Readonly<Record<string, string>>): string[] {
    return Object.entries(environment)
        .map(([key, value]) => `${key}=${value}`)
        .sort();
}

/** What release 0.1.0 called the children of a component that it did not have: they were beside the other components. */
export function besideComponents(component: pulumi.ComponentResourceOptions | undefined): pulumi.Alias[] {
    return [{ parent: component?.parent ?? pulumi.rootStackResource }];
}
