import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { adoptedRepositories, adoptedVolumes } from "../review/adoption";
import {
    besideComponents,
    environmentList,
    serverArguments,
    volume,
    volumeMount,
} from "../docker/containers";
import { type ObjectName, objectsOf } from "../docker/names";
import { PLACES } from "../docker/places";
import type { History } from "../state/history";
import { oneShot, sayNotes } from "./oneShot";
import type { ServiceArgs } from "./service";
import type { Settings } from "../settings/schema";

export interface AdoptArgs extends ServiceArgs {
    /** Which volumes are adopted, and as what. */
    readonly settings: Pick<Settings, "stanza" | "dataVolume" | "repositories">;
    /** PostgreSQL settings on its command line: it is proven with them that it starts on the data. */
    readonly restartSettings: Readonly<Record<string, string>>;
    /** What earlier commands have adopted. */
    readonly history: History;
}

/**
 * The one-shot that makes the volumes of another set-up ours, before anything else uses them. It runs once: when it has ended well,
 * only other volumes or another stanza make it run again.
 */
export class Adopt extends pulumi.ComponentResource {
    /** What it makes on the Docker engine. */
    static objects(name: string): ObjectName[] {
        return objectsOf(name, { containers: ["adopt"], volumes: ["adopted"] });
    }

    /** Resolves when it has ended well. */
    readonly done: pulumi.Output<docker.Container>;

    constructor(name: string, args: AdoptArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Adopt", name, {}, opts);

        const { settings, history } = args;
        const { dataVolume } = settings;
        const child = { parent: this, aliases: besideComponents(opts) };
        const repositories = adoptedRepositories(settings);
        const before = history.adoption?.volumes ?? [];
        const already = adoptedVolumes(settings).every((adopted) => before.includes(adopted));
        const memory = volume(`${args.name}-adopted`, child, args.labels);
        const { container, done } = oneShot(
            `${args.name}-adopt`,
            {
                image: args.image,
                command: ["adopt-existing.sh", ...serverArguments(args.restartSettings)],
                // Root, to give files to our user and to become that user; on no network, and on nothing but these volumes.
                user: "0:0",
                capabilities: {
                    drops: ["ALL"],
                    adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
                },
                networkMode: "none",
                readOnly: true,
                tmpfs: { [PLACES.scratch]: "rw,nosuid,nodev,size=16m" },
                envs: environmentList({
                    STANZA: settings.stanza,
                    ...(dataVolume === undefined ? {} : { DATA_VOLUME: dataVolume }),
                    REPOSITORIES: repositories.map(({ path }) => path).join(" "),
                    ATTEMPT: history.adoption?.attempt ?? new Date().toISOString(),
                }),
                mounts: [
                    volumeMount(memory, PLACES.adoption),
                    ...(dataVolume === undefined ? [] : [mountOf(dataVolume, PLACES.data)]),
                    ...repositories.map(({ volume: source, path }) => mountOf(source, path)),
                ],
            },
            // What it has done is done: a new image or other settings are no reason to do it again.
            { ...child, minutes: 60, ...(already ? { ignoreChanges: ["image", "command"] } : {}) },
            "The volumes are as they were or can be adopted again, and nothing runs on them.",
        );
        if (!already) sayNotes(container, "Found while adopting:", this);
        this.done = done;
        this.registerOutputs({});
    }
}

const mountOf = (source: string, target: string): docker.types.input.ContainerMount => ({
    type: "volume",
    source,
    target,
    readOnly: false,
});
