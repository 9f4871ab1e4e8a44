/**
 * What stores say that let nothing be overwritten or deleted for a time: Azure's immutability policies (409), Google's retention policies
 * (403), other S3 servers' WORM. It reads like a right that is missing. pgBackRest does not support them (pgbackrest issues 2084, 2354,
 * 2795): it writes its lists anew with each backup.
 */
const ANSWERS = [
    "BlobImmutableDueToPolicy",
    "BlobImmutableDueToLegalHold",
    "retentionPolicyNotMet",
    "objectUnderActiveHold",
    "ObjectLocked",
    "WORM protected",
];

const MEANING =
    "it lets nothing be overwritten or deleted for a time (an immutability or retention policy, WORM), but pgBackRest writes its lists anew with each " +
    "backup: let the bucket or container keep versions, and lock those (lock of a bucket that the stack makes, version-level immutability at Azure, " +
    "a retention policy with object versioning at Google), or lift the policy";

/** For each part of an answer, what it means. */
export const IMMUTABLE: Readonly<Record<string, string>> = Object.fromEntries(
    ANSWERS.map((answer) => [answer, MEANING]),
);
