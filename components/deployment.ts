import * as pulumi from "@pulumi/pulumi";
import { type Description, readDescription } from "./consequences/description";
import type { OtherStack } from "./consequences/refusals";
import { isMade } from "./consequences/repositories";
import { type Inventory, inventory } from "./inventory";
import { UserError } from "./problems";

/** What the last good `up` of this stack put in force. */
export interface Deployment {
    /** Which configuration: the hash of all that the setup container gets. */
    readonly revision: string;
    /** Which run of the one-shot containers published it. */
    readonly attempt: string;
    /** CPUs of what the settings left open at the first `up`; nothing when an earlier release deployed it. */
    readonly defaultCpus?: number;
    /** What it is, for the next preview to compare with; nothing when another version of the program deployed it. */
    readonly description: Description | undefined;
}

/** Where the adopt container has a volume of the stack, in which it remembers what it has done. */
export const ADOPTION_MEMORY = "/adopted";

export interface Adoption {
    /** Which run of the adopt container did it. */
    readonly attempt: string;
    /** Names of the volumes, unsorted. */
    readonly volumes: readonly string[];
}

/** What this stack's state knows of earlier commands. */
export interface History {
    /** Nothing in a new stack. */
    readonly deployment: Deployment | undefined;
    /** Whether a one-shot container of the state has failed, in an `up` after the last good one. */
    readonly failed: boolean;
    /** What is on the Docker engine. */
    readonly inventory?: Inventory;
    /** What has been taken over of another set-up, whatever became of the rest of that `up`. */
    readonly adoption?: Adoption;
    /** Names of the passphrases that were generated for repositories, also for those that are no longer declared. */
    readonly passphrases?: readonly string[];
}

/** How the names of those resources end. */
export const PASSPHRASE = "-passphrase";

/**
 * Reads the state of the stack that runs. Its outputs alone do not tell of a failure: an `up` that fails leaves those of the last
 * good one.
 */
export async function readHistory(): Promise<History> {
    // The engine writes the state of a file backend while the program starts, and a read in between fails on half of it.
    for (let attempt = 1; attempt < READS; attempt++) {
        const resources = await resourcesOf(pulumi.getStack()).catch(() => undefined);
        if (resources !== undefined) return history(resources);
        await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
    return history(await resourcesOf(pulumi.getStack()));
}

const READS = 4;

/** Reads what other stacks of this project are. They must be there and have been brought up once: a typing mistake would protect nothing. */
export async function readOthers(stacks: readonly string[]): Promise<OtherStack[]> {
    return Promise.all(
        stacks.map(async (stack) => {
            const resources = await resourcesOf(stack).catch(() => undefined);
            const description = history(resources).deployment?.description;
            if (description !== undefined) return { stack, description: withBuckets(description, resources) };
            throw new UserError([
                `pgbackrest:otherStacks: stack ${stack} of this project cannot be read, or was never brought up by this version: correct the name, or take it out`,
            ]);
        }),
    );
}

/** Another stack can name the buckets that this one has made: here they get their names. */
export function withBuckets(description: Description, resources: unknown): Description {
    const all = isRecord(resources) ? Object.values(resources).filter(isRecord) : [];
    const outputs = all.find(({ type }) => type === "pulumi:pulumi:Stack")?.["outputs"];
    const told = isRecord(outputs) && Array.isArray(outputs["repositories"]) ? outputs["repositories"] : [];
    const locations = new Map(told.filter(isRecord).map(({ name, location }) => [name, String(location)]));
    return {
        ...description,
        repositories: description.repositories.map((repository) => {
            const place = /^bucket \S+ at \S+(?=, path )/.exec(locations.get(repository.name) ?? "")?.[0];
            return isMade(repository) && place !== undefined ? { ...repository, place } : repository;
        }),
    };
}

async function resourcesOf(stack: string): Promise<unknown> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
    const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
        stackName,
    });
    return isRecord(answer) ? answer["outputs"] : undefined;
}

/** @param resources what the engine tells of the resources of a state: type and outputs by URN */
export function history(resources: unknown): History {
    let deployment: Deployment | undefined;
    let failed = false;
    let adoption: Adoption | undefined;
    const passphrases: string[] = [];
    for (const [urn, resource] of isRecord(resources) ? Object.entries(resources) : []) {
        if (!isRecord(resource) || !isRecord(resource["outputs"])) continue;
        const { type, outputs } = resource;
        if (type === "pulumi:pulumi:Stack")
            deployment = readDeployment(outputs["deployment"], outputs["description"]);
        if (
            type === "docker:index/container:Container" &&
            outputs["attach"] === true &&
            outputs["exitCode"] !== 0
        )
            failed = true;
        adoption ??= readAdoption(outputs);
        if (type === "random:index/randomPassword:RandomPassword" && urn.endsWith(PASSPHRASE))
            passphrases.push(urn.slice(urn.lastIndexOf("::") + 2));
    }
    return {
        deployment,
        failed,
        inventory: inventory(resources),
        ...(adoption === undefined ? {} : { adoption }),
        ...(passphrases.length === 0 ? {} : { passphrases }),
    };
}

/** What an adopt container has done, from its outputs; nothing when it is another container or has failed. */
function readAdoption({ name, exitCode, envs, mounts }: Record<string, unknown>): Adoption | undefined {
    if (typeof name !== "string" || !name.endsWith("-adopt") || exitCode !== 0) return undefined;
    if (!Array.isArray(envs) || !Array.isArray(mounts)) return undefined;
    const attempt = envs.map(String).find((entry) => entry.startsWith("ATTEMPT="));
    return {
        attempt: attempt?.slice("ATTEMPT=".length) ?? "",
        volumes: mounts
            .filter(isRecord)
            .filter(({ target }) => target !== ADOPTION_MEMORY)
            .map(({ source }) => String(source)),
    };
}

function readDeployment(output: unknown, description: unknown): Deployment | undefined {
    if (!isRecord(output)) return undefined;
    const { revision, attempt, defaultCpus } = output;
    return typeof revision === "string" && typeof attempt === "string"
        ? {
              revision,
              attempt,
              ...(typeof defaultCpus === "number" ? { defaultCpus } : {}),
              description: readDescription(description),
          }
        : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}

/**
 * The attempt of an `up` that wants `revision`: the previous one when that is in force, so that nothing runs again; a new one
 * otherwise. Without it a one-shot that failed would stay failed in the state, with unchanged inputs, at every later `up`.
 */
export function attemptFor(revision: string, { deployment, failed }: History, now: Date): string {
    return deployment?.revision === revision && !failed ? deployment.attempt : now.toISOString();
}
