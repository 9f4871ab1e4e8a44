import * as v from "valibot";
import { field, flag, map, text } from "./fields";

const plain = field("a text", (input) => (typeof input === "string" && input !== "" ? input : undefined));

/** How the program reaches Amazon to make buckets, users and keys. No key belongs here: a profile, a role or the environment has it. */
export const aws = v.strictObject({
    region: v.optional(text("a region such as eu-central-1", /^[a-z0-9][a-z0-9-]{0,62}$/)),
    profile: v.optional(plain),
    assumeRole: v.optional(
        v.strictObject({
            roleArn: text("the ARN of a role", /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
            sessionName: v.optional(plain),
            externalId: v.optional(plain),
        }),
    ),
    allowedAccountIds: v.optional(v.array(text("an account: 12 digits in quotes", /^\d{12}$/))),
    endpoints: v.optional(
        map(text("an address such as https://s3.example.com", /^https?:\/\/[^\s/]+(?:\/\S*)?$/)),
    ),
    s3UsePathStyle: v.optional(flag),
    skipCredentialsValidation: v.optional(flag),
    skipMetadataApiCheck: v.optional(flag),
    skipRegionValidation: v.optional(flag),
    skipRequestingAccountId: v.optional(flag),
});

/** Settings of the explicit AWS provider. */
export type AwsSettings = Readonly<v.InferOutput<typeof aws>>;
