import type { Recording } from "./mocks";

export const BUCKET = "salespider-dev-offsite-0a1b2c3d";
export const ARN = `arn:aws:s3:::${BUCKET}`;
export const ID = "id of salespider-offsite-bucket";
export const MADE = { name: "offsite", type: "s3", region: "eu-central-1" };
export const MADE_KEY = "arn:aws:kms:eu-central-1:123456789012:key/made";
export const GIVEN_KEY = "arn:aws:kms:eu-central-1:123456789012:key/given";
export const REPOSITORY = "S3Repository salespider-offsite";

/** Every one of them is in a stack that makes a bucket with a user. */
export const BUCKET_AND_USER = [
    "AccessKey salespider-offsite-key",
    "Bucket salespider-offsite-bucket",
    "BucketLifecycleConfiguration salespider-offsite-lifecycle",
    "BucketOwnershipControls salespider-offsite-ownership",
    "BucketPolicy salespider-offsite-tls-only",
    "BucketPublicAccessBlock salespider-offsite-public-access",
    "BucketServerSideEncryptionConfiguration salespider-offsite-encryption",
    "BucketVersioning salespider-offsite-versioning",
    "RandomId salespider-offsite-suffix",
    "User salespider-offsite-user",
    "UserPolicy salespider-offsite-rights",
];

export const made = (more: object = {}, settings: object = {}): Record<string, unknown> => ({
    repositories: [{ ...MADE, ...more }],
    ...settings,
});

export function children(stack: Recording): string[] {
    return stack.registrations
        .filter(({ parent }) => parent === REPOSITORY)
        .map(({ type, name }) => `${type} ${name}`)
        .sort();
}

export const inputs = (stack: Recording, wanted: string): Readonly<Record<string, unknown>> =>
    stack.get(wanted).inputs;
export const document = (value: unknown): unknown => JSON.parse(String(value));
