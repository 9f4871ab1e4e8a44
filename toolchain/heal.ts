// What a killed `pulumi up` leaves behind, and every later command would fail on: a lock that nobody holds, and objects that
// were being made when it died, so that they exist in Docker but not in the state.
import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { isAlive } from "./processes";
import { attempt, run } from "./run";

const Lock = v.object({ pid: v.number(), hostname: v.string() });

const Resource = v.looseObject({
    type: v.string(),
    id: v.optional(v.string()),
    inputs: v.optional(v.looseObject({ name: v.optional(v.unknown()) })),
});

const Operation = v.looseObject({ resource: Resource, type: v.string() });

const Exported = v.looseObject({
    deployment: v.looseObject({
        resources: v.optional(v.array(Resource), []),
        pending_operations: v.optional(v.array(Operation), []),
    }),
});

type Exported = v.InferOutput<typeof Exported>;

export interface StackPlace {
    /** Directory of the project. */
    readonly project: string;
    readonly projectName: string;
    readonly stack: string;
    /** Directory of the file backend. */
    readonly backend: string;
    readonly environment: Record<string, string>;
}

/** Puts right what the last command left when it was killed; says what it did. Cheap when there is nothing. */
export async function heal(place: StackPlace, say: (text: string) => void): Promise<void> {
    const pulumi = async (args: readonly string[], input?: string): Promise<string> =>
        run("pulumi", [...args, "--stack", place.stack, "--non-interactive"], {
            cwd: place.project,
            environment: place.environment,
            ...(input === undefined ? {} : { input }),
        });
    if (hasStaleLock(place)) {
        await pulumi(["cancel", "--yes"]);
        say("The last command was killed while it held the lock of the stack: unlocked.");
    }
    // Someone else's command that runs has pending operations as well.
    if (lockFiles(place).length > 0 || !mayHavePendingOperations(place)) return;
    const exported = v.parse(Exported, JSON.parse(await pulumi(["stack", "export"])));
    if (exported.deployment.pending_operations.length === 0) return;
    for (const leftover of leftovers(exported)) await removeLeftover(leftover, place.environment, say);
    exported.deployment.pending_operations = [];
    await pulumi(["stack", "import"], JSON.stringify(exported));
    say("The last command was killed while it changed resources: this one carries on.");
}

function lockFiles({ backend, projectName, stack }: StackPlace): readonly string[] {
    const directory = join(backend, ".pulumi", "locks", "organization", projectName, stack);
    try {
        return readdirSync(directory)
            .filter((file) => file.endsWith(".json"))
            .map((file) => join(directory, file));
    } catch {
        return [];
    }
}

/** Is the stack locked, by processes of this machine only, that are all dead? */
function hasStaleLock(place: StackPlace): boolean {
    const files = lockFiles(place);
    return (
        files.length > 0 &&
        files.every((file) => {
            const lock = v.safeParse(Lock, readJson(file));
            return lock.success && lock.output.hostname === hostname() && !isAlive(lock.output.pid, "pulumi");
        })
    );
}

function readJson(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return undefined;
    }
}

/** A look at the file saves asking Pulumi every time. */
function mayHavePendingOperations({ backend, projectName, stack }: StackPlace): boolean {
    const directory = join(backend, ".pulumi", "stacks", projectName);
    try {
        return readFileSync(join(directory, `${stack}.json`), "utf8").includes('"pending_operations"');
    } catch {
        return false;
    }
}

interface Leftover {
    readonly kind: "container" | "network";
    readonly name: string;
    /** Ids of the state: what has one of these is no leftover. */
    readonly known: ReadonlySet<string>;
}

/** Docker objects whose making was interrupted. Volumes are not among them: making one again is harmless, removing one is not. */
export function leftovers({ deployment }: Exported): readonly Leftover[] {
    const known = new Set(deployment.resources.flatMap(({ id }) => (id === undefined ? [] : [id])));
    return deployment.pending_operations.flatMap(({ type, resource }): readonly Leftover[] => {
        const kind = /^docker:index\/(container|network):/.exec(resource.type)?.[1];
        const name = resource.inputs?.name;
        if (type !== "creating" || typeof name !== "string") return [];
        return kind === "container" || kind === "network" ? [{ kind, name, known }] : [];
    });
}

async function removeLeftover(
    { kind, name, known }: Leftover,
    environment: Record<string, string>,
    say: (text: string) => void,
): Promise<void> {
    const found = await attempt("docker", [kind, "inspect", name, "--format", "{{.Id}}"], { environment });
    const id = found.stdout.trim();
    if (!found.ok || id === "" || known.has(id)) return;
    await run("docker", [kind, "rm", ...(kind === "container" ? ["--force"] : []), id], { environment });
    say(`Removed the ${kind} ${name}: the last command was killed while it made it.`);
}
