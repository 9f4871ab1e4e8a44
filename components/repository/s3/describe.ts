import { describeCloud } from "../cloud/describe";
import type { Described } from "../kind";
import type { Lifetime } from "../retention";
import { noncurrentDays } from "./lifetime";
import type { MadeBucket } from "./madeBucket";
import type { S3Credentials, S3Settings } from "./settings";

export function describeS3(
    repository: S3Settings,
    _volume: string,
    lifetime: Lifetime | undefined,
): Described {
    const { region, uriStyle, kmsKeyId, credentials, bucket } = repository;
    return {
        ...describeCloud(repository, { region, uriStyle, kmsKeyId }, [undefined, undefined, credentials]),
        ...(typeof bucket === "string"
            ? {}
            : { bucket: describeBucket(bucket, credentials, lifetime), lockDays: bucket.lock?.days ?? 0 }),
        wiring:
            credentials.keyType === "web-id"
                ? [`token ${credentials.tokenFile} for role ${String(credentials.role)}`]
                : [],
    };
}

function describeBucket(
    { versioning, lock, kms, noncurrentDays: given, role, readers }: MadeBucket,
    { keyType }: S3Credentials,
    lifetime: Lifetime | undefined,
): Record<string, string> {
    return {
        versioning: versioning ? "on" : "off",
        "mode of the lock": lock?.mode ?? "none",
        kms: kms === true ? OWN_KEY : (kms ?? "keys of S3"),
        noncurrentDays: versioning ? String(noncurrentDays(given, lifetime)) : "none",
        user: keyType === "made" ? "made" : "none",
        makeRole: role === undefined ? "none" : JSON.stringify(role),
        // Of those that are there, so that a description without them is as it was.
        ...Object.fromEntries(readers.map((name) => [`${READER}${name}`, "made"])),
    };
}

/** How the description calls who can read and nothing else, before the name. */
export const READER = "reader ";

/** How the description calls a key that the stack makes for the bucket. */
export const OWN_KEY = "a key of its own";
