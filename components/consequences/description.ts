import * as v from "valibot";

const text = v.string();
const number = v.number();
const texts = v.record(v.string(), v.string());

const repository = v.object({
    name: text,
    type: text,
    /** Volume, directory, or endpoint and bucket: where it is, for people. With `path` it is what makes it this repository. */
    place: text,
    /** Path in a bucket; of a local repository only where the containers see it. */
    path: text,
    /** How a server is reached, without credentials; empty for a local one. */
    access: text,
    /** `none`, `generated for NAME`, or the fingerprint of the passphrase. */
    encryption: text,
    /** Fingerprint of the credentials; empty where there are none. */
    credentials: text,
    /** For how many days a bucket of ours refuses deletion; 0: not at all. */
    lockDays: number,
    /** What else is wanted of a bucket of ours. */
    bucket: texts,
    retention: v.object({
        /** Number, or days with `fullType` time; 0: for ever. */
        full: number,
        fullType: v.picklist(["count", "time"]),
        /** 0: as long as the full backup. */
        diff: number,
        /** WAL for so many backups of `archiveType`; 0: for all. */
        archive: number,
        archiveType: v.picklist(["full", "diff", "incr"]),
    }),
    bundle: v.boolean(),
    block: v.boolean(),
});

const description = v.object({
    /** Of the fingerprints. */
    salt: text,
    name: text,
    /** Empty: the one that the docker command uses. */
    dockerHost: text,
    /** Hash of what it is built from, or the name of a given one. */
    image: text,
    stanza: text,
    /** Of another set-up; empty: the stack's own. */
    dataVolume: text,
    protect: v.boolean(),
    repositories: v.array(repository),
    /** What PostgreSQL and the backup service have mounted, or in their environment, for the repositories. */
    wiring: v.array(text),
    compression: v.object({ type: text, level: text }),
    archiving: v.object({ async: v.boolean(), queueMax: text }),
    /** All options of pgBackRest that are set, as `[section] name`. */
    options: texts,
    /** Five cron fields each; empty: never. */
    schedules: v.object({ full: text, diff: text, incr: text, verify: text, timezone: text }),
    postgres: v.object({
        /** `address:port`; empty: not published. */
        port: text,
        /** MiB */
        memory: number,
        cpus: number,
        /** MiB */
        shm: number,
        /** Seconds for a clean end when Docker stops it; 10 where none was set. */
        stopTimeout: v.optional(number, 10),
        restartSettings: texts,
        reloadSettings: texts,
    }),
    backup: v.object({
        /** MiB */
        memory: number,
        cpus: number,
        /** Seconds */
        stopTimeout: v.optional(number, 10),
    }),
    /** Fingerprint of certificate and key; empty: no TLS. */
    tls: text,
    /** Hash of the file; empty: none. */
    initSql: text,
    application: v.object({
        database: text,
        role: text,
        /** Fingerprint, or `generated`. */
        password: text,
    }),
    waiting: v.object({
        /** What a green `up` waits for. */
        waitFor: text,
        /** Minutes */
        waitTimeout: number,
    }),
});

/**
 * What a stack is, as far as its changes have consequences: plain values without a secret, part of the stack's outputs, so that the next
 * preview can tell what the difference means.
 */
export type Description = v.InferOutput<typeof description>;
export type RepositoryDescription = Description["repositories"][number];
export type Schedules = Description["schedules"];

/** A description from the stack's outputs; nothing when another version of the program wrote something else there. */
export function readDescription(output: unknown): Description | undefined {
    const result = v.safeParse(description, output);
    return result.success ? result.output : undefined;
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
