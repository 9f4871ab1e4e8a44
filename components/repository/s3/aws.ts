import * as v from "valibot";
import { field, flag, map, text } from "../../fields";

const plain = field("a text", (input) => (typeof input === "string" && input !== "" ? input : undefined));

/** How the program reaches Amazon to make buckets, users and keys. No key belongs here: a profile, a role or the environment has it. */
export const aws = v.strictObject({
    /** Where buckets are made; default: the region of the repository. Must be the same. */
    region: v.optional(text("a region such as eu-central-1", /^[a-z0-9][a-z0-9-]{0,62}$/)),
    /** Profile of the AWS configuration where Pulumi runs. */
    profile: v.optional(plain),
    /** Role to assume for it, from whatever credentials there are. */
    assumeRole: v.optional(
        v.strictObject({
            roleArn: text("the ARN of a role", /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
            sessionName: v.optional(plain),
            externalId: v.optional(plain),
        }),
    ),
    /** Refuse to work in any other account. */
    allowedAccountIds: v.optional(v.array(text("an account: 12 digits in quotes", /^\d{12}$/))),
    /** Addresses of services by name (s3, iam, sts, kms), for stores and tests; default: Amazon's. */
    endpoints: v.optional(
        map(text("an address such as https://s3.example.com", /^https?:\/\/[^\s/]+(?:\/\S*)?$/)),
    ),
    /** Address buckets as ENDPOINT/BUCKET; for other stores than Amazon's. */
    s3UsePathStyle: v.optional(flag),
    /** Do not ask STS whether the credentials are good; like the following for other stores than Amazon's. */
    skipCredentialsValidation: v.optional(flag),
    /** Do not ask for the role of the machine. */
    skipMetadataApiCheck: v.optional(flag),
    /** Take regions that Amazon does not have. */
    skipRegionValidation: v.optional(flag),
    /** Do not ask for the number of the account. */
    skipRequestingAccountId: v.optional(flag),
});

/** Settings of the explicit AWS provider. */
export type AwsSettings = Readonly<v.InferOutput<typeof aws>>;
