import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings/schema";
import { posixRepository } from "./posix";
import type { RepositoryDeclaration } from "./repository";

type Repository = Settings["repositories"][number];

/** Makes what the repository of these settings needs, and says how pgBackRest reaches it. Nothing for `none`. */
export function declareRepository(
    repository: Repository,
    settings: Settings,
    parent: pulumi.Resource,
): RepositoryDeclaration | undefined {
    switch (repository.type) {
        case "none":
            return undefined;
        case "posix":
            return posixRepository(
                {
                    name: repository.name,
                    path: repository.path,
                    hostPath: repository.hostPath,
                    volume: `${settings.name}-pgbackrest-repo`,
                    protect: settings.protect,
                },
                parent,
            );
    }
}
