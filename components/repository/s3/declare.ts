import * as pulumi from "@pulumi/pulumi";
import { PLACES } from "../../docker/places";
import type { S3Credentials, S3Settings } from "./settings";
import { cloudRepository, withScheme } from "../cloud/declare";
import type { DeclareContext, RepositoryDeclaration, RepositoryOptions } from "../kind";

/** Of a user that the program made. */
export interface S3Key {
    readonly id: pulumi.Input<string>;
    readonly secret: pulumi.Input<string>;
}

/** What the program made for a repository, or what is given for one that exists. */
export interface S3Place {
    readonly bucket: pulumi.Input<string>;
    readonly key?: S3Key;
    /** Role that the program made: its name for `auto`, its ARN for `web-id`. */
    readonly role?: pulumi.Input<string>;
    readonly details?: RepositoryDeclaration["details"];
    /** Keys of those that can read and nothing else, by name. */
    readonly readers?: Readonly<Record<string, S3Key>>;
}

/** In the words of released descriptions. */
export function bucketPlace(bucket: string, { endpoint }: Pick<S3Settings, "endpoint">): string {
    return `bucket ${bucket} at ${endpoint}`;
}

export function s3Repository(
    repository: S3Settings,
    place: S3Place,
    context: DeclareContext,
): RepositoryDeclaration {
    const reached: RepositoryOptions = [
        ["s3-bucket", place.bucket],
        ["s3-endpoint", withScheme(repository, repository.endpoint)],
        ["s3-region", repository.region],
        ["s3-uri-style", repository.uriStyle],
    ];
    const readers = Object.entries(place.readers ?? {}).map(
        ([name, key]) => [name, [...reached, ...keyOptions(key)]] as const,
    );
    return cloudRepository(
        repository,
        {
            options: [
                ...reached,
                ...credentialOptions(repository.credentials, place),
                ...(repository.kmsKeyId === undefined
                    ? []
                    : [["s3-kms-key-id", repository.kmsKeyId] as const]),
            ],
            place: pulumi.output(place.bucket).apply((bucket) => bucketPlace(bucket, repository)),
            ...webIdentity(repository.credentials, place),
            ...(place.details === undefined ? {} : { details: place.details }),
            readers: Object.fromEntries(readers),
        },
        context,
    );
}

function credentialOptions(credentials: S3Credentials, place: S3Place): RepositoryOptions {
    switch (credentials.keyType) {
        case "shared":
            return [
                ["s3-key-type", "shared"],
                ["s3-key", credentials.key],
                ["s3-key-secret", credentials.keySecret],
                ...(credentials.token === undefined ? [] : [["s3-token", credentials.token] as const]),
            ];
        case "made":
            return keyOptions(place.key ?? { id: "", secret: "" });
        case "auto": {
            const role = credentials.role ?? place.role;
            return [["s3-key-type", "auto"], ...(role === undefined ? [] : [["s3-role", role] as const])];
        }
        case "web-id":
            return [["s3-key-type", "web-id"]];
    }
}

function keyOptions({ id, secret }: S3Key): RepositoryOptions {
    return [
        ["s3-key-type", "shared"],
        ["s3-key", id],
        ["s3-key-secret", secret],
    ];
}

/**
 * pgBackRest takes the role and the token's file from two variables (src/storage/s3/helper.c). The file is replaced when the token is
 * renewed, so its directory is mounted: a mounted file would stay the old one.
 */
function webIdentity(
    credentials: S3Credentials,
    place: S3Place,
): Pick<RepositoryDeclaration, "mounts" | "environment"> | undefined {
    if (credentials.keyType !== "web-id") return undefined;
    const slash = credentials.tokenFile.lastIndexOf("/");
    const source = credentials.tokenFile.slice(0, slash);
    return {
        mounts: [{ type: "bind", source, target: PLACES.token, readOnly: true }],
        environment: {
            AWS_ROLE_ARN: credentials.role ?? place.role ?? "",
            AWS_WEB_IDENTITY_TOKEN_FILE: `${PLACES.token}/${credentials.tokenFile.slice(slash + 1)}`,
        },
    };
}
