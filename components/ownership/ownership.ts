import { createHash } from "node:crypto";
import { adoptedVolumes } from "../review/adoption";
import type { DatabaseVolumes } from "../review/history";
import { isForEver } from "../docker/limits";
import type { EngineObject, ObjectName } from "./engine";
import type { Inventory } from "./inventory";
import type { Settings } from "../settings/schema";

/** On what the stack makes: its mark, and whose it is, in words. */
export const MARK_LABEL = "pgbackrest.mark";
export const OWNER_LABEL = "pgbackrest.owner";

/** How the names end of the resource that is the mark, and of the container that proves the port. */
export const MARK = "-mark";
export const PORT_PROOF = "-port-proof";

/** Begins with a letter, so that it is a text in YAML too. */
export function markText(hex: string): string {
    return `m${hex.slice(0, 8)}`;
}

type Naming = Pick<Settings, "name" | "dataVolume" | "repositories" | "port">;

/** Everything on the engine that these settings make, by its name; not what they take over of another set-up. */
export function ownObjects(settings: Naming, deployed?: DatabaseVolumes): ObjectName[] {
    const { name, dataVolume, port } = settings;
    const adopting = adoptedVolumes(settings).length > 0;
    const containers = [
        ...["postgres", "backup", "setup", "apply", "postgres-proof", "backup-proof"],
        ...(port === undefined ? [] : [PORT_PROOF.slice(1)]),
        ...(adopting ? ["adopt"] : []),
    ];
    const volumes = [
        ...(dataVolume === undefined ? ["postgres-data"] : []),
        ...["postgres-run", "pgbackrest-config", "pgbackrest-repo", "backup-state"],
        ...(adopting ? ["adopted"] : []),
    ];
    return [
        ...containers.map((part) => ({ kind: "container" as const, name: `${name}-${part}` })),
        ...volumes.map((part) => ({ kind: "volume" as const, name: `${name}-${part}` })),
        { kind: "volume", name: spoolVolumeName(name, dataVolume, deployed) },
        { kind: "network", name },
    ];
}

/**
 * The spool of these data: the one that they have, whatever its name (release 0.1.0 had one name for all); never the one that other
 * data have.
 */
export function spoolVolumeName(
    name: string,
    dataVolume: string | undefined,
    deployed: DatabaseVolumes | undefined,
): string {
    const own = `${name}-postgres-data`;
    if (deployed?.data === (dataVolume ?? own)) return deployed.spool;
    const spool = `${name}-pgbackrest-spool`;
    const usual = dataVolume === undefined ? spool : `${spool}-${dataVolume}`;
    return deployed?.spool === usual ? `${spool}-${own}` : usual;
}

/** What has a name of ours and is not in our state. */
export interface Claim {
    /** Taken over: the setting `takeOver` names their mark. */
    readonly taken: readonly EngineObject[];
    /** Containers of ours that Docker made and would not start: the state may not know them, and their names are taken. */
    readonly stillborn: readonly EngineObject[];
    /** Why nothing may be done; nothing when all is well. */
    readonly problems: readonly string[];
}

/** Docker gives an existing volume to whoever makes one of its name, and `destroy` would delete it: so what is not ours is somebody's. */
export function claim(
    settings: Pick<Settings, "name" | "takeOver">,
    found: readonly EngineObject[],
    { objects, mark }: Pick<Inventory, "objects" | "mark">,
): Claim {
    const theirs = found.filter(({ kind, name }) => !objects.has(`${kind} ${name}`));
    const unmarked = markOfUnmarked(found);
    const markOf = (object: EngineObject): string => object.labels[MARK_LABEL] ?? unmarked;
    const strangers = theirs.filter((object) => ![mark, settings.takeOver].includes(markOf(object)));
    return {
        taken: theirs.filter((object) => markOf(object) === settings.takeOver && markOf(object) !== mark),
        stillborn: found.filter((object) => object.status === "created" && !strangers.includes(object)),
        problems: [...new Set(strangers.map(markOf))].map((other) =>
            refusal(
                settings.name,
                other,
                strangers.filter((object) => markOf(object) === other),
            ),
        ),
    };
}

/** Containers have no mark, nor what earlier releases made: that of what they stand beside, or else one of their own. */
function markOfUnmarked(found: readonly EngineObject[]): string {
    const marked = found.find(({ labels }) => labels[MARK_LABEL] !== undefined)?.labels[MARK_LABEL];
    // The data, where it is there: it outlives containers.
    const first = found.find(({ kind }) => kind === "volume") ?? found[0];
    return (
        marked ??
        markText(
            createHash("sha256")
                .update(JSON.stringify([first?.name, first?.created]))
                .digest("hex"),
        )
    );
}

function refusal(name: string, mark: string, strangers: readonly EngineObject[]): string {
    const list = (["container", "volume", "network"] as const)
        .flatMap((kind) =>
            listed(
                kind,
                strangers.filter((object) => object.kind === kind),
            ),
        )
        .join(", ");
    return `pgbackrest:name: ${name} is in use on this Docker host, and not by this stack: its state does not know ${list}. They are of ${ownerOf(strangers)}; mark ${mark}. Give this stack another pgbackrest:name. Only if these are its own and its state is lost: set pgbackrest:takeOver to ${mark} (README, "A lost state")`;
}

const LISTED = 3;

function listed(kind: string, objects: readonly ObjectName[]): string[] {
    if (objects.length === 0) return [];
    const more = objects.length - LISTED;
    const names = objects.slice(0, LISTED).map(({ name }) => name);
    return [
        `${kind}${objects.length > 1 ? "s" : ""} ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    ];
}

function ownerOf(strangers: readonly EngineObject[]): string {
    const since = strangers.map(({ created }) => created.slice(0, 10)).sort()[0] ?? "";
    const label = (key: string): string | undefined =>
        strangers.map(({ labels }) => labels[key]).find((value) => value !== undefined);
    const owner = label(OWNER_LABEL);
    const project = label("com.docker.compose.project");
    if (owner !== undefined) return `${owner}, since ${since}`;
    return project === undefined
        ? `somebody who left no word, since ${since} (an earlier release of this program leaves none)`
        : `docker-compose project ${project}, since ${since}`;
}

export function isService({ kind, restart }: EngineObject): boolean {
    return kind === "container" && isForEver(restart);
}
