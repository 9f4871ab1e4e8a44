import * as v from "valibot";
import { azure, type AzureSettings, completeAzure } from "./azure/settings";
import type { Complain, RepositoryContext } from "./cloud/settings";
import { completeGcs, gcs, type GcsSettings } from "./gcs/settings";
import { none } from "./none/settings";
import { posix } from "./posix/settings";
import { completeS3, s3, type S3Settings } from "./s3/settings";

/** One file a kind; a new kind is one more file and one more line here. */
const kinds = [none, posix, s3, azure, gcs] as const;

export const repositories = v.array(v.variant("type", kinds));

type Input = v.InferOutput<typeof repositories>[number];

export type Repository =
    | v.InferOutput<typeof none>
    | Readonly<v.InferOutput<typeof posix>>
    | S3Settings
    | AzureSettings
    | GcsSettings;

/** Fields that each type knows, for messages. */
export const REPOSITORY_FIELDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
    kinds.map((kind) => [kind.entries.type.literal, Object.keys(kind.entries)]),
);

/** Fills in what follows from the rest of the settings, and checks what the single fields do not show. */
export function completeRepositories(
    list: readonly Input[],
    context: RepositoryContext & { readonly awsRegion: string | undefined },
): { readonly repositories: readonly Repository[]; readonly problems: readonly string[] } {
    const problems: string[] = [];
    const completed = list.map((input, index): Repository => {
        const complain: Complain = (field, problem) => {
            problems.push(`${key(index)}${field === "" ? "" : `.${field}`}: ${problem}`);
        };
        switch (input.type) {
            case "s3":
                return completeS3(input, context, complain);
            case "azure":
                return completeAzure(input, context, complain);
            case "gcs":
                return completeGcs(input, context, complain);
            default:
                return input;
        }
    });
    return { repositories: completed, problems: [...problems, ...checkRepositories(completed)] };
}

/** Problems that no single repository has. */
function checkRepositories(list: readonly Repository[]): string[] {
    const problems: string[] = [];
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
            const clash = sharedPlace(repository, other);
            if (clash !== undefined)
                problems.push(
                    `${key(index)}.${clash.field}: ${clash.value} is ${clash.of} ${key(earlier)} too: ${clash.why}`,
                );
        }
    }
    if (list.length > 1 && list.some((repository) => repository.type === "none"))
        problems.push("pgbackrest:repositories: type none stands alone: remove it or the others");
    return problems;
}

function key(index: number): string {
    return `pgbackrest:repositories[${index}]`;
}

interface Clash {
    readonly field: string;
    readonly value: string;
    readonly of: string;
    readonly why: string;
}

/** What two repositories would both write to. */
function sharedPlace(one: Repository, other: Repository): Clash | undefined {
    if (one.type === "none" || other.type === "none") return undefined;
    if (one.type === "posix" || other.type === "posix") {
        if (one.type !== other.type || one.type !== "posix" || other.type !== "posix") return undefined;
        if (one.path === other.path)
            return {
                field: "path",
                value: one.path,
                of: "the path of",
                why: "two posix repositories cannot share one",
            };
        if (one.volume !== undefined && one.volume === other.volume)
            return { field: "volume", value: one.volume, of: "the volume of", why: "give each its own" };
        return one.hostPath !== undefined && one.hostPath === other.hostPath
            ? { field: "hostPath", value: one.hostPath, of: "the directory of", why: "give each its own" }
            : undefined;
    }
    const place = placeOf(one);
    if (place === undefined || place !== placeOf(other)) return undefined;
    const [inner, outer] = [`${one.path}/`, `${other.path}/`];
    return inner.startsWith(outer) || outer.startsWith(inner)
        ? {
              field: "path",
              value: one.path,
              of: "inside or around the path of",
              why: "each needs a prefix of its own",
          }
        : undefined;
}

/** The bucket or container; nothing for one that is yet to be made, which nobody shares. */
function placeOf(repository: S3Settings | AzureSettings | GcsSettings): string | undefined {
    switch (repository.type) {
        case "s3":
            return typeof repository.bucket === "string"
                ? `s3 ${repository.endpoint} ${repository.bucket}`
                : undefined;
        case "azure":
            return `azure ${repository.endpoint} ${repository.account} ${repository.container}`;
        case "gcs":
            return `gcs ${repository.endpoint} ${repository.bucket}`;
    }
}
