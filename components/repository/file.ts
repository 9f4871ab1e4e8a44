/** A path in the published configuration; the setup container knows the directory. */
export function publishedFile(name: string): string {
    return `@REVISION@/files/${name}`;
}
