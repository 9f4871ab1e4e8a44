// What is left of a stanza whose files are not all there: pgBackRest neither uses such a one nor makes it anew.

const isFileOf = (kind: "archive" | "backup", name: string): boolean => name.startsWith(`${kind}.info`);

/** What the two directories of a broken stanza hold. */
export interface Remains {
    /** Its files, in the repository, when nothing else is there: it is half made, and nothing is lost with them. */
    readonly lone: readonly string[];
    /** What is missing, what is left and what to do, when something would be lost. */
    readonly problem: string;
}

/**
 * @param archive names in `archive/STANZA`, where pgBackRest keeps the WAL
 * @param backup names in `backup/STANZA`
 * @returns nothing when the stanza is whole, or there is none
 */
export function remainsOf(
    stanza: string,
    archive: readonly string[],
    backup: readonly string[],
): Remains | undefined {
    const files = [
        ...archive.filter((name) => isFileOf("archive", name)).map((name) => `archive/${stanza}/${name}`),
        ...backup.filter((name) => isFileOf("backup", name)).map((name) => `backup/${stanza}/${name}`),
    ];
    const missing = (["archive", "backup"] as const).filter(
        (kind) => !files.some((file) => file.startsWith(`${kind}/`)),
    );
    const left = leftText(archive, backup);
    if (missing.length === 0 || (left === "" && files.length === 0)) return undefined;
    const lost = missing.map((kind) => `${kind}.info`).join(" and ");
    return left === ""
        ? { lone: files, problem: "" }
        : {
              lone: [],
              problem:
                  `${lost} of the stanza ${stanza} is missing in the repository, where there is ${left} left: put it back ` +
                  "(versions of the bucket, a snapshot of the volume), or give up what is left with acknowledge-loss.sh --delete in the backup container",
          };
}

/** `latest` is a link, and the next backup makes it anew. */
function leftText(archive: readonly string[], backup: readonly string[]): string {
    const rest = backup.filter((name) => !isFileOf("backup", name) && name !== "latest");
    const labels = rest.filter((name) => /^\d{8}-\d{6}F/.test(name));
    const texts = [
        labels.length > 0 ? `${labels.length} ${labels.length === 1 ? "backup" : "backups"}` : "",
        rest.length > labels.length ? "traces of earlier backups" : "",
        archive.some((name) => !isFileOf("archive", name)) ? "WAL segments" : "",
    ];
    return texts.filter((text) => text !== "").join(" and ");
}
