import * as v from "valibot";
import { canonical } from "../canonical";
import { firstRepository, firstVersion, isLocal, isMade } from "./firstVersion";

const text = v.string();
const texts = v.record(v.string(), v.string());

/**
 * The version that this program writes. It reads all that ever were. What has been released is only added to: a new field goes into the
 * version that is not released yet, and each way from an older one (readDescription.ts) says what it was there. After a release the next
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
        /** pgBackRest's; earlier ones counted them as they stood. */
        number: v.optional(v.number()),
        /** Its own, where they are not the stack's. */
        schedules: v.optional(firstVersion.entries.schedules),
    }),
    // Earlier ones of this version say it by the type and in words.
    v.transform((repository) => ({
        ...repository,
        local: repository.local ?? isLocal(repository),
        made: repository.made ?? isMade(repository),
    })),
);

/** What there was before there were drills, and where they are off. */
export const NO_DRILL = { schedule: "", heartbeat: 0, queries: {}, memory: 0, cpus: 0, repositories: {} };

/** What there was before there were metrics, and where they are off. */
export const NO_MONITORING = { metrics: false, published: "", tls: false, token: "", postgresql: false };

export const description = v.object({
    ...firstVersion.entries,
    version: v.literal(VERSION),
    /** Of another set-up; empty: the stack's own. */
    dataVolume: text,
    /** The volume of the data where that is one of a restore; empty: the first. */
    data: v.optional(text, ""),
    /** The restore that is declared, as JSON; empty: none. */
    restore: v.optional(text, ""),
    repositories: v.pipe(
        v.array(repository),
        v.transform((all) => all.map((one, index) => ({ ...one, number: one.number ?? index + 1 }))),
    ),
    postgres: v.object({
        ...firstVersion.entries.postgres.entries,
        /** Seconds for a clean end when Docker stops it. */
        stopTimeout: v.number(),
    }),
    backup: v.object({
        ...firstVersion.entries.backup.entries,
        /** Hash or name of its image; empty: that of PostgreSQL. */
        image: v.optional(text, ""),
        /** Seconds */
        stopTimeout: v.number(),
        /** Does it see what drills have found? */
        drills: v.optional(v.boolean(), false),
    }),
    /** How it is proven that backups restore; without a heartbeat not at all. */
    drill: v.optional(
        v.object({
            schedule: text,
            /** Seconds */
            heartbeat: v.number(),
            /** Each as JSON. */
            queries: texts,
            /** Seconds; nothing: any. */
            rto: v.optional(v.number()),
            rpo: v.optional(v.number()),
            memory: v.number(),
            cpus: v.number(),
            /** What repositories have of their own, whole: what is not there is as above. */
            repositories: v.optional(
                v.record(
                    text,
                    v.object({ schedule: text, rto: v.optional(v.number()), rpo: v.optional(v.number()) }),
                ),
                {},
            ),
        }),
        NO_DRILL,
    ),
    /** How the figures of the backup service are served. */
    monitoring: v.optional(
        v.object({
            metrics: v.boolean(),
            /** `address:port` on the Docker host; empty: in the stack's network only. */
            published: text,
            tls: v.boolean(),
            /** Its fingerprint; empty: none is wanted. */
            token: text,
            postgresql: v.optional(v.boolean(), false),
        }),
        NO_MONITORING,
    ),
    /** Who is told, by name: of what, and a fingerprint of the rest. */
    notify: v.optional(v.record(text, v.object({ events: text, rest: text })), {}),
    /**
     * Settings that nothing above has, by their value, where it is not the default. A new one is here without a change of this file, and
     * an older description, which has no word of it, means the default.
     */
    settings: v.optional(texts, {}),
});

/**
 * What a stack is, as far as its changes have consequences: plain values without a secret, part of the stack's outputs, so that the next
 * preview can tell what the difference means.
 */
export type Description = v.InferOutput<typeof description>;
export type RepositoryDescription = Description["repositories"][number];
export type Schedules = Description["schedules"];

/** Are any repositories drilled? */
export function hasDrills({ drill }: Pick<Description, "drill">): boolean {
    return drill.heartbeat > 0;
}

/** When a repository is drilled, empty where never, and what a drill of it may measure. */
export function drillOf({ drill }: Pick<Description, "drill">, name: string) {
    const { schedule, rto, rpo } = drill;
    return drill.repositories[name] ?? { schedule, rto, rpo };
}

/** When backups of a repository run. */
export function schedulesOf({ schedules }: Description, repository: RepositoryDescription): Schedules {
    return repository.schedules ?? schedules;
}

/** Do two plain values say the same? The order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
    return canonical(a) === canonical(b);
}
