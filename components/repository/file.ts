/** The file with a repository's CA. It is no secret, and may be as long as the list of all CAs, for which an environment has no room. */
export function caFile(repository: string): string {
    return `${repository}-ca.crt`;
}

/** A path in the published configuration; the setup container knows the directory. */
export function publishedFile(name: string): string {
    return `@REVISION@/files/${name}`;
}
