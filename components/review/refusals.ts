import type { Guard } from "../settings/guard";
import type { OtherStack } from "../state/history";
import { counted, spanText } from "../schedule/calendar";
import { type Description, type RepositoryDescription, same, schedulesOf } from "../state/description";
import { type Unreadable } from "../state/readDescription";
import { UNKNOWN } from "../state/fromFirstVersion";
import { placeText } from "../repository/place";
import { continued, isGivenKey } from "./repositories";
import { changedValues, refused } from "./values";
import { changedRestore } from "./restore";
import { reachOf } from "./retention";
import { dataVolumeOf } from "./running";

/** Why this is not done, each with the way to do it on purpose; nothing when all is well. */
export function refusals(
    before: Description | undefined,
    after: Description,
    guard: Guard,
    others: readonly OtherStack[],
): string[] {
    return [
        ...sharedPlaces(after, others),
        ...(before === undefined
            ? []
            : [
                  ...movedHost(before, after),
                  ...chosenOnce(before, after),
                  ...changedRestore(before, after),
                  ...encryptionChanges(before, after),
              ]),
        ...(after.protect ? protectedStack(before, after, guard) : []),
        ...(before?.protect === true && !after.protect ? protectionAlone(before, after) : []),
    ];
}

/** What cannot be compared is not what has no rules. */
export function unreadableStack(before: Unreadable, after: Description, { accept }: Guard): string[] {
    return (before.protect || after.protect) && !accept.includes("undescribed")
        ? [
              `pgbackrest:protect: what this change means for a protected stack cannot be told: ${before.why}. To do it on purpose: read the preview of each resource, and add undescribed to pgbackrest:accept for one \`up\``,
          ]
        : [];
}

/** Two databases in one stanza overwrite each other's WAL. */
function sharedPlaces(after: Description, others: readonly OtherStack[]): string[] {
    return others.flatMap(({ stack, description }) =>
        after.repositories
            .filter((repository) => isShared(repository, after, description))
            .map(
                (repository) =>
                    `pgbackrest:repositories: ${repository.name} is ${placeText(repository)} with stanza ${after.stanza}, where stack ${stack} keeps its backups: two databases there destroy each other's. Give it another path or another pgbackrest:stanza. If ${stack} is gone for good and this stack follows it, take it out of pgbackrest:otherStacks`,
            ),
    );
}

function isShared(repository: RepositoryDescription, after: Description, other: Description): boolean {
    // What each stack makes itself is never the same.
    if (repository.made) return false;
    const reachable = !repository.local || after.dockerHost === other.dockerHost;
    return (
        reachable &&
        after.stanza === other.stanza &&
        other.repositories.some((theirs) => placeText(theirs) === placeText(repository))
    );
}

/** In one direction Pulumi would replace all volumes, in the other its state would name what is not there. */
function movedHost(before: Description, after: Description): string[] {
    if (sameHost(before.dockerHost, after.dockerHost)) return [];
    const host = (name: string): string => (name === "" ? "the engine of the docker command" : name);
    return [
        `pgbackrest:dockerHost: this stack is up on ${host(before.dockerHost)}, and nothing of it moves to ${host(after.dockerHost)}: the data and the backups in volumes stay behind, and the state would name containers that are not there. Set it back${before.dockerHost === "" ? " (empty)" : ""}. To move, restore on the new host: another stack with that host and pgbackrest:dataVolume, a volume there with the restored data (docs/move-in.md); destroy this one when that one is protected`,
    ];
}

/** Another name is another stack. */
function chosenOnce(before: Description, after: Description): string[] {
    const changed = before.name === after.name ? changedValues(before.settings, after.settings) : [];
    return refused(changed).map(
        (text) =>
            `${text}: it is chosen when the stack is made, and nothing changes it while the stack is up. Set it back`,
    );
}

/** A slash at the end is all that two spellings of one host may differ in: Pulumi sees no more either. */
function sameHost(a: string, b: string): boolean {
    return a.replace(/\/$/, "") === b.replace(/\/$/, "");
}

function encryptionChanges(before: Description, after: Description): string[] {
    // A new stanza does not help: what is in the path was begun with one passphrase.
    return continued(before, after)
        .filter(([old, wanted]) => old.encryption !== wanted.encryption)
        .map(
            ([old, wanted]) =>
                `pgbackrest:repositories: the encryption of ${wanted.name} cannot be ${changeOfEncryption(old, wanted)} in place: pgBackRest fixes it when it begins a repository, and nothing that is in ${placeText(old)} could be read any more. Set it back. To do it on purpose, add a second repository with another path and take this one out later: docs/new-passphrase.md`,
        );
}

function changeOfEncryption(old: RepositoryDescription, wanted: RepositoryDescription): string {
    if (wanted.encryption === "none") return "switched off";
    return old.encryption === "none" ? "switched on" : "given another passphrase";
}

const TWO_STEPS =
    "To do it on purpose, in two steps: set pgbackrest:protect to false, with no other change, and run `up`; then make this change";

function protectedStack(before: Description | undefined, after: Description, guard: Guard): string[] {
    if (after.repositories.length === 0)
        return [
            `pgbackrest:repositories: a stack with pgbackrest:protect needs a repository, and this would leave it without one. ${TWO_STEPS}`,
        ];
    const fewer = (before?.repositories.length ?? 0) > after.repositories.length;
    return [
        ...(fewer
            ? [
                  `pgbackrest:repositories: ${after.repositories.length} are left of ${before?.repositories.length ?? 0}, and pgbackrest:protect is set. ${TWO_STEPS}`,
              ]
            : []),
        ...(before === undefined ? [] : losses(before, after, guard)),
        ...after.repositories.flatMap((repository) => unencrypted(repository, guard)),
        ...floors(after, guard),
    ];
}

