import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { adoptedRepositories, adoptedVolumes, adoptionLines } from "../review/adoption";
import { environmentList } from "./configuration";
import { type Labels, serverArguments, volume, volumeMount } from "../docker/containers";
import { PLACES } from "../docker/places";
import type { History } from "../review/history";
import { oneShot, sayNotes } from "./oneShot";
import type { Settings } from "../settings/schema";

export interface AdoptArgs {
    readonly settings: Settings;
    readonly image: pulumi.Input<string>;
    /** PostgreSQL settings on its command line: it is proven with them that it starts on the data. */
    readonly restartSettings: Readonly<Record<string, string>>;
    readonly history: History;
    /** Of the volume, where it is made new. */
    readonly labels: Labels;
}

/**
 * The one-shot that makes the volumes of another set-up ours, before anything else uses them. It runs once: when it has ended well,
 * only other volumes or another stanza make it run again. Nothing when nothing is adopted.
 */
export function adopt(args: AdoptArgs, parent: pulumi.Resource): pulumi.Output<docker.Container> | undefined {
    const { settings, history } = args;
    const { name, dataVolume } = settings;
    if (adoptedVolumes(settings).length === 0) return undefined;
    const repositories = adoptedRepositories(settings);
    const before = history.adoption?.volumes ?? [];
    const already = adoptedVolumes(settings).every((adopted) => before.includes(adopted));
    const memory = volume(`${name}-adopted`, parent, args.labels);
    const { container, done } = oneShot(
        `${name}-adopt`,
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
        { parent, minutes: 60, ...(already ? { ignoreChanges: ["image", "command"] } : {}) },
        "The volumes are as they were or can be adopted again, and nothing runs on them.",
    );
    if (!already) sayNotes(container, "Found while adopting:", parent);
    return done;
}

/** Says beforehand what becomes of each piece of a set-up that is taken over. */
export function announceAdoption(settings: Settings, history: History, resource: pulumi.Resource): void {
    const { adoption, deployment } = history;
    const before = adoption?.volumes ?? (deployment === undefined ? undefined : []);
    const lines = adoptionLines(settings, before);
    if (lines.length > 0)
        void pulumi.log.warn(["Moving in:", ...lines.map((line) => `  ${line}`)].join("\n"), resource);
}

const mountOf = (source: string, target: string): docker.types.input.ContainerMount => ({
    type: "volume",
    source,
    target,
    readOnly: false,
});
