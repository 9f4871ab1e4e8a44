import * as v from "valibot";
import { checkText } from "../../pgbackrest/value";
import { choice, text } from "../../fields";
import { checkS3Bucket } from "../cloud/bucketName";
import { checkOptional, cloudFields, type CloudCommon, completeCloud, optionalText } from "../cloud/settings";
import type { Complain, RepositoryContext } from "../kind";
import { addressOf, hostOf } from "../cloud/endpoint";
import { completeMadeBucket, type MadeBucket, madeBucketFields } from "./madeBucket";

/** A repository in S3 or in a store that speaks its language. */
export const s3 = v.strictObject({
    ...cloudFields,
    type: v.literal("s3"),
    /** A bucket that exists; without it the program makes one. Giving one later removes the one that was made, which `protect` refuses. */
    bucket: optionalText,
    /** Required, but for a bucket that is made in the region of `aws`. Another one replaces a bucket that was made, which `protect` refuses. */
    region: v.optional(
        text(
            "a region such as eu-central-1; a store without regions takes any, such as us-east-1",
            /^[a-z0-9][a-z0-9-]{0,62}$/,
        ),
    ),
    /** `host`: BUCKET.ENDPOINT, Amazon's and the default; `path`: ENDPOINT/BUCKET, for most other stores. */
    uriStyle: v.optional(choice(["host", "path"]), "host"),
    /** How pgBackRest proves who it is; default `shared`, a key. The others need none (src/storage/s3/helper.c). */
    keyType: v.optional(choice(["shared", "auto", "web-id"]), "shared"),
    /** Access key id, a secret; for a bucket that exists with keyType shared. */
    key: optionalText,
    /** Secret access key, a secret; together with `key`. */
    keySecret: optionalText,
    /** Session token of a temporary key, a secret; nobody renews it. */
    token: optionalText,
    /** Role to use: its name for `auto` (default: the one of the instance), its ARN for `web-id`. */
    role: v.optional(text("the name of a role (auto) or its ARN (web-id)", /^[\w+=,.@:/-]{1,512}$/)),
    /** For `web-id`: file of the token on the Docker host. Its directory is mounted, so a change restarts the containers. */
    tokenFile: v.optional(
        text(
            "absolute path of the token's file on the Docker host, in a directory of its own: that is mounted",
            /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.+@-]+){2,}$/,
        ),
    ),
    /** KMS key for each object in a bucket that exists; default: what the bucket does by itself. */
    kmsKeyId: optionalText,
    ...madeBucketFields,
});

export type S3Input = v.InferOutput<typeof s3>;

/** How pgBackRest proves who it is. */
export type S3Credentials =
    | {
          readonly keyType: "shared";
          readonly key: string;
          readonly keySecret: string;
          readonly token: string | undefined;
      }
    /** The program makes a user with a key; with another number another key. */
    | { readonly keyType: "made"; readonly generation: number }
    /** The role of the machine, from its metadata service; pgBackRest asks for its name when it is not given. */
    | { readonly keyType: "auto"; readonly role: string | undefined }
    /** A role that is assumed with a token, which something else keeps fresh in a file of the Docker host. */
    | { readonly keyType: "web-id"; readonly role: string | undefined; readonly tokenFile: string };

export interface S3Settings extends CloudCommon {
    readonly type: "s3";
    readonly region: string;
    /** `host` or `host:port` */
    readonly endpoint: string;
    readonly uriStyle: "host" | "path";
    readonly credentials: S3Credentials;
    /** KMS key for each object, in a bucket that exists; a bucket that is made has its own default. */
    readonly kmsKeyId: string | undefined;
    /** A bucket that exists, or what the program makes. */
    readonly bucket: string | MadeBucket;
}

/** Checks what no single field shows, and fills in what follows from others. */
export function completeS3(input: S3Input, context: RepositoryContext, complain: Complain): S3Settings {
    const common = completeCloud(input, context, complain);
    const made = input.bucket === undefined;
    if (made && common.plain)
        complain(
            "endpoint",
            "is plain HTTP, which the bucket that the program makes refuses: remove http://",
        );
    const region = input.region ?? (made ? context.awsRegion : undefined);
    if (region === undefined)
        complain(
            "region",
            "is missing: the bucket's region, such as eu-central-1; a store without regions takes any, such as us-east-1",
        );
    if (input.bucket !== undefined) checkBucket(input.bucket, input, complain);
    if (made && region !== undefined && context.awsRegion !== undefined && region !== context.awsRegion)
        complain(
            "region",
            `${region} is not the region of pgbackrest:aws (${context.awsRegion}), where the bucket is made: give the same to both`,
        );
    return {
        ...common,
        type: "s3",
        region: region ?? "",
        endpoint: addressOf(input.endpoint ?? amazonEndpoint(region ?? "")),
        uriStyle: input.uriStyle,
        credentials: readCredentials(input, made, complain),
        kmsKeyId: input.kmsKeyId,
        bucket: completeMadeBucket(input, complain) ?? input.bucket ?? "",
    };
}

