import { isRecord } from "../fields";
import { type Description, NO_DRILL, NO_MONITORING } from "./description";
import { type First, type FirstRepository, isLocal, isMade } from "./firstVersion";
import { type Recorded, stackOutputs } from "./recorded";

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
        backup: { ...first.backup, image: "", stopTimeout: 10, drills: false },
        settings: {},
        drill: NO_DRILL,
        monitoring: NO_MONITORING,
        notify: {},
        ...{ data: "", restore: "" },
        dataVolume: data === `${first.name}-postgres-data` ? "" : data,
        repositories: first.repositories.map((repository, index) => ({
            ...repository,
            access: accessOf(repository, index + 1, setup?.["envs"]),
            bucket: isMade(repository) ? bucketOf(`${first.name}-${repository.name}`, state) : {},
            local: isLocal(repository),
            number: index + 1,
            made: isMade(repository),
            retention: retentionOf(repository.retention),
        })),
    };
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
        user: find("user") === undefined ? "none" : "made",
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
