import * as pulumi from "@pulumi/pulumi";
import { renderRepo } from "../pgbackrest/repository";
import type { RepositoryDeclaration } from "./kind";

/** What somebody gets who reads a repository elsewhere. */
export interface Reader {
    readonly key: string;
    readonly keySecret: string;
    /** A pgbackrest.conf with the repository as `repo1`, the key and the passphrase. */
    readonly configuration: string;
}

/** By repository and reader; a secret. */
export interface ReaderOutputs {
    readonly readers?: pulumi.Output<Record<string, Record<string, Reader>>>;
}

/** What a stack tells of those who can read its repositories and nothing else; nothing where there is none. */
export function readerOutputs(
    repositories: readonly (Pick<RepositoryDeclaration, "readers"> & {
        readonly store: { readonly name: string };
    })[],
): ReaderOutputs {
    const all = repositories.flatMap(({ store, readers = {} }) => {
        const own = Object.entries(readers).map(
            ([name, options]) => [name, pulumi.all(Object.fromEntries(options)).apply(readerOf)] as const,
        );
        return own.length === 0 ? [] : [[store.name, pulumi.all(Object.fromEntries(own))] as const];
    });
    return all.length === 0 ? {} : { readers: pulumi.secret(pulumi.all(Object.fromEntries(all))) };
}

function readerOf(options: Readonly<Record<string, string>>): Reader {
    return {
        key: options["s3-key"] ?? "",
        keySecret: options["s3-key-secret"] ?? "",
        configuration: renderRepo([{ number: 1, options: new Map(Object.entries(options)) }]),
    };
}
