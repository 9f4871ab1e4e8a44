import * as v from "valibot";
import { isRecord } from "../fields";
import { type Recorded, stackOutputs } from "../recorded";
import type { Description } from "./description";

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

type First = v.InferOutput<typeof firstVersion>;
type FirstRepository = First["repositories"][number];

/** What neither an older description nor the state beside it says. */
export const UNKNOWN = "unknown";

/** What the first version does not say is in the state that it comes from. Nothing when that is damaged. */
export function fromFirstVersion(
    first: First,
    state: readonly Recorded[],
): Omit<Description, "version"> | undefined {
    const { volumes } = stackOutputs(state);
    const data = isRecord(volumes) ? volumes["data"] : undefined;
    if (typeof data !== "string") return undefined;
    const setup = state.find(({ name }) => name === `${first.name}-setup`)?.outputs;
    return {
        ...first,
        // Docker's own, where nobody says another.
        postgres: { ...first.postgres, stopTimeout: 10 },
        backup: { ...first.backup, stopTimeout: 10 },
        dataVolume: data === `${first.name}-postgres-data` ? "" : data,
        repositories: first.repositories.map((repository, index) => ({
            ...repository,
            access: accessOf(repository, index + 1, setup?.["envs"]),
            bucket: isMade(repository) ? bucketOf(`${first.name}-${repository.name}`, state) : {},
            local: isLocal(repository),
            made: isMade(repository),
            retention: retentionOf(repository.retention),
        })),
    };
}

/** In the first version one kind was on the Docker host itself. */
export function isLocal({ type }: Pick<FirstRepository, "type">): boolean {
    return type === "posix";
}

/** The first version says in words alone whether a stack makes a bucket. */
export function isMade({ place }: Pick<FirstRepository, "place">): boolean {
    return place.startsWith("bucket that this stack makes");
}

/** Without a number of its own, WAL that counts by diff backups follows their retention. */
function retentionOf(retention: FirstRepository["retention"]): FirstRepository["retention"] {
    const { archive, archiveType, diff } = retention;
    return { ...retention, archive: archive === 0 && archiveType === "diff" ? diff : archive };
}

/** @param envs variables of the setup container, which gets each option of a repository */
function accessOf({ access, type }: FirstRepository, number: number, envs: unknown): Record<string, string> {
    const parts = access
        .split(" ")
        .filter((part) => part.includes("="))
        .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)] as const);
    const told = (name: string): string | undefined => {
        if (!Array.isArray(envs)) return UNKNOWN;
        const prefix = `PGBACKREST_REPO${number}_${name}=`;
        return envs
            .map(String)
            .find((entry) => entry.startsWith(prefix))
            ?.slice(prefix.length);
    };
    const [key, value] =
        type === "s3"
            ? ["kmsKeyId", told("S3_KMS_KEY_ID")]
            : type === "gcs"
              ? ["userProject", told("GCS_USER_PROJECT")]
              : ["", undefined];
    return { ...Object.fromEntries(parts), ...(value === undefined ? {} : { [key]: value }) };
}

/** What a bucket that was made is like: the resources that belong to it say so. */
function bucketOf(prefix: string, state: readonly Recorded[]): Record<string, string> {
    const find = (suffix: string): Recorded["outputs"] | undefined =>
        state.find(({ name, type }) => name === `${prefix}-${suffix}` && type.startsWith("aws:"))?.outputs;
    const encryption = find("encryption");
    const lifecycle = find("lifecycle");
    return {
        versioning: find("versioning") === undefined ? "off" : "on",
        "mode of the lock": textAt(find("lock"), "rule", "defaultRetention", "mode")?.toLowerCase() ?? "none",
        kms:
            encryption === undefined
                ? UNKNOWN
                : find("kms") === undefined
                  ? (textAt(
                        encryption,
                        "rules",
                        "0",
                        "applyServerSideEncryptionByDefault",
                        "kmsMasterKeyId",
                    ) ?? "keys of S3")
                  : "a key of its own",
        noncurrentDays: lifecycle === undefined ? UNKNOWN : noncurrentDays(lifecycle["rules"]),
        makeRole: find("role") === undefined ? "none" : UNKNOWN,
    };
}

function noncurrentDays(rules: unknown): string {
    const rule = (Array.isArray(rules) ? rules : [])
        .filter(isRecord)
        .find(({ id }) => id === "remove-deleted-versions");
    return textAt(rule, "noncurrentVersionExpiration", "noncurrentDays") ?? "none";
}

/** The text or the number at a path in plain values. */
function textAt(value: unknown, ...path: readonly string[]): string | undefined {
    const at = (whole: unknown, key: string): unknown => {
        const list: readonly unknown[] = Array.isArray(whole) ? whole : [];
        return isRecord(whole) ? whole[key] : list[Number(key)];
    };
    const found = path.reduce(at, value);
    return (typeof found === "string" && found !== "") || typeof found === "number"
        ? String(found)
        : undefined;
}
