import { createHash } from "node:crypto";
import { MARK_LABEL, markText, type ObjectName, OWNER_LABEL } from "../docker/names";
import { isForEver } from "../docker/limits";
import type { EngineObject } from "./engine";
import type { Inventory } from "../state/inventory";
import type { Settings } from "../settings/schema";

/** What has a name of ours and is not in our state. */
export interface Claim {
    /** Taken over: the setting `takeOver` names their mark. */
    readonly taken: readonly EngineObject[];
    /**
     * Containers of ours that stand in the way and hold nothing: Docker made them and would not start them, or went away while they did the one
     * thing that they do, and the state does not know them.
     */
    readonly leftOver: readonly EngineObject[];
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
        leftOver: found.filter(
            (object) =>
                !strangers.includes(object) &&
                (object.status === "created" || (theirs.includes(object) && hasEnded(object))),
        ),
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
    return `pgbackrest:name: ${name} is in use on this Docker host, and not by this stack: its state does not know ${list}. They are of ${ownerOf(strangers)}; mark ${mark}. Give this stack another pgbackrest:name. Only if these are its own and its state is lost: set pgbackrest:takeOver to ${mark} (docs/lost-state.md)`;
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

/** One that does one thing, and does nothing any more. */
function hasEnded(object: EngineObject): boolean {
    return object.kind === "container" && !isService(object) && ["exited", "dead"].includes(object.status);
}
