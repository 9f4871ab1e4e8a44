import { IMMUTABLE } from "../../protection/immutable";
import type { RepositoryKind } from "../kind";
import { describeCloud } from "../cloud/describe";
import { existing } from "../existing";
import { claimPath } from "../place";
import { azureRepository } from "./declare";
import { azure as schema, type AzureSettings, completeAzure } from "./settings";

/** A repository in a container of Azure Blob Storage that exists. */
export const azure: RepositoryKind<typeof schema, AzureSettings> = {
    ...existing,
    schema,
    secrets: ["key", "sas", "passphrase"],
    complete: completeAzure,
    place: azurePlace,
    claims: (repository) => claimPath(repository, azurePlace(repository), "a prefix"),
    describe: (repository) => {
        const { host, port, uriStyle, keyType, key } = repository;
        return describeCloud(repository, { host, port, uriStyle }, [keyType, key, undefined]);
    },
    reasons: {
        ...IMMUTABLE,
        "169.254.169.254":
            "the machine has no managed identity, or containers cannot ask for it: assign one that may read and write blobs (Storage Blob Data Contributor), or give a key",
    },
    declare: (repository, context) => azureRepository(repository, azurePlace(repository), context),
};

function azurePlace({ container, account, endpoint }: AzureSettings): string {
    return `container ${container} of account ${account} at ${endpoint}`;
}
