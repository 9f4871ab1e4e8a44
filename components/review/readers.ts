import { READER } from "../repository/s3/describe";
import type { RepositoryDescription } from "../state/description";
import { type Consequence, note, warning } from "./consequence";

/** What it means that others may read what is in the bucket of a repository, or may no longer. */
export function readerConsequences(
    { bucket: old }: RepositoryDescription,
    { name, bucket }: RepositoryDescription,
): Consequence[] {
    const made = namesIn(bucket).filter((reader) => old[`${READER}${reader}`] === undefined);
    const gone = namesIn(old).filter((reader) => bucket[`${READER}${reader}`] === undefined);
    return [
        ...made.map((reader) =>
            note(
                `reader ${reader} of repository ${name} is made: a user whose key can read it and nothing else, in the output readers.`,
            ),
        ),
        ...gone.map((reader) =>
            warning(
                `reader ${reader} of repository ${name} goes: its user and key are deleted, and who reads with them no longer can. Nothing in the repository changes.`,
            ),
        ),
    ];
}

function namesIn(bucket: Readonly<Record<string, string>>): string[] {
    return Object.keys(bucket)
        .filter((key) => key.startsWith(READER))
        .map((key) => key.slice(READER.length));
}
