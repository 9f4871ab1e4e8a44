import type { AzureSettings } from "./settings";
import { type CloudContext, cloudRepository, withScheme } from "../cloud/declare";
import type { RepositoryDeclaration } from "../repository";

/** A repository in a container of Azure Blob Storage that exists. */
export function azureRepository(repository: AzureSettings, context: CloudContext): RepositoryDeclaration {
    const { account, container, host } = repository;
    return cloudRepository(
        repository,
        {
            type: "azure",
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
            location: `container ${container} of ${account} at ${repository.endpoint}, path ${repository.path}`,
        },
        context,
    );
}
