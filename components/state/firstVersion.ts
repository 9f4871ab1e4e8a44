import * as v from "valibot";

const text = v.string();
const number = v.number();
const texts = v.record(v.string(), v.string());

// What release 0.1.0 wrote, without a number, is in the states of stacks that are up: it is read for ever, so nothing here changes.
// Later versions (description.ts) are built on it.

export const firstRepository = v.object({
    name: text,
    type: text,
    /** Volume, directory, or endpoint and bucket: where it is, for people. With `path` it is what makes it this repository. */
    place: text,
    /** Path in a bucket; of a local repository only where the containers see it. */
    path: text,
    /** How a server is reached, without credentials, as `key=value` with blanks between; empty for a local one. */
    access: text,
    /** `none`, `generated for NAME`, or the fingerprint of the passphrase. */
    encryption: text,
    /** Fingerprint of the credentials; empty where there are none. */
    credentials: text,
    /** For how many days a bucket of ours refuses deletion; 0: not at all. */
    lockDays: number,
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

export const firstVersion = v.object({
    /** Of the fingerprints. */
    salt: text,
    name: text,
    /** Empty: the one that the docker command uses. */
    dockerHost: text,
    /** Hash of what it is built from, or the name of a given one. */
    image: text,
    stanza: text,
    protect: v.boolean(),
    repositories: v.array(firstRepository),
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
        restartSettings: texts,
        reloadSettings: texts,
    }),
    backup: v.object({
        /** MiB */
        memory: number,
        cpus: number,
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

export type First = v.InferOutput<typeof firstVersion>;
export type FirstRepository = First["repositories"][number];

/** In the first version one kind was on the Docker host itself. */
export function isLocal({ type }: Pick<FirstRepository, "type">): boolean {
    return type === "posix";
}

/** The first version says in words alone whether a stack makes a bucket. */
export function isMade({ place }: Pick<FirstRepository, "place">): boolean {
    return place.startsWith("bucket that this stack makes");
}