function checkBucket(bucket: string, input: S3Input, complain: Complain): void {
    const problem = checkS3Bucket(bucket, input.uriStyle === "host" && input.verifyTls);
    if (problem !== undefined) complain("bucket", `${JSON.stringify(bucket)}: ${problem}`);
    if (input.endpoint !== undefined && hostOf(input.endpoint).startsWith(`${bucket}.`))
        complain(
            "endpoint",
            `${JSON.stringify(input.endpoint)} begins with the bucket: pgBackRest puts it there itself, leave it out`,
        );
}

function amazonEndpoint(region: string): string {
    return `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

function readCredentials(input: S3Input, made: boolean, complain: Complain): S3Credentials {
    const { keyType } = input;
    checkFit(input, keyType, complain);
    if (keyType === "auto") return { keyType, role: input.role };
    if (keyType === "web-id") {
        if (input.role === undefined && !(made && input.makeRole !== undefined))
            complain(
                "role",
                `is missing: keyType web-id needs the ARN of the role to assume${made ? ", or makeRole" : ""}`,
            );
        else if (input.role !== undefined && !input.role.startsWith("arn:"))
            complain(
                "role",
                `${JSON.stringify(input.role)}: keyType web-id needs an ARN such as arn:aws:iam::123456789012:role/backup`,
            );
        if (input.tokenFile === undefined)
            complain(
                "tokenFile",
                "is missing: keyType web-id needs the token's file on the Docker host, which is mounted into the containers",
            );
        return { keyType, role: input.role, tokenFile: input.tokenFile ?? "" };
    }
    if (made) return { keyType: "made", generation: input.keyGeneration ?? 1 };
    const missing = (["key", "keySecret"] as const).filter((name) => input[name] === undefined);
    if (missing[0] !== undefined)
        complain(
            missing[0],
            `is missing, and ${missing[0] === "key" ? "keySecret" : "key"} is ${missing.length === 2 ? "too" : "set"}: an existing bucket needs both as secrets, or keyType auto or web-id`,
        );
    return { keyType: "shared", key: input.key ?? "", keySecret: input.keySecret ?? "", token: input.token };
}

/** Credentials of another way to prove who one is are a mistake, not a spare. */
function checkFit(input: S3Input, keyType: S3Credentials["keyType"], complain: Complain): void {
    const made = input.bucket === undefined;
    for (const name of ["key", "keySecret", "token"] as const) {
        if (input[name] === undefined) continue;
        if (keyType !== "shared")
            complain(name, `is set, but keyType ${keyType} needs no key: remove it, or the keyType`);
        else if (made)
            complain(
                name,
                "is set, but the program makes the bucket with a key of its own: give the bucket too if it exists, or remove this",
            );
        else checkOptional(input[name], checkText, name, complain);
    }
    if (input.keyGeneration !== undefined && keyType !== "shared")
        complain("keyGeneration", `is set, but keyType ${keyType} needs no key: remove it, or the keyType`);
    if (input.role !== undefined && keyType === "shared")
        complain("role", "has no effect with keyType shared: remove it, or set keyType to auto or web-id");
    if (input.tokenFile !== undefined && keyType !== "web-id")
        complain("tokenFile", "is for keyType web-id only: remove it");
    if (!made && keyType !== "shared" && input.kmsKeyId?.includes(":key/") === false)
        complain(
            "kmsKeyId",
            `${JSON.stringify(input.kmsKeyId)}: with keyType ${keyType} the ARN of a key (.../key/ID), because the policy to attach names it`,
        );
    if (made && input.kmsKeyId !== undefined)
        complain(
            "kmsKeyId",
            "is for a bucket that exists; for one that the program makes write kms: ARN, or kms: true for a new key",
        );
}
