import * as v from "valibot";
import { flag, map, someText, text } from "../../fields";

/** A field that need not be set, with what it means. */
function told<S extends v.GenericSchema>(description: string, schema: S) {
    return v.pipe(v.optional(schema), v.description(description));
}

/** How the program reaches Amazon to make buckets, users and keys. No key belongs here: a profile, a role or the environment has it. */
export const aws = v.strictObject({
    region: told(
        "Where buckets are made; default: the region of the repository. Must be the same.",
        text("a region such as eu-central-1", /^[a-z0-9][a-z0-9-]{0,62}$/),
    ),
    profile: told("Profile of the AWS configuration where Pulumi runs.", someText),
    assumeRole: told(
        "Role to assume for it, from whatever credentials there are: roleArn, and maybe sessionName and externalId.",
        v.strictObject({
            roleArn: text("the ARN of a role", /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
            sessionName: v.optional(someText),
            externalId: v.optional(someText),
        }),
    ),
    allowedAccountIds: told(
        "Refuse to work in any other account.",
        v.array(text("an account: 12 digits in quotes", /^\d{12}$/)),
    ),
    endpoints: told(
        "Addresses of services by name (s3, iam, sts, kms), for stores and tests; default: Amazon's.",
        map(text("an address such as https://s3.example.com", /^https?:\/\/[^\s/]+(?:\/\S*)?$/)),
    ),
    s3UsePathStyle: told("Address buckets as ENDPOINT/BUCKET; for other stores than Amazon's.", flag),
    skipCredentialsValidation: told(
        "Do not ask STS whether the credentials are good; like the following for other stores than Amazon's.",
        flag,
    ),
    skipMetadataApiCheck: told("Do not ask for the role of the machine.", flag),
    skipRegionValidation: told("Take regions that Amazon does not have.", flag),
    skipRequestingAccountId: told("Do not ask for the number of the account.", flag),
});

/** Settings of the explicit AWS provider. */
export type AwsSettings = Readonly<v.InferOutput<typeof aws>>;
