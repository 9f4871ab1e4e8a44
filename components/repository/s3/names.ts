/** How the names of keys of KMS end. */
export const KMS_KEY = "-kms";

const LONGEST = 63;
const SUFFIX = 9;

/**
 * The name of a bucket that the program makes: readable, and with a random end because names of buckets are unique in the world.
 * @param random eight hexadecimal digits
 */
export function bucketName(name: string, stack: string, repository: string, random: string): string {
    const readable = `${name}-${stack}-${repository}`
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]+/g, "-")
        .slice(0, LONGEST - SUFFIX)
        .replace(/^-+|-+$/g, "");
    return `${readable}-${random}`;
}

/** The longest name of a user that IAM takes. */
const LONGEST_USER = 64;

/**
 * The name of the user of a reader: that of the bucket, shortened where it must be, with the reader before its random end.
 * @param bucket as `bucketName` made it
 */
export function readerName(bucket: string, reader: string): string {
    const end = `-reader-${reader}${bucket.slice(-SUFFIX)}`;
    return `${bucket.slice(0, -SUFFIX).slice(0, LONGEST_USER - end.length)}${end}`;
}

/** Names of resources of a reader, from the repository's own. */
export function readerPart(repository: string, reader: string): string {
    return `${repository}-reader-${reader}`;
}
