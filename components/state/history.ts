import * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import type { DatabaseVolumes } from "../docker/names";
import { PLACES } from "../docker/places";
import { type Description } from "./description";
import { readDescription, Unreadable } from "./readDescription";
import { type Inventory, inventory } from "./inventory";
import { UserError } from "../problems";
import { PASSPHRASE } from "../repository/encryption";
import { KMS_KEY } from "../repository/s3/names";
import { readResources } from "./engineState";
import { isRecord } from "../fields";
import { Moves } from "./moves";
import { type Recorded, recorded, stackOutputs } from "./recorded";

/** What the last good `up` of this stack put in force. */
export interface Deployment {
    /** Which configuration: the hash of all that the setup container gets. */
    readonly revision: string;
    /** Which run of the one-shot containers published it. */
    readonly attempt: string;
    /** CPUs of what the settings left open at the first `up`; nothing when an earlier release deployed it. */
    readonly defaultCpus?: number;
    /** The last times that PostgreSQL moved to other data, oldest first. */
    readonly moves?: Moves;
}

/** A restore that has ended well. */
export interface DoneRestore {
    /** Which run of its container did it. */
    readonly attempt: string;
    /** What was wanted, as that was given to it. */
    readonly wish: string;
}

export interface Adoption {
    /** Which run of the adopt container did it. */
    readonly attempt: string;
    /** Names of the volumes, unsorted. */
    readonly volumes: readonly string[];
}

/** Another stack, and what it is. */
export interface OtherStack {
    readonly stack: string;
    readonly description: Description;
}

/** What this stack's state knows of earlier commands. */
export interface History {
    /** Nothing in a new stack. */
    readonly deployment: Deployment | undefined;
    /** What it is, for a preview to compare with; nothing in a new stack only. */
    readonly description?: Description | Unreadable;
    /** Whether a one-shot container of the state has failed, in an `up` after the last good one. */
    readonly failed: boolean;
    /** What is on the Docker engine. */
    readonly inventory?: Inventory;
    /** What has been taken over of another set-up, whatever became of the rest of that `up`. */
    readonly adoption?: Adoption;
    /** The restore that ran last, if it has ended well. */
    readonly restore?: DoneRestore;
    /** Names of the passphrases that were generated for repositories, also for those that are no longer declared. */
    readonly passphrases?: readonly string[];
    /** Names of the keys of KMS that were made for buckets. */
    readonly kmsKeys?: readonly string[];
    /** Names of the volumes that PostgreSQL had after the last good `up`. */
    readonly volumes?: DatabaseVolumes;
}

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

/** Reads what other stacks of this project are. Each must have been brought up once: a misspelt name would protect nothing. */
export async function readOthers(stacks: readonly string[]): Promise<OtherStack[]> {
    return Promise.all(
        stacks.map(async (stack) => {
            const resources = await resourcesOf(stack).catch(() => []);
            const { description } = history(resources);
            if (description !== undefined && !(description instanceof Unreadable))
                return { stack, description: withBuckets(description, resources) };
            throw new UserError([
                `pgbackrest:otherStacks: stack ${stack} of this project ${
                    description === undefined
                        ? "cannot be read, or was never brought up: correct the name"
                        : `cannot be compared with: ${description.why}. Bring it up with this version once`
                }, or take it out`,
            ]);
        }),
    );
}

/** Another stack can name the buckets that this one has made: here they get their names. */
export function withBuckets(description: Description, resources: readonly Recorded[]): Description {
    const told = stackOutputs(resources)["repositories"];
    const locations = new Map(
        (Array.isArray(told) ? told : [])
            .filter(isRecord)
            .map(({ name, location }) => [name, String(location)]),
    );
    return {
        ...description,
        repositories: description.repositories.map((repository) => {
            const place = /^bucket \S+ at \S+(?=, path )/.exec(locations.get(repository.name) ?? "")?.[0];
            return repository.made && place !== undefined ? { ...repository, place } : repository;
        }),
    };
}

async function resourcesOf(stack: string): Promise<Recorded[]> {
    const answer = await readResources(`${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`);
    return isRecord(answer) ? recorded(answer["outputs"]) : [];
}

