/**
 * What is wrong with the name of an S3 bucket, by the rules of Amazon; nothing when it is good.
 * @param verifiedHost the bucket is part of the host's name, which the server's certificate must have
 */
export function checkS3Bucket(name: string, verifiedHost: boolean): string | undefined {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || /\.\.|\.-|-\./.test(name))
        return "3 to 63 lower case letters, digits, - and ., with a letter or a digit at both ends";
    if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "no IP address";
    // src/config/load.c
    if (name.includes(".") && verifiedHost)
        return "a name without dots, or uriStyle path: a TLS certificate for *.HOST does not cover BUCKET.WITH.DOTS.HOST, so pgBackRest refuses it while it verifies certificates";
    return undefined;
}

/** What is wrong with the name of a bucket of Google Cloud Storage. */
export function checkGcsBucket(name: string): string | undefined {
    if (
        !/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name) ||
        name.split(".").some((part) => part.length > 63)
    )
        return "3 to 63 lower case letters, digits, -, _ and ., with a letter or a digit at both ends";
    if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "no IP address";
    return name.startsWith("goog") || name.includes("google")
        ? "a name without google, and not starting with goog"
        : undefined;
}
