import type * as pulumi from "@pulumi/pulumi";
import { cipherOptions, makePassphrase } from "../encryption";
import { caFile, publishedFile } from "../file";
import type { DeclareContext, RepositoryDeclaration, RepositoryFile, RepositoryOptions } from "../kind";
import type { CloudCommon } from "./settings";

/** What only one kind of cloud repository has. */
export interface CloudSpecifics {
    readonly options: RepositoryOptions;
    readonly place: pulumi.Input<string>;
    readonly files?: readonly RepositoryFile[];
    readonly mounts?: RepositoryDeclaration["mounts"];
    readonly environment?: RepositoryDeclaration["environment"];
    readonly details?: RepositoryDeclaration["details"];
    /** What only readers have in place of `options`, by their names. */
    readonly readers?: Readonly<Record<string, RepositoryOptions>>;
}

/** An address as pgBackRest takes it: it means TLS unless it is told. */
export function withScheme({ plain }: CloudCommon, address: string): string {
    return plain ? `http://${address}` : address;
}

/** Puts together what all cloud repositories have and what is special to one kind. */
export function cloudRepository(
    repository: CloudCommon,
    specifics: CloudSpecifics,
    context: DeclareContext,
): RepositoryDeclaration {
    const passphrase = makePassphrase(repository, context);
    const withOwn = (own: RepositoryOptions): RepositoryOptions => [
        ["type", repository.type],
        ["path", repository.path],
        ...own,
        ...(repository.verifyTls ? [] : [["storage-verify-tls", "n"] as const]),
        ...cipherOptions(passphrase),
    ];
    const readers = Object.entries(specifics.readers ?? {}).map(
        ([name, own]) => [name, withOwn(own)] as const,
    );
    return {
        options: withOwn([
            ...specifics.options,
            ...(repository.ca === undefined
                ? []
                : [["storage-ca-file", publishedFile(caFile(repository.name))] as const]),
        ]),
        mounts: specifics.mounts ?? [],
        environment: specifics.environment ?? {},
        files: specifics.files ?? [],
        place: specifics.place,
        passphrase,
        details: specifics.details ?? {},
        readers: Object.fromEntries(readers),
    };
}
