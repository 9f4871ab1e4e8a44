import * as v from "valibot";
import { checkText } from "../../pgbackrest/value";
import { choice, text } from "../../fields";
import { checkGcsBucket } from "../cloud/bucketName";
import { checkOptional, cloudFields, type CloudCommon, completeCloud, optionalText } from "../cloud/settings";
import type { Complain, RepositoryContext } from "../kind";
import { addressOf } from "../cloud/endpoint";
import { checkServiceKey } from "./serviceKey";

/** A repository in a bucket of Google Cloud Storage that exists. */
export const gcs = v.strictObject({
    ...cloudFields,
    type: v.literal("gcs"),
    /** A bucket that exists. */
    bucket: text("a bucket that exists", /^.{1,222}$/),
    /** `service`: key of a service account, the default; `auto`: role of the machine; `token`: for emulators. */
    keyType: v.optional(choice(["service", "auto", "token"]), "service"),
    /** Text of the service account's JSON key file, or the token; a secret. */
    key: optionalText,
    /** Project that pays for the requests; default: the bucket's. */
    userProject: v.optional(text("the id of a project", /^[a-z][a-z0-9:.-]{4,62}[a-z0-9]$/)),
});

export type GcsInput = v.InferOutput<typeof gcs>;

export type GcsCredentials =
    /** Text of a service account's JSON key file. */
    | { readonly keyType: "service"; readonly file: string }
    /** From the metadata server of the machine. */
    | { readonly keyType: "auto" }
    /** An access token that nobody renews: for emulators. */
    | { readonly keyType: "token"; readonly token: string };

export interface GcsSettings extends CloudCommon {
    readonly type: "gcs";
    readonly bucket: string;
    /** `host` or `host:port`, Google's own when the stack says nothing. */
    readonly endpoint: string;
    readonly credentials: GcsCredentials;
    /** Project that pays for the requests, where the bucket wants one. */
    readonly userProject: string | undefined;
}

/** Checks what no single field shows, and fills in what follows from others. */
export function completeGcs(input: GcsInput, context: RepositoryContext, complain: Complain): GcsSettings {
    const common = completeCloud(input, context, complain);
    const problem = checkGcsBucket(input.bucket);
    if (problem !== undefined) complain("bucket", `${JSON.stringify(input.bucket)}: ${problem}`);
    return {
        ...common,
        type: "gcs",
        bucket: input.bucket,
        endpoint: addressOf(input.endpoint ?? "storage.googleapis.com"),
        credentials: readCredentials(input, complain),
        userProject: input.userProject,
    };
}

function readCredentials(input: GcsInput, complain: Complain): GcsCredentials {
    const { keyType, key } = input;
    if (keyType === "auto") {
        if (key !== undefined)
            complain("key", "is set, but keyType auto needs none: remove it, or the keyType");
        return { keyType };
    }
    if (key === undefined)
        complain(
            "key",
            keyType === "service"
                ? "is missing: the text of the service account's JSON key file as a secret, or keyType auto on a machine of Google"
                : "is missing: keyType token needs an access token as a secret",
        );
    if (keyType === "token") {
        checkOptional(key, checkText, "key", complain);
        return { keyType, token: key ?? "" };
    }
    checkOptional(key, checkServiceKey, "key", complain);
    return { keyType, file: key ?? "" };
}
