import { OWN_KEY } from "../repository/s3/describe";
import { placeText } from "../repository/place";
import { counted } from "../schedule/calendar";
import { type Consequence, danger, note, warning } from "./consequence";
import type { Description, RepositoryDescription } from "../state/description";
import { UNKNOWN } from "../state/fromFirstVersion";
import type { LiveBackup } from "./live";
import { readerConsequences } from "./readers";
import { changes, changeText } from "./text";

/** The pairs that are one repository, before and after. */
export function continued(
    before: Description,
    after: Description,
): (readonly [RepositoryDescription, RepositoryDescription])[] {
    return after.repositories.flatMap((repository) => {
        const old = before.repositories.find((candidate) => placeText(candidate) === placeText(repository));
        return old === undefined ? [] : [[old, repository] as const];
    });
}

/** What it means that backups go elsewhere, nowhere, under another name, or are reached or stored in another way. */
export function repositoryConsequences(
    before: Description,
    after: Description,
    live?: readonly LiveBackup[],
): Consequence[] {
    return [
        ...placeConsequences(before, after, live),
        ...stanzaConsequences(before, after, live),
        ...continued(before, after).flatMap(([old, wanted]) => [
            ...encryptionConsequences(old, wanted),
            ...reachConsequences(old, wanted),
        ]),
    ];
}

function placeConsequences(
    before: Description,
    after: Description,
    live?: readonly LiveBackup[],
): Consequence[] {
    const has = (description: Description, repository: RepositoryDescription): boolean =>
        description.repositories.some((other) => placeText(other) === placeText(repository));
    const left = before.repositories.filter((repository) => !has(after, repository));
    const begun = after.repositories.filter((repository) => !has(before, repository));
    if (after.repositories.length === 0)
        return left.length === 0
            ? []
            : [
                  danger(
                      `the database is unprotected from now on: there is no repository any more, WAL is discarded and no backup is taken. ${fates(left)}`,
                  ),
              ];
    if (before.repositories.length === 0)
        return begun.map((repository) =>
            note(
                `backups begin in ${placeText(repository)}${encrypted(repository)}: a full one is taken at once, and until it ends ${howLong(live)} there is nothing to restore. What happened before cannot be restored.`,
            ),
        );
    const lines = begun.map((repository) =>
        left.length === 0
            ? note(
                  `repository ${repository.name} is new: ${placeText(repository)}${encrypted(repository)} starts empty and gets a full backup at once.`,
              )
            : danger(
                  `backups go to ${placeText(repository)}${encrypted(repository)} instead of ${left.map(placeText).join(" and ")}. The new place starts empty, but for what an earlier configuration left there, and a full backup is taken at once: until it ends ${howLong(live)} nothing can be restored from there. ${fates(left)}`,
              ),
    );
    if (begun.length === 0)
        lines.push(
            ...left.map((repository) =>
                danger(`repository ${repository.name} gets no more backups. ${fates([repository])}`),
            ),
        );
    return lines;
}

/** How long the first full backup takes, where the last one tells. */
function howLong(live: readonly LiveBackup[] | undefined): string {
    const last = live?.filter((backup) => backup.type === "full").at(-1);
    return last === undefined
        ? "(`up` waits for it, unless pgbackrest:waitFor is archiving)"
        : `(the last one took ${Math.max(1, last.stop - last.start)} s)`;
}

function encrypted({ local, encryption }: RepositoryDescription): string {
    return local ? "" : encryption === "none" ? ", not encrypted," : ", encrypted,";
}

/** What becomes of the backups in places that are left. */
function fates(left: readonly RepositoryDescription[]): string {
    return left.map((repository) => fate(repository)).join(" ");
}

function fate(repository: RepositoryDescription): string {
    const rest =
        "they no longer expire, and without the WAL since then they restore to the moment of this change at most, with the old configuration.";
    const passphrase = repository.encryption.startsWith("generated")
        ? " Their passphrase stays in the output passphrases."
        : "";
    return (
        (repository.made
            ? `The bucket of repository ${repository.name} was made by this stack, which deletes it now: that fails as long as the old backups are in it, and pgbackrest:protect forbids it. Until then ${rest}`
            : `The old backups stay in ${placeText(repository)}; ${rest}`) + passphrase
    );
}

function stanzaConsequences(
    before: Description,
    after: Description,
    live?: readonly LiveBackup[],
): Consequence[] {
    if (before.stanza === after.stanza) return [];
    const subject = `the stanza is called ${after.stanza} instead of ${before.stanza}`;
    if (continued(before, after).length === 0)
        return [note(`${subject}: backups and WAL are filed under that name.`)];
    return [
        danger(
            `${subject}: a new backup history begins beside the old one. A full backup is taken at once, and until it ends ${howLong(live)} the new stanza can restore nothing. The backups of ${before.stanza} stay in the repository, no longer expire, and are restored with --stanza=${before.stanza}.`,
        ),
    ];
}

