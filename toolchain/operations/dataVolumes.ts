import * as v from "valibot";
import { fromJson } from "../../components/fields";
import { MARK_LABEL } from "../../components/docker/names";
import { oneLine } from "../../components/protection/text";
import { phaseNow } from "../../components/restore/record";
import { attempt } from "../run";
import type { AtWork } from "./atWork";
import type { Event } from "./events";
import type { Given } from "./operation";

/** What a restore has noted in its data volume, as far as it is told here. */
const Restored = v.object({
    wish: v.object({ name: v.string(), at: v.string() }),
    /** As `phaseNow` has it. */
    phase: v.string(),
    backup: v.optional(v.string(), ""),
    began: v.optional(v.number(), 0),
    ended: v.optional(v.number()),
});

export interface DataVolume {
    readonly name: string;
    /** In the state of the stack; nothing of one that only Docker knows. */
    readonly urn: string | undefined;
    readonly isProtected: boolean;
    /** Is it the database's? */
    readonly isActive: boolean;
    /** Containers that have it mounted, stopped ones, too. */
    readonly users: readonly string[];
    /** Nothing where it cannot be measured, or is not there. */
    readonly bytes: number | undefined;
    /** Which restore made it; nothing where none did. */
    readonly restore: v.InferOutput<typeof Restored> | undefined;
}

const Exported = v.object({
    deployment: v.object({
        resources: v.optional(
            v.array(
                v.object({
                    urn: v.string(),
                    type: v.string(),
                    protect: v.optional(v.boolean(), false),
                    delete: v.optional(v.boolean(), false),
                    outputs: v.optional(v.object({ name: v.optional(v.unknown()) }), {}),
                }),
            ),
            [],
        ),
    }),
});

export interface StateVolume {
    readonly name: string;
    readonly urn: string;
    readonly isProtected: boolean;
}

/** The volumes in a state, as `pulumi stack export` prints it. */
export function stateVolumes(json: string): readonly StateVolume[] {
    const resources = fromJson(Exported, json)?.deployment.resources ?? [];
    return resources.flatMap(({ urn, type, protect, delete: isGoing, outputs: { name } }) =>
        type === "docker:index/volume:Volume" && !isGoing && typeof name === "string"
            ? [{ name, urn, isProtected: protect }]
            : [],
    );
}

export async function volumesInState({
    directory,
    stack,
    environment,
}: Given): Promise<readonly StateVolume[] | string> {
    const args = ["stack", "export", "--stack", stack, "--non-interactive"];
    const asked = await attempt("pulumi", args, { cwd: directory, environment, timeoutSeconds: 60 });
    return asked.ok ? stateVolumes(asked.stdout) : asked.all.trim();
}

/** Is it the name of a data volume of the stack whose objects begin with this? */
export function isDataVolume(name: string, prefix: string): boolean {
    const own = `${prefix}-postgres-data`;
    return name === own || name.startsWith(`${own}-`);
}

/** All that the stack has had its data in; or why that cannot be told. */
export async function dataVolumes(stack: AtWork, given: Given): Promise<readonly DataVolume[] | string> {
    const { data } = stack.found.outputs.volumes;
    const [inState, inDocker] = await Promise.all([volumesInState(given), ownVolumes(stack)]);
    if (typeof inState === "string") return inState;
    if (typeof inDocker === "string") return inDocker;
    const isOne = (name: string): boolean => name === data || isDataVolume(name, stack.prefix);
    const known = new Map(inState.filter(({ name }) => isOne(name)).map((volume) => [volume.name, volume]));
    const names = [...new Set([data, ...known.keys(), ...inDocker.filter(isOne)])];
    const looked = await look(stack, names);
    return Promise.all(
        names.map(async (name) => ({
            ...{ name, urn: known.get(name)?.urn, isProtected: known.get(name)?.isProtected ?? false },
            isActive: name === data,
            users: await usersOf(stack, name),
            bytes: looked.get(name)?.bytes,
            restore: ownRecord(looked.get(name)?.restore, name),
        })),
    );
}

/** What lies in a volume of another name came there with the backup. */
export function ownRecord(restore: DataVolume["restore"], volume: string): DataVolume["restore"] {
    return restore !== undefined && volume.endsWith(`-postgres-data-${restore.wish.name}`)
        ? restore
        : undefined;
}

