import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { PASSPHRASE } from "../../review/history";
import type { CloudCommon } from "./settings";
import type { RepositoryDeclaration, RepositoryFile } from "../repository";

/** Options of pgBackRest, without their `repoN-`. */
export type RepositoryOptions = readonly (readonly [string, pulumi.Input<string>])[];

export interface CloudContext {
    /** Setting `name` of the stack: prefix of the names of resources. */
    readonly name: string;
    readonly stack: string;
    /** Refuse to delete what losing would cost backups: bucket, user, key. */
    readonly protect: boolean;
    readonly parent: pulumi.Resource;
    /** What its children were called in states of earlier releases. */
    readonly aliases: pulumi.Alias[];
}

/** What only one kind of cloud repository has. */
export interface CloudSpecifics {
    readonly type: "s3" | "azure" | "gcs";
    readonly options: RepositoryOptions;
    readonly location: pulumi.Input<string>;
    readonly files?: readonly RepositoryFile[];
    readonly mounts?: RepositoryDeclaration["mounts"];
    readonly environment?: RepositoryDeclaration["environment"];
    readonly details?: RepositoryDeclaration["details"];
}

/** A path in the published configuration; the setup container knows the directory. */
export function publishedFile(name: string): string {
    return `@REVISION@/files/${name}`;
}

/** An address as pgBackRest takes it: it means TLS unless it is told. */
export function withScheme({ plain }: CloudCommon, address: string): string {
    return plain ? `http://${address}` : address;
}

/** Puts together what all cloud repositories have and what is special to one kind. */
export function cloudRepository(
    repository: CloudCommon,
    specifics: CloudSpecifics,
    context: CloudContext,
): RepositoryDeclaration {
    const ca: RepositoryFile | undefined =
        repository.ca === undefined
            ? undefined
            : { name: `${repository.name}-ca.crt`, content: repository.ca };
    const passphrase = makePassphrase(repository, context);
    const options: RepositoryOptions = [
        ["type", specifics.type],
        ["path", repository.path],
        ...specifics.options,
        ...(ca === undefined ? [] : [["storage-ca-file", publishedFile(ca.name)] as const]),
        ...(repository.verifyTls ? [] : [["storage-verify-tls", "n"] as const]),
        ...(passphrase === undefined
            ? []
            : [["cipher-type", "aes-256-cbc"] as const, ["cipher-pass", passphrase] as const]),
    ];
    return {
        name: repository.name,
        type: specifics.type,
        options: new Map(options),
        mounts: specifics.mounts ?? [],
        environment: specifics.environment ?? {},
        files: [...(ca === undefined ? [] : [ca]), ...(specifics.files ?? [])],
        location: specifics.location,
        passphrase,
        details: specifics.details ?? {},
    };
}

/** The passphrase of pgBackRest's own encryption: the given one, or one of 48 letters and digits (285 bits). */
function makePassphrase(repository: CloudCommon, context: CloudContext): pulumi.Output<string> | undefined {
    if (repository.encryption === "none") return undefined;
    if (repository.encryption !== "generated") return pulumi.secret(repository.encryption.passphrase);
    return generatePassphrase(passphraseName(context.name, repository.name), context);
}

export function passphraseName(name: string, repository: string): string {
    return `${name}-${repository}${PASSPHRASE}`;
}

/**
 * What was written with it can be read with nothing else, so it stays as long as the stack: in every stack it is protected, and declared
 * also when its repository no longer is.
 */
export function generatePassphrase(
    name: string,
    { parent, aliases }: Pick<CloudContext, "parent" | "aliases">,
): pulumi.Output<string> {
    const options = { parent, aliases, protect: true };
    return new random.RandomPassword(name, { length: 48, special: false }, options).result;
}
