import { Azurite } from "../support/servers/kinds";
import type { Repository } from "./cloudStack";
import type { Shared } from "./shared";

/** A container of Azurite's account. */
export function container({ azurite }: Shared, changes: Repository = {}): Repository {
    return {
        ...{
            name: "azure",
            type: "azure",
            account: Azurite.account,
            container: "backups",
            key: Azurite.key,
        },
        ...{ host: azurite.server.name, uriStyle: "path", caFile: "ca.crt" },
        ...changes,
    };
}

/** A bucket of fake-gcs-server. */
export function bucket({ google }: Shared, changes: Repository = {}): Repository {
    return {
        ...{ name: "google", type: "gcs", bucket: "backups", keyType: "token", key: "a-token" },
        ...{ endpoint: google.server.name, caFile: "ca.crt" },
        ...changes,
    };
}