/** Those that carry the stack's mark, as its other volumes do. Another stack's name may begin with this one's. */
async function ownVolumes(stack: AtWork): Promise<readonly string[] | string> {
    const format = `{{index .Labels "${MARK_LABEL}"}}`;
    const marked = await stack.docker([
        "volume",
        "inspect",
        "--format",
        format,
        stack.found.outputs.volumes.state,
    ]);
    const mark = marked.stdout.trim();
    // Release 0.1.0 marked nothing.
    if (!marked.ok || mark === "") return marked.ok ? [] : marked.all.trim();
    const listed = await stack.docker([
        ...["volume", "ls", "--filter", `label=${MARK_LABEL}=${mark}`, "--format", "{{.Name}}"],
    ]);
    return listed.ok ? listed.stdout.split("\n").filter((name) => name !== "") : listed.all.trim();
}

async function usersOf(stack: AtWork, volume: string): Promise<readonly string[]> {
    const asked = await stack.docker([
        "ps",
        "--all",
        "--filter",
        `volume=${volume}`,
        "--format",
        "{{.Names}}",
    ]);
    // Where it cannot be told, it counts as used.
    return asked.ok ? asked.stdout.split("\n").filter((name) => name !== "") : [oneLine(asked.all, 200)];
}

interface Look {
    readonly bytes: number | undefined;
    readonly restore: DataVolume["restore"];
}

const LOOK = `for volume in /volumes/*; do
	jq --null-input --compact-output --arg name "\${volume##*/}" --arg bytes "$(du --summarize --bytes "$volume" 2>/dev/null | cut -f 1)" \\
		--arg recovery "$(ls "$volume/recovery.signal" 2>/dev/null)" \\
		--rawfile restore <(cat "$volume/restore.json" 2>/dev/null) '$ARGS.named'
done`;
const Looked = v.object({
    ...{ name: v.string(), bytes: v.string(), restore: v.string() },
    /** What PostgreSQL recovers by; empty where it does not. */
    recovery: v.string(),
});

/** Into those that are there, with a container that has nothing else and can only read. */
async function look(stack: AtWork, names: readonly string[]): Promise<ReadonlyMap<string, Look>> {
    const inspected = await Promise.all(names.map((name) => stack.docker(["volume", "inspect", name])));
    const there = names.filter((_, i) => inspected[i]?.ok === true);
    const image = await stack.docker(["container", "inspect", "--format", "{{.Image}}", stack.postgres]);
    if (!image.ok || there.length === 0) return new Map();
    const sandbox = [
        "--network",
        "none",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
        "--read-only",
    ];
    const mounts = there.flatMap((name) => ["--volume", `${name}:/volumes/${name}:ro`]);
    const command = [image.stdout.trim(), "bash", "-c", LOOK];
    const running = ["container", "inspect", "--format", "{{.State.Running}}", `${stack.prefix}-restore`];
    const [asked, restore] = await Promise.all([
        stack.docker(["run", "--rm", ...sandbox, ...mounts, ...command]),
        stack.docker(running),
    ]);
    return readLooks(asked.stdout, restore.stdout.trim() === "true");
}

/** @param isAtWork does a restore run? */
export function readLooks(output: string, isAtWork: boolean): ReadonlyMap<string, Look> {
    return new Map(
        output.split("\n").flatMap((line) => {
            const found = fromJson(Looked, line);
            if (found === undefined) return [];
            const noted = fromJson(Restored, found.restore);
            const seen = { recovers: found.recovery !== "", isAtWork };
            const restore = noted && { ...noted, phase: phaseNow(noted.phase, seen) };
            return [[found.name, { bytes: found.bytes === "" ? undefined : Number(found.bytes), restore }]];
        }),
    );
}

export function restoreEvents(volumes: readonly DataVolume[]): Event[] {
    return volumes.flatMap(({ name, restore }) =>
        restore === undefined
            ? []
            : [
                  {
                      ...{
                          at: restore.began,
                          what: "restore",
                          ended: restore.ended === undefined ? undefined : "well",
                      },
                      seconds: restore.ended === undefined ? undefined : restore.ended - restore.began,
                      detail: `${restore.wish.name} to ${restore.wish.at} from ${restore.backup} in ${name}: ${restore.phase}`,
                  },
              ],
    );
}
