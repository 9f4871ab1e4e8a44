import { ofKind, type Repository, storesOf } from "../repository/kinds";
import { readPast } from "../restore/past";
import { readTarget } from "../restore/target";
import type { Written } from "./table";

const KEY = "pgbackrest:restore.repositoryTime";

/** What is wrong with the time as of which a restore reads its repository. */
export function checkRestoreTime(
    { repositoryTime, repository, at, volume }: Written["restore"],
    repositories: readonly Repository[],
    now: Date,
): string[] {
    // Beside a volume, no part of a restore is taken.
    if (repositoryTime === "" || volume !== "") return [];
    const seconds = Math.floor(now.getTime() / 1000);
    const past = readPast(repositoryTime, seconds);
    if (typeof past === "string") return [`${KEY}: ${JSON.stringify(repositoryTime)} ${past}`];
    const target = readTarget(at, seconds);
    if (typeof target === "object" && target.kind === "time" && target.at.seconds > past.seconds)
        return [
            `${KEY}: ${repositoryTime} is before restore.at (${at}), and what was written between them was not in the repository yet: give both, or restore.at alone, an earlier or the same time`,
        ];
    const stores = storesOf(repositories);
    const names = stores.map(({ name }) => name).join(", ");
    if (repository === "" && stores.length > 1)
        return [
            `${KEY}: one repository is read as it was: name it with pgbackrest:restore.repository, one of ${names}`,
        ];
    return stores
        .filter(({ name }) => name === repository || repository === "")
        .flatMap((store) => {
            const why = ofKind(store).noVersions;
            return why === undefined
                ? []
                : [
                      `${KEY}: the repository ${store.name} cannot be read as it was: ${why}. Remove it, or name a repository in a bucket that keeps versions`,
                  ];
        });
}
