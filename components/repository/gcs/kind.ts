import { IMMUTABLE } from "../../protection/immutable";
import type { RepositoryKind } from "../kind";
import { describeCloud } from "../cloud/describe";
import { existing } from "../existing";
import { claimPath } from "../place";
import { gcsRepository } from "./declare";
import { completeGcs, gcs as schema, type GcsSettings } from "./settings";

/** A repository in a bucket of Google Cloud Storage that exists. */
export const gcs: RepositoryKind<typeof schema, GcsSettings> = {
    ...existing,
    schema,
    secrets: ["key", "passphrase"],
    complete: completeGcs,
    place: gcsPlace,
    claims: (repository) => claimPath(repository, gcsPlace(repository), "a prefix"),
    describe: (repository) => {
        const { userProject, credentials } = repository;
        return describeCloud(repository, { userProject }, [undefined, undefined, credentials]);
    },
    reasons: IMMUTABLE,
    declare: (repository, context) => gcsRepository(repository, gcsPlace(repository), context),
};

function gcsPlace({ bucket, endpoint }: GcsSettings): string {
    return `bucket ${bucket} at ${endpoint}`;
}
