import { execa } from "execa";
import * as v from "valibot";
import { docker, mustDocker, removeAll } from "../support/docker";
import type { TestStack } from "../support/stack";

/** What Docker says of a container, as far as its backups depend on it. */
const Container = v.object({
    Config: v.object({ Cmd: v.array(v.string()), Env: v.array(v.string()) }),
    HostConfig: v.object({
        NetworkMode: v.string(),
        Mounts: v.array(
            v.object({
                Source: v.string(),
                Target: v.string(),
                ReadOnly: v.optional(v.boolean(), false),
            }),
        ),
        ReadonlyRootfs: v.boolean(),
        Tmpfs: v.nullish(v.record(v.string(), v.string()), {}),
        Memory: v.number(),
        MemorySwap: v.number(),
        NanoCpus: v.number(),
        ShmSize: v.number(),
    }),
});
type Container = v.InferOutput<typeof Container>;

const PARTS = ["setup", "postgres", "backup", "apply"] as const;
type Part = (typeof PARTS)[number];

/** What the stack gave to its containers: the same goes to those that are started by hand. */
export interface Inputs {
    readonly image: string;
    /** Name of the stack, which all its volumes and its network begin with. */
    readonly stack: string;
    /** Tar archive of the files in setup's /setup/input. */
    readonly files: Buffer;
    readonly containers: Readonly<Record<Part, Container>>;
}

export async function inputsOf({ name }: TestStack, image: string): Promise<Inputs> {
    const archive = await execa("docker", ["cp", `${name}-setup:/setup/input`, "-"], { encoding: "buffer" });
    const inspected = await mustDocker(["inspect", ...PARTS.map((part) => `${name}-${part}`)]);
    const [setup, postgres, backup, apply] = v.parse(
        v.tuple([Container, Container, Container, Container]),
        JSON.parse(inspected),
    );
    const containers = { setup, postgres, backup, apply };
    return { image, stack: name, files: Buffer.from(archive.stdout), containers };
}

/**
 * What the program does, as a script of docker commands: network, setup, then postgres and backup, then apply, which ends when the
 * first full backup is in the repository. The volumes are made by the mounts.
 */
export async function startByHand(name: string, inputs: Inputs): Promise<void> {
    const own = (text: string): string => text.replace(new RegExp(`^${inputs.stack}(?=-|$)`), name);
    const options = (part: Part): string[] => {
        const { Config, HostConfig: host } = inputs.containers[part];
        return [
            ...["--name", `${name}-${part}`, "--network", own(host.NetworkMode), "--log-driver", "json-file"],
            ...["--security-opt", "no-new-privileges", "--cap-drop", "ALL"],
            ...["--memory", String(host.Memory), "--memory-swap", String(host.MemorySwap)],
            ...["--cpus", String(host.NanoCpus / 1e9), "--shm-size", String(host.ShmSize)],
            ...(host.ReadonlyRootfs ? ["--read-only"] : []),
            ...Object.entries(host.Tmpfs).flatMap(([path, how]) => ["--tmpfs", `${path}:${how}`]),
            ...host.Mounts.flatMap(({ Source, Target, ReadOnly }) => [
                "--mount",
                `type=volume,source=${own(Source)},target=${Target}${ReadOnly ? ",readonly" : ""}`,
            ]),
            // Apply believes no other backup service than the one that it was given.
            ...Config.Env.filter((entry) => !entry.startsWith("BACKUP_ID=")).flatMap((entry) => [
                "--env",
                entry,
            ]),
            ...[inputs.image, ...Config.Cmd],
        ];
    };
    await mustDocker(["network", "create", name]);
    await mustDocker(["create", ...options("setup")]);
    await mustDocker(["cp", "-", `${name}-setup:/setup`], { input: inputs.files });
    await mustDocker(["start", "--attach", `${name}-setup`]);
    await mustDocker(["run", "--detach", ...options("postgres")]);
    await mustDocker(["run", "--detach", ...options("backup")]);
    await mustDocker(["run", ...options("apply")]);
}

/** When the first full backup was complete, by Docker's clock, in milliseconds since the epoch. */
export async function firstBackup(name: string): Promise<number> {
    const { output } = await docker(["logs", "--timestamps", `${name}-backup`]);
    const end = output
        .split("\n")
        .find((line) => line.includes("backup command end: completed successfully"));
    if (end === undefined) throw new Error(`${name}-backup has taken no backup:\n${output}`);
    return Date.parse(end.slice(0, end.indexOf(" ")));
}

export async function removeByHand(name: string): Promise<void> {
    await removeAll(name);
}
