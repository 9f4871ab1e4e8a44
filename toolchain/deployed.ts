// What of a stack should be in Docker, as its state has it, and what that means for what is there. Pulumi itself compares with its state only.
import * as v from "valibot";
import { isForEver } from "../components/docker/limits";
import { isRecord } from "../components/fields";

const Named = v.looseObject({ name: v.optional(v.unknown()) });

const Resource = v.looseObject({
    urn: v.string(),
    type: v.string(),
    id: v.optional(v.string(), ""),
    /** Waits for its deletion: another one has its place. */
    delete: v.optional(v.boolean(), false),
    inputs: v.optional(
        v.looseObject({
            ...Named.entries,
            restart: v.optional(v.unknown()),
            host: v.optional(v.unknown()),
            mounts: v.optional(v.unknown()),
            networksAdvanced: v.optional(v.unknown()),
        }),
        {},
    ),
    outputs: v.optional(Named, {}),
});

export const State = v.looseObject({ resources: v.optional(v.array(Resource), []) });
export type State = v.InferOutput<typeof State>;
type Resource = v.InferOutput<typeof Resource>;

export interface Declared {
    readonly kind: "container" | "volume" | "network";
    readonly urn: string;
    readonly id: string;
    readonly name: string;
    /** Runs for good; another container does its work and ends. */
    readonly service: boolean;
    /** Names of what a container needs: its volumes and networks. */
    readonly needs: readonly string[];
}

export interface Deployed {
    readonly objects: readonly Declared[];
    /** Address of the engine, where the stack names one. */
    readonly host: string | undefined;
    /** Volumes that may be made again without a loss. */
    readonly replaceable: ReadonlySet<string>;
}

export interface FoundContainer {
    readonly id: string;
    readonly name: string;
    /** Docker's word: running, exited, paused, ... */
    readonly state: string;
}

export interface Found {
    readonly containers: readonly FoundContainer[];
    readonly volumes: ReadonlySet<string>;
    readonly networks: readonly { readonly id: string; readonly name: string }[];
}

/** What is to be done so that all that should be there is there, and runs. */
export interface Findings {
    /** Stopped containers. */
    readonly start: readonly Declared[];
    readonly unpause: readonly Declared[];
    /** What is gone, so that it has to be made again. */
    readonly gone: readonly Declared[];
    /** Containers that Docker cannot start any more, to be removed and made again. */
    readonly remove: readonly Declared[];
    /** What only the user can decide. */
    readonly refusals: readonly string[];
}

/** Volumes of which the stack's outputs say that they hold nothing that is not made again. */
const REPLACEABLE = ["configuration", "sockets", "spool", "state"];

export function deployed({ resources }: State): Deployed {
    const current = resources.filter((resource) => !resource.delete);
    const outputs = current.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
    const volumes = isRecord(outputs["volumes"]) ? outputs["volumes"] : {};
    const host = current.find(({ type }) => type === "pulumi:providers:docker")?.inputs.host;
    return {
        objects: current.flatMap(declared),
        host: typeof host === "string" && host !== "" ? host : undefined,
        replaceable: new Set(REPLACEABLE.map((key) => String(volumes[key]))),
    };
}

function declared(resource: Resource): readonly Declared[] {
    const { urn, id, type, inputs, outputs } = resource;
    const kind = /^docker:index\/(container|volume|network):/.exec(type)?.[1];
    const name = inputs.name ?? outputs.name;
    if ((kind !== "container" && kind !== "volume" && kind !== "network") || typeof name !== "string")
        return [];
    const needs = [...list(inputs.mounts, "source"), ...list(inputs.networksAdvanced, "name")];
    return [{ kind, urn, id, name, service: isForEver(inputs.restart), needs }];
}

function list(value: unknown, key: string): readonly string[] {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [];
    return entries.flatMap((entry) => (isRecord(entry) ? [String(entry[key])] : []));
}

/** Compares what should be there with what is. */
export function judge({ objects, replaceable }: Deployed, found: Found): Findings {
    const containers = objects.filter(({ kind }) => kind === "container");
    // An adoption is done once: nothing runs in its container any more, and it is never made again.
    const wanted = objects.filter(({ name }) => !name.endsWith("-adopt"));
    const stateOf = ({ id }: Declared): string | undefined =>
        found.containers.find((one) => one.id === id)?.state;
    const isGone = (one: Declared): boolean => {
        if (one.kind === "volume") return !found.volumes.has(one.name);
        return one.kind === "network"
            ? !found.networks.some(({ id }) => id === one.id)
            : stateOf(one) === undefined;
    };
    const gone = wanted.filter(isGone);
    const lostNetworks = new Set(gone.filter(({ kind }) => kind === "network").map(({ name }) => name));
    // Docker starts no container whose network was another one of the same name.
    const remove = wanted.filter(
        (one) =>
            ["exited", "created"].includes(stateOf(one) ?? "") &&
            one.needs.some((need) => lostNetworks.has(need)),
    );
    const services = containers.filter((one) => one.service && !remove.includes(one));
    return {
        start: services.filter((one) => ["exited", "created"].includes(stateOf(one) ?? "")),
        unpause: services.filter((one) => stateOf(one) === "paused"),
        gone,
        remove,
        refusals: gone.flatMap((one) => refusal(one, found, replaceable, containers)),
    };
}

function refusal(
    { kind, name }: Declared,
    found: Found,
    replaceable: ReadonlySet<string>,
    containers: readonly Declared[],
): readonly string[] {
    const others: readonly { readonly name: string }[] =
        kind === "container" ? found.containers : found.networks;
    if (kind !== "volume")
        return others.some((other) => other.name === name)
            ? [
                  `The ${kind} ${name} is not the one that this stack has made: \`docker ${kind} inspect ${name}\` shows whose it is. ` +
                      "Rename or remove it if you may, and run this again.",
              ]
            : [];
    // One that nothing uses, such as that of a repository that has moved to a bucket, may be made again.
    if (replaceable.has(name) || !containers.some(({ needs }) => needs.includes(name))) return [];
    return [
        `The volume ${name} is gone, with all that was in it. A new one would be empty, so nothing was changed. How to have the database back ` +
            "from its backups, and how to begin anew without them: docs/lost-host.md, or docs/lost-volume.md.",
    ];
}