/** What would leave the data, or what is in a bucket, where nothing reaches them. */
function losses(before: Description, after: Description, guard: Guard): string[] {
    if (before.name !== after.name)
        return [
            `pgbackrest:name: ${after.name} would be another, empty database, and all that is named after ${before.name} would go, and pgbackrest:protect is set. ${TWO_STEPS}`,
        ];
    const data =
        before.dataVolume === after.dataVolume
            ? []
            : ["pgbackrest:dataVolume: the database would be another one"];
    const buckets = continued(before, after).flatMap(([{ bucket: old }, { name, bucket }]) => [
        ...(isGivenKey(old["kms"]) && old["kms"] !== bucket["kms"]
            ? [
                  `pgbackrest:repositories: ${name} would lose the right to use ${old["kms"]}, and no backup until now could be read`,
              ]
            : []),
        ...(old["versioning"] === "on" && bucket["versioning"] === "off"
            ? [`pgbackrest:repositories: the bucket of ${name} would keep no versions any more`]
            : []),
    ]);
    const made = before.repositories
        .filter((old) => old.made)
        .flatMap((old) => {
            const wanted = after.repositories.find((candidate) => isSameBucket(old, candidate));
            return wanted === undefined
                ? [
                      `pgbackrest:repositories: the bucket that was made for ${old.name} would be deleted with all backups in it`,
                  ]
                : belongingsLeft(old.bucket, wanted.bucket).map(
                      (what) =>
                          `pgbackrest:repositories: the ${what} that was made for the bucket of ${wanted.name} would be deleted`,
                  );
        });
    return [
        ...wentBack(before, after, guard),
        ...[...data, ...buckets, ...made].map(
            (loss) => `${loss}, and pgbackrest:protect is set. ${TWO_STEPS}`,
        ),
    ];
}

/** Taken out of the file by mistake, a restore would take all with it that was written since. */
function wentBack(before: Description, after: Description, { restoreVolume }: Guard): string[] {
    if (before.data === "" || after.data !== "" || restoreVolume !== undefined) return [];
    return [
        `pgbackrest:restore: without it PostgreSQL would go back from volume ${dataVolumeOf(before)} to ${dataVolumeOf(after)}, as that was before the restore, and pgbackrest:protect is set. Set it back. To go back on purpose, name the volume: npm run pulumi -- config set --path pgbackrest:restore.volume ${dataVolumeOf(after)}`,
    ];
}

/** What is made beside a bucket is protected with it, so Pulumi refuses to delete it in words of its own. */
function belongingsLeft(
    old: Readonly<Record<string, string>>,
    wanted: Readonly<Record<string, string>>,
): string[] {
    const goes = (key: string): boolean => (old[key] ?? "none") !== "none" && wanted[key] === "none";
    const hasProfile = (role = ""): boolean => role.includes('"for":"ec2"');
    return [
        ...(goes("user") ? ["user"] : []),
        ...(goes("makeRole") ? ["role"] : []),
        ...(!goes("makeRole") && hasProfile(old["makeRole"]) && !hasProfile(wanted["makeRole"])
            ? ["instance profile"]
            : []),
        ...(goes("mode of the lock") ? ["lock"] : []),
    ];
}

/** Of two that this program makes: it is named after its repository, and lies in one region. */
function isSameBucket(old: RepositoryDescription, wanted: RepositoryDescription): boolean {
    const { region = UNKNOWN } = old.access;
    return wanted.made && old.name === wanted.name && [UNKNOWN, wanted.access["region"]].includes(region);
}

function unencrypted({ name, local, encryption }: RepositoryDescription, { accept }: Guard): string[] {
    return local || encryption !== "none" || accept.includes("unencrypted")
        ? []
        : [
              `pgbackrest:repositories: ${name} is not encrypted, and pgbackrest:protect is set: whoever can read the bucket could read the database. Remove encryption: false (in a new path: a repository is encrypted from its beginning). To do it on purpose: add unencrypted to pgbackrest:accept`,
          ];
}

/** One that keeps enough is enough: a second one may be there for speed. */
function floors(after: Description, guard: Guard): string[] {
    const all = after.repositories.map((repository) => belowFloor(repository, after, guard));
    return all.some((problems) => problems.length === 0) ? [] : all.flat();
}

function belowFloor(repository: RepositoryDescription, description: Description, { floor }: Guard): string[] {
    const { name, retention } = repository;
    const { fulls, reach } = reachOf(retention, schedulesOf(description, repository));
    const purpose = "To do it on purpose: lower pgbackrest:retentionFloor";
    return [
        ...(fulls.least < floor.full
            ? [
                  `pgbackrest:options: repository ${name} keeps ${counted(fulls.least, "full backup")}, and pgbackrest:protect asks for at least ${floor.full} (pgbackrest:retentionFloor): raise repo-retention-full. ${purpose}`,
              ]
            : []),
        ...(reach.least < floor.days
            ? [
                  `pgbackrest:options: point-in-time recovery from repository ${name} reaches back ${spanText(reach)}, and pgbackrest:protect asks for at least ${floor.days} days for certain (pgbackrest:retentionFloor): keep more backups or take them less often. ${purpose}`,
              ]
            : []),
    ];
}

/** Otherwise one edit could switch the protection off and destroy what it protects. */
function protectionAlone(before: Description, after: Description): string[] {
    // Where drills and metrics follow it, they go with it.
    return same({ ...before, protect: false, drill: after.drill, monitoring: after.monitoring }, after)
        ? []
        : [
              "pgbackrest:protect: is switched off together with other changes. Take two steps: set it to false alone and run `up`; then make the other changes (look at `preview` without this one to see them)",
          ];
}
