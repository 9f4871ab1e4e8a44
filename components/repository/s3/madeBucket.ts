import * as v from "valibot";
import { choice, field, flag, integer, map, text } from "../../fields";
import type { Complain } from "../kind";

const KMS_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** Settings of a bucket that the program makes. */
export const madeBucketFields = {
    /** Keep what is overwritten or deleted as a version; default true. Amazon cannot take it back, only suspend it. */
    versioning: v.optional(flag),
    /** Nobody deletes a version for `days` after it was written; default none. Needs versioning; can be added later; at most as long as backups are kept. */
    lock: v.optional(
        v.strictObject({
            mode: choice(["governance", "compliance"]),
            days: integer(1, 36_500, "days"),
        }),
    ),
    /** Encrypt at rest with a new KMS key (true) or a given one (ARN); default: keys of S3. Counts for new objects. */
    kms: v.optional(
        field(
            "true for a new key, or the ARN of one (.../key/ID: a policy cannot give rights on an alias)",
            (input) =>
                input === true || input === "true"
                    ? true
                    : input === false || input === "false"
                      ? false
                      : typeof input === "string" && KMS_ARN.test(input)
                        ? input
                        : undefined,
        ),
    ),
    /** Days until deleted versions go; default 30, or as long as backups are kept when that is shorter. */
    noncurrentDays: v.optional(integer(1, 36_500, "days")),
    /** Tags of bucket, user or role, and key; default none. */
    tags: v.optional(map(text("a text of at most 256 characters", /^[^\p{Cc}]{0,256}$/u))),
    /** Another number makes another key for the user; the old one is deleted when nothing uses it any more. Default 1. */
    keyGeneration: v.optional(integer(1, 1_000_000, "the number of the key")),
    /** With a keyless keyType: make the role too, for machines of EC2 or for whoever has a token of an identity provider. */
    makeRole: v.optional(
        v.strictObject({
            for: choice(["ec2", "web-id"]),
            provider: v.optional(
                text(
                    "the ARN of an identity provider in IAM",
                    /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/.+$/,
                ),
            ),
            subject: v.optional(text("the subject of the token", /^[^\s"*?]{1,512}$/)),
            audience: v.optional(text("the audience of the token", /^[^\s"*?]{1,512}$/), "sts.amazonaws.com"),
        }),
    ),
    /** Makes for each name a user that can read and nothing else, with a key in the output `readers`: for drills and clones elsewhere. Default none. */
    readers: v.optional(
        v.array(
            text(
                "a name of at most 20 lower case letters, digits and -, that begins with a letter and ends with a letter or digit",
                /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/,
            ),
        ),
    ),
};

/** A role that the program makes, and who may assume it. */
export type MadeRole =
    | { readonly for: "ec2" }
    | {
          readonly for: "web-id";
          readonly provider: string;
          readonly subject: string;
          readonly audience: string;
      };

/** A bucket that the program makes. */
export interface MadeBucket {
    /** Every overwritten or deleted object is kept for a while. */
    readonly versioning: boolean;
    /** Nobody can delete a version for so many days after it was written; with compliance not even the account's owner. */
    readonly lock: { readonly mode: "governance" | "compliance"; readonly days: number } | undefined;
    /** A new KMS key, a given one, or none (keys of S3). */
    readonly kms: true | string | undefined;
    /** How long deleted versions stay; the program has an answer when the stack has none. */
    readonly noncurrentDays: number | undefined;
    readonly tags: Readonly<Record<string, string>>;
    readonly role: MadeRole | undefined;
    /** Who can read and nothing else, by name. */
    readonly readers: readonly string[];
}

type MadeBucketInput = Partial<v.InferOutput<v.StrictObjectSchema<typeof madeBucketFields, undefined>>> & {
    readonly bucket?: string | undefined;
    readonly role?: string | undefined;
    readonly keyType: string;
};

/** What is to be made; nothing when the bucket exists, where such settings are mistakes. */
export function completeMadeBucket(input: MadeBucketInput, complain: Complain): MadeBucket | undefined {
    if (input.bucket !== undefined) {
        for (const name of [
            "versioning",
            "lock",
            "kms",
            "noncurrentDays",
            "tags",
            "keyGeneration",
            "makeRole",
        ] as const)
            if (input[name] !== undefined)
                complain(
                    name,
                    "is for a bucket that the program makes, and bucket names one that exists: remove one of them",
                );
        if (input.readers !== undefined)
            complain(
                "readers",
                "are made for a bucket that the program makes, and bucket names one that exists: make a user with the policy of docs/readers.md there, and remove this",
            );
        return undefined;
    }
    const versioning = input.versioning ?? true;
    if (!versioning && input.lock !== undefined)
        complain(
            "lock",
            "needs versioning, because what is locked are versions: remove versioning: false or the lock",
        );
    if (!versioning && input.noncurrentDays !== undefined)
        complain("noncurrentDays", "has no effect without versioning: remove one of them");
    return {
        versioning,
        lock: input.lock,
        kms: input.kms === false ? undefined : input.kms,
        noncurrentDays: input.noncurrentDays,
        tags: input.tags ?? {},
        role: readRole(input, complain),
        readers: readReaders(input, complain),
    };
}

function readReaders({ readers = [] }: MadeBucketInput, complain: Complain): readonly string[] {
    const twice = readers.find((name, index) => readers.indexOf(name) !== index);
    if (twice !== undefined) complain("readers", `${twice} is there twice: each reader needs its own name`);
    return readers;
}

function readRole(input: MadeBucketInput, complain: Complain): MadeRole | undefined {
    const role = input.makeRole;
    if (role === undefined) return undefined;
    const needed = role.for === "ec2" ? "auto" : "web-id";
    if (input.role !== undefined)
        complain("makeRole", "makes a role, and role names one that exists: remove one of them");
    if (input.keyType !== needed)
        complain(
            "makeRole",
            `for ${role.for} goes with keyType ${needed}, and keyType is ${input.keyType}: give the same to both`,
        );
    if (role.for === "ec2") {
        if (role.provider !== undefined || role.subject !== undefined)
            complain("makeRole", "for ec2 takes no provider and no subject: remove them");
        return { for: "ec2" };
    }
    if (role.provider === undefined || role.subject === undefined)
        complain(
            "makeRole",
            "for web-id needs provider (its ARN in IAM) and subject: whose tokens may assume the role",
        );
    return {
        for: "web-id",
        provider: role.provider ?? "",
        subject: role.subject ?? "",
        audience: role.audience,
    };
}
