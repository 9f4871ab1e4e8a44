import type { GcsCredentials, GcsSettings } from "./settings";
import { cloudRepository, withScheme } from "../cloud/declare";
import { publishedFile } from "../file";
import type { DeclareContext, RepositoryDeclaration, RepositoryOptions } from "../kind";

export function gcsRepository(
    repository: GcsSettings,
    place: string,
    context: DeclareContext,
): RepositoryDeclaration {
    const { bucket, credentials } = repository;
    const keyFile = `${repository.name}-gcs.json`;
    return cloudRepository(
        repository,
        {
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
            place,
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
