import { REPOSITORY_SECRETS } from "./kinds";

/** A secret with the path of its setting. */
export interface RepositorySecret {
    /** `repositories[0].keySecret` */
    readonly path: string;
    readonly value: string;
}

/** The secrets in the plain value of the setting `repositories`, right or wrong as it may be. */
export function repositorySecrets(repositories: unknown): RepositorySecret[] {
    if (!Array.isArray(repositories)) return [];
    const list: readonly unknown[] = repositories;
    return list.flatMap((repository, index) =>
        typeof repository === "object" && repository !== null
            ? Object.entries(repository).flatMap(([field, value]) =>
                  REPOSITORY_SECRETS.includes(field) && value !== undefined && value !== null
                      ? [{ path: `repositories[${index}].${field}`, value: textOf(value) }]
                      : [],
              )
            : [],
    );
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