export function history(resources: readonly Recorded[]): History {
    const { deployment, description, volumes } = stackOutputs(resources);
    const adoption = resources
        .map(({ outputs }) => readAdoption(outputs))
        .find((found) => found !== undefined);
    const restore = resources.map(({ outputs }) => readRestore(outputs)).find((found) => found !== undefined);
    const named = (type: string, suffix: string): string[] =>
        resources.filter((one) => one.type === type && one.name.endsWith(suffix)).map(({ name }) => name);
    const passphrases = named("random:index/randomPassword:RandomPassword", PASSPHRASE);
    const kmsKeys = named("aws:kms/key:Key", KMS_KEY);
    return {
        deployment: readDeployment(deployment),
        failed: resources.some(
            ({ type, outputs }) =>
                type === "docker:index/container:Container" &&
                outputs["attach"] === true &&
                outputs["exitCode"] !== 0,
        ),
        inventory: inventory(resources),
        ...(deployment === undefined && description === undefined
            ? {}
            : { description: readDescription(description, resources) }),
        ...(adoption === undefined ? {} : { adoption }),
        ...(restore === undefined ? {} : { restore }),
        ...(passphrases.length === 0 ? {} : { passphrases }),
        ...(kmsKeys.length === 0 ? {} : { kmsKeys }),
        ...readVolumes(volumes),
    };
}

/** What an adopt container has done, from its outputs; nothing when it is another container or has failed. */
function readAdoption({ name, exitCode, envs, mounts }: Record<string, unknown>): Adoption | undefined {
    if (typeof name !== "string" || !name.endsWith("-adopt") || exitCode !== 0) return undefined;
    if (!Array.isArray(envs) || !Array.isArray(mounts)) return undefined;
    return {
        attempt: variable(envs, "ATTEMPT"),
        volumes: mounts
            .filter(isRecord)
            .filter(({ target }) => target !== PLACES.adoption)
            .map(({ source }) => String(source)),
    };
}

/** The same of a restore container. */
function readRestore({ name, exitCode, envs }: Record<string, unknown>): DoneRestore | undefined {
    if (typeof name !== "string" || !name.endsWith("-restore") || exitCode !== 0) return undefined;
    if (!Array.isArray(envs)) return undefined;
    return { attempt: variable(envs, "ATTEMPT"), wish: variable(envs, "RESTORE") };
}

/** Of `NAME=value`. */
function variable(envs: readonly unknown[], name: string): string {
    const entry = envs.map(String).find((text) => text.startsWith(`${name}=`));
    return entry?.slice(name.length + 1) ?? "";
}

function readDeployment(output: unknown): Deployment | undefined {
    if (!isRecord(output)) return undefined;
    const { revision, attempt, defaultCpus } = output;
    if (typeof revision !== "string" || typeof attempt !== "string") return undefined;
    const moves = v.safeParse(Moves, output["moves"]);
    return {
        ...{ revision, attempt },
        ...(typeof defaultCpus === "number" ? { defaultCpus } : {}),
        ...(moves.success && moves.output.length > 0 ? { moves: moves.output } : {}),
    };
}

function readVolumes(output: unknown): { readonly volumes?: DatabaseVolumes } {
    if (!isRecord(output)) return {};
    const { data, spool } = output;
    return typeof data === "string" && typeof spool === "string" ? { volumes: { data, spool } } : {};
}

/**
 * The attempt of an `up` that wants `revision`: the previous one when that is in force, so that nothing runs again; a new one
 * otherwise. Without it a one-shot that failed would stay failed in the state, with unchanged inputs, at every later `up`.
 */
export function attemptFor(revision: string, { deployment, failed }: History, now: Date): string {
    return deployment?.revision === revision && !failed ? deployment.attempt : now.toISOString();
}

/** The same of a restore: the previous one where what is wanted is done. */
export function restoreAttempt(wish: unknown, { restore }: Pick<History, "restore">, now: Date): string {
    return restore?.wish === JSON.stringify(wish) ? restore.attempt : now.toISOString();
}
