import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { adoptedVolume } from "../containers";
import type { Settings } from "../settings/schema";
import { posixRepository } from "./posix";
import type { RepositoryDeclaration } from "./repository";

type Repository = Settings["repositories"][number];

/**
 * Makes what the repository of these settings needs, and says how pgBackRest reaches it. Nothing for `none`.
 * @param local the volume for a repository on the Docker host
 */
export function declareRepository(
    repository: Repository,
    settings: Settings,
    local: docker.Volume,
    parent: pulumi.Resource,
): RepositoryDeclaration | undefined {
    switch (repository.type) {
        case "none":
            return undefined;
        case "posix":
            return posixRepository({
                name: repository.name,
                path: repository.path,
                hostPath: repository.hostPath,
                volume: repository.volume === undefined ? local : adoptedVolume(repository.volume, parent),
                volumeName: repository.volume ?? repositoryVolumeName(settings.name),
            });
    }
}

export function repositoryVolumeName(name: string): string {
    return `${name}-pgbackrest-repo`;
}
