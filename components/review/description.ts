import * as v from "valibot";
import { isRecord } from "../fields";
import type { Recorded } from "../recorded";
import { firstRepository, firstVersion, fromFirstVersion, isLocal, isMade } from "./firstVersion";

const text = v.string();
const texts = v.record(v.string(), v.string());

/**
 * The version that this program writes. It reads all that ever were. What has been released is only added to: a new field goes into the
 * version that is not released yet, and each way from an older one (`readDescription`) says what it was there. After a release the next
 * field begins the next version, with a way from this one.
 */
export const VERSION = 2;

const repository = v.pipe(
    v.object({
        ...firstRepository.entries,
        /** How a server is reached, without credentials, by setting. */
        access: texts,
        /** What else is wanted of a bucket of ours. */
        bucket: texts,
        /** On the Docker host itself? There `path` says nothing about what is in it. */
        local: v.optional(v.boolean()),
        /** Does the stack make its place? */
        made: v.optional(v.boolean()),
    }),
    // Earlier ones of this version say it by the type and in words.
    v.transform((repository) => ({
        ...repository,
        local: repository.local ?? isLocal(repository),
        made: repository.made ?? isMade(repository),
    })),
);

const description = v.object({
    ...firstVersion.entries,
    version: v.literal(VERSION),
    /** Of another set-up; empty: the stack's own. */
    dataVolume: text,
    repositories: v.array(repository),
    postgres: v.object({
        ...firstVersion.entries.postgres.entries,
        /** Seconds for a clean end when Docker stops it. */
        stopTimeout: v.number(),
    }),
    backup: v.object({
        ...firstVersion.entries.backup.entries,
        /** Seconds */
        stopTimeout: v.number(),
    }),
});

/**
 * What a stack is, as far as its changes have consequences: plain values without a secret, part of the stack's outputs, so that the next
 * preview can tell what the difference means.
 */
export type Description = v.InferOutput<typeof description>;
export type RepositoryDescription = Description["repositories"][number];
export type Schedules = Description["schedules"];

/** Something is deployed, and what it is cannot be told. */
export class Unreadable {
    constructor(
        /** In half a sentence, with what to do. */
        readonly why: string,
        /** Does it say at least that it is protected? */
        readonly protect: boolean,
    ) {}
}

/**
 * A description from the stack's outputs, as of this version.
 * @param state what it comes from: an older one leaves to it what it does not say
 */
export function readDescription(output: unknown, state: readonly Recorded[]): Description | Unreadable {
    const written = isRecord(output) ? output : {};
    const protect = written["protect"] === true;
    const { version = 1 } = written;
    if (typeof version === "number" && version > VERSION)
        return new Unreadable(
            `a newer version of this program deployed it (its description is version ${version}, and this one reads up to ${VERSION}): use that one`,
            protect,
        );
    const result = v.safeParse(description, version === 1 ? upgraded(output, state) : output);
    return result.success
        ? result.output
        : new Unreadable("its description in the stack's outputs is missing or damaged", protect);
}

function upgraded(output: unknown, state: readonly Recorded[]): Description | undefined {
    const first = v.safeParse(firstVersion, output);
    const known = first.success ? fromFirstVersion(first.output, state) : undefined;
    return known === undefined ? undefined : { ...known, version: VERSION };
}

/** Do two plain values say the same? The order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
    return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value)
        .map(([key, item]: [string, unknown]): [string, unknown] => [key, sorted(item)])
        .sort(([x], [y]) => (x < y ? -1 : 1));
}
