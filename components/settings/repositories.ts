import * as v from "valibot";
import { later } from "./repository/later";
import { none } from "./repository/none";
import { posix } from "./repository/posix";

/** One file a kind; a new kind is one more file and one more line here. */
const repository = v.variant("type", [none, posix, later("s3"), later("azure"), later("gcs")]);

export const repositories = v.array(repository);

export type Repository = v.InferOutput<typeof none> | Readonly<v.InferOutput<typeof posix>>;

/** Problems that no single repository has. */
export function checkRepositories(list: readonly Repository[]): string[] {
    const problems: string[] = [];
    const key = (index: number): string => `pgbackrest:repositories[${index}]`;
    if (list.length > 4)
        problems.push(`pgbackrest:repositories: has ${list.length} entries: pgBackRest takes at most 4`);
    else if (list.length > 1)
        problems.push(
            `pgbackrest:repositories: has ${list.length} entries: more than one is not supported yet`,
        );
    for (const [index, repository] of list.entries()) {
        if (
            repository.type === "posix" &&
            repository.hostPath !== undefined &&
            repository.volume !== undefined
        )
            problems.push(`${key(index)}: has volume and hostPath: it is in one of them, remove the other`);
        for (const [earlier, other] of list.slice(0, index).entries()) {
            if (other.name === repository.name)
                problems.push(
                    `${key(index)}.name: ${repository.name} is the name of ${key(earlier)} too: each needs its own`,
                );
            if (repository.type === "none" || other.type === "none") continue;
            if (other.path === repository.path)
                problems.push(
                    `${key(index)}.path: ${repository.path} is the path of ${key(earlier)} too: two posix repositories cannot share one`,
                );
            if (repository.volume !== undefined && other.volume === repository.volume)
                problems.push(
                    `${key(index)}.volume: ${repository.volume} is the volume of ${key(earlier)} too: give each its own`,
                );
            if (repository.hostPath !== undefined && other.hostPath === repository.hostPath)
                problems.push(
                    `${key(index)}.hostPath: ${repository.hostPath} is the directory of ${key(earlier)} too: give each its own`,
                );
        }
    }
    if (list.length > 1 && list.some((repository) => repository.type === "none"))
        problems.push("pgbackrest:repositories: type none stands alone: remove it or the others");
    return problems;
}
