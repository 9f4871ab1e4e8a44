import type { GcsCredentials, GcsSettings } from "./settings";
import {
    type CloudContext,
    cloudRepository,
    publishedFile,
    type RepositoryOptions,
    withScheme,
} from "../cloud/declare";
import type { RepositoryDeclaration } from "../repository";

/** A repository in a bucket of Google Cloud Storage that exists. */
export function gcsRepository(repository: GcsSettings, context: CloudContext): RepositoryDeclaration {
    const { bucket, credentials } = repository;
    const keyFile = `${repository.name}-gcs.json`;
    return cloudRepository(
        repository,
        {
            type: "gcs",
            options: [
                ["gcs-bucket", bucket],
                ["gcs-endpoint", withScheme(repository, repository.endpoint)],
                ["gcs-key-type", credentials.keyType],
                ...keyOption(credentials, keyFile),
                ...(repository.userProject === undefined
                    ? []
                    : [["gcs-user-project", repository.userProject] as const]),
            ],
            // pgBackRest takes the path of a file, so the key travels as one.
            files: credentials.keyType === "service" ? [{ name: keyFile, content: credentials.file }] : [],
            location: `bucket ${bucket} at ${repository.endpoint}, path ${repository.path}`,
        },
        context,
    );
}

function keyOption(credentials: GcsCredentials, keyFile: string): RepositoryOptions {
    switch (credentials.keyType) {
        case "service":
            return [["gcs-key", publishedFile(keyFile)]];
        case "token":
            return [["gcs-key", credentials.token]];
        case "auto":
            return [];
    }
}