function encryptionConsequences(old: RepositoryDescription, wanted: RepositoryDescription): Consequence[] {
    if (old.encryption === wanted.encryption) return [];
    // Refused as well; the words are for whoever compares two descriptions.
    return [
        danger(
            `the encryption of repository ${wanted.name} changes in place: nothing that is in it could be read any more.`,
        ),
    ];
}

function reachConsequences(old: RepositoryDescription, wanted: RepositoryDescription): Consequence[] {
    const { name } = wanted;
    const lines: Consequence[] = [];
    if (old.name !== wanted.name)
        lines.push(note(`repository ${old.name} is called ${name}: what is in it does not change.`));
    if (old.credentials !== wanted.credentials)
        lines.push(
            warning(
                `the credentials of repository ${name} change: setup proves the new ones before anything uses them, and refuses them otherwise. ${
                    old.made && wanted.made
                        ? "The old key is deleted when `up` has ended well, which waits until nothing uses it any more."
                        : "Keep the old ones valid until `up` has ended well: it waits until nothing uses them any more."
                }`,
            ),
        );
    const access = changes(old.access, wanted.access);
    if (access.length > 0)
        lines.push(
            note(
                `repository ${name} is reached in another way (${access.join(", ")}): setup proves it first.`,
            ),
        );
    // Another end of the life of a bucket of ours is told with its place.
    if (old.made && wanted.made)
        lines.push(...bucketConsequences(old, wanted), ...readerConsequences(old, wanted));
    if (old.lockDays !== wanted.lockDays)
        lines.push(
            (wanted.lockDays < old.lockDays ? warning : note)(
                `what is written to repository ${name} from now on cannot be deleted for ${wanted.lockDays} days (now ${old.lockDays}); what is there keeps its lock.`,
            ),
        );
    return lines;
}

/** What is asked of the bucket itself: what was deleted or overwritten in it is the last resort. */
function bucketConsequences(
    { bucket: old }: RepositoryDescription,
    wanted: RepositoryDescription,
): Consequence[] {
    const { name, bucket } = wanted;
    const changed = (key: string): boolean => old[key] !== bucket[key];
    const lines: Consequence[] = [];
    if (changed("versioning"))
        lines.push(
            bucket["versioning"] === "off"
                ? danger(
                      `the bucket of repository ${name} keeps no versions any more: what is deleted or overwritten from now on is gone at once, whoever does it.`,
                  )
                : note(`the bucket of repository ${name} keeps what is deleted or overwritten from now on.`),
        );
    const compliance = bucket["mode of the lock"] === "compliance" && wanted.lockDays > 0;
    if (changed("mode of the lock") && compliance)
        lines.push(
            warning(
                `what is written to repository ${name} from now on is locked in compliance mode: until it ends nobody can delete it, not even the owner of the account, and nobody can take that back.`,
            ),
        );
    lines.push(...kmsConsequences(name, old["kms"], bucket["kms"]));
    lines.push(...versionConsequences(name, old["noncurrentDays"], bucket["noncurrentDays"]));
    const rest = ["makeRole", ...(compliance ? [] : ["mode of the lock"])].filter(changed);
    if (rest.length > 0)
        lines.push(
            note(
                `the bucket of repository ${name} changes, for what is written from now on: ${rest.map((key) => changeText(key, old[key], bucket[key])).join(", ")}.`,
            ),
        );
    return lines;
}

/** A key of KMS that was given by its ARN: it is in nobody's hands here. */
export function isGivenKey(kms = ""): boolean {
    return kms.startsWith("arn:");
}

function kmsConsequences(name: string, old = UNKNOWN, wanted = ""): Consequence[] {
    if (old === wanted) return [];
    const subject = `what is written to the bucket of repository ${name} from now on is encrypted with ${wanted}`;
    if (old === UNKNOWN)
        return [
            warning(
                `${subject}; what it was encrypted with before is not known, and whoever restores needs that key too.`,
            ),
        ];
    if (isGivenKey(old))
        return [
            danger(
                `${subject} instead of ${old}, and the credentials of the repository lose the right to use that key: no backup until now, and no WAL, can be read with them.`,
            ),
        ];
    return [
        (old === OWN_KEY ? warning : note)(
            `${subject} instead of ${old}${old === OWN_KEY ? ", which stays as long as the bucket: all backups until now need it" : ""}.`,
        ),
    ];
}

/** How long deleted versions stay. Where none are kept, before or after, the versioning says it. */
function versionConsequences(name: string, old = UNKNOWN, wanted = ""): Consequence[] {
    const [from, to] = [Number(old), Number(wanted)];
    if (old === wanted || old === "none" || Number.isNaN(to)) return [];
    const subject = `deleted versions in the bucket of repository ${name} go after ${counted(to, "day")}`;
    const use = "Until then a repository can be restored as it was before a deletion.";
    if (Number.isNaN(from))
        return [warning(`${subject}; after how many they went before is not known. ${use}`)];
    return [
        to < from
            ? danger(`${subject} instead of ${from}: older ones within a day, for good. ${use}`)
            : note(`${subject} instead of ${from}. ${use}`),
    ];
}
