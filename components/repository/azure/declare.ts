import type { AzureSettings } from "./settings";
import { cloudRepository, withScheme } from "../cloud/declare";
import type { DeclareContext, RepositoryDeclaration } from "../kind";

export function azureRepository(
    repository: AzureSettings,
    place: string,
    context: DeclareContext,
): RepositoryDeclaration {
    const { account, container, host } = repository;
    return cloudRepository(
        repository,
        {
            options: [
                ["azure-account", account],
                ["azure-container", container],
                ["azure-endpoint", withScheme(repository, repository.endpoint)],
                ...(repository.key === undefined ? [] : [["azure-key", repository.key] as const]),
                ["azure-key-type", repository.keyType],
                ["azure-uri-style", repository.uriStyle],
                ...(host === undefined ? [] : [["storage-host", withScheme(repository, host)] as const]),
                ...(repository.port === undefined
                    ? []
                    : [["storage-port", String(repository.port)] as const]),
            ],
            place,
        },
        context,
    );
}
