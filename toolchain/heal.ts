// What a killed `pulumi up` leaves behind, and every later command would fail on: a lock that nobody holds, and objects that
// were being made when it died, so that they exist in Docker but not in the state.
import { readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { isAlive } from "./processes";
import { attempt, run } from "./run";
import { checkpointFile, filesIn, lockDirectory, readObject, type StateFiles } from "./stateFiles";

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

export interface StackPlace extends StateFiles {
    /** Directory of the project. */
    readonly project: string;
    readonly environment: Record<string, string>;
}

/** Puts right what the last command left when it was killed; says what it did, and whether it did. Cheap when there is nothing. */
export async function heal(place: StackPlace, say: (text: string) => void): Promise<boolean> {
    const pulumi = async (args: readonly string[], input?: string): Promise<string> =>
        run("pulumi", [...args, "--stack", place.stack, "--non-interactive"], {
            cwd: place.project,
            environment: place.environment,
            ...(input === undefined ? {} : { input }),
        });
    const locked = await hasStaleLock(place);
    if (locked) {
        await pulumi(["cancel", "--yes"]);
        say("The last command was killed while it held the lock of the stack: unlocked.");
    }
    // Someone else's command that runs has pending operations as well.
    if (lockFiles(place).length > 0 || !mayHavePendingOperations(place)) return locked;
    const exported = v.parse(Exported, JSON.parse(await pulumi(["stack", "export"])));
    if (exported.deployment.pending_operations.length === 0) return locked;
    for (const leftover of leftovers(exported)) await removeLeftover(leftover, place.environment, say);
    exported.deployment.pending_operations = [];
    await pulumi(["stack", "import"], JSON.stringify(exported));
    say("The last command was killed while it changed resources: this one carries on.");
    return true;
}

/** Also one that is not whole, whatever its name: the backend counts it as a lock, and cannot read it. */
function lockFiles(place: StackPlace): readonly string[] {
    return filesIn(lockDirectory(place)).filter((file) => !file.endsWith(".attrs"));
}

/** Is the stack locked, by processes of this machine only, that are all dead? */
export async function hasStaleLock(place: StackPlace): Promise<boolean> {
    for (;;) {
        const holders = lockFiles(place).map(holderOf);
        if (!holders.includes("begins")) return holders.length > 0 && !holders.includes("lives");
        await sleep(250);
    }
}

/** Milliseconds after which nobody is still writing the few bytes of a lock. */
const WRITING = 3000;

function holderOf(file: string): "lives" | "dead" | "begins" {
    const lock = v.safeParse(Lock, readObject(file));
    if (lock.success)
        return lock.output.hostname === hostname() && !isAlive(lock.output.pid, "pulumi") ? "dead" : "lives";
    const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return modified !== undefined && Math.abs(Date.now() - modified) < WRITING ? "begins" : "dead";
}

/** A look at the file saves asking Pulumi every time. */
function mayHavePendingOperations(place: StackPlace): boolean {
    try {
        return readFileSync(checkpointFile(place), "utf8").includes('"pending_operations"');
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
