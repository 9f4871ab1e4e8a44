import type * as pulumi from "@pulumi/pulumi";
import type { Amazon } from "./classes";
import type { S3Place } from "./declare";
import type { MadeBucket } from "./madeBucket";
import { ec2TrustPolicy, type PolicyDocument, webIdentityTrustPolicy } from "./policy";

/** Whose rights on a bucket that the program makes, and how they are made. */
export interface AccessContext {
    readonly amazon: Amazon;
    readonly bucket: MadeBucket;
    readonly region: string;
    readonly parent: pulumi.Resource;
    /** Options of what goes with the bucket. */
    readonly keep: pulumi.CustomResourceOptions;
}

/** The key of a user that has the rights. */
export function makeUser(
    name: string,
    userName: pulumi.Output<string>,
    policy: pulumi.Output<string>,
    generation: number,
    { amazon, bucket, parent, keep }: AccessContext,
): InstanceType<Amazon["AccessKey"]> {
    const user = new amazon.User(`${name}-user`, { name: userName, tags: { ...bucket.tags } }, keep);
    const rights = new amazon.UserPolicy(
        `${name}-rights`,
        { name: "pgbackrest", user: user.name, policy },
        keep,
    );
    // A new one is a new resource: Pulumi deletes the old one last of all, and only when setup has proven the new one and apply has
    // seen that nothing uses the old one any more.
    return new amazon.AccessKey(
        generation === 1 ? `${name}-key` : `${name}-key-${generation}`,
        { user: user.name },
        // Who has the key before it has its rights fails for no reason.
        { parent, dependsOn: rights },
    );
}

/** The key of a user that can read and nothing else. Free to go at any time: nothing of the backups depends on it. */
export function makeReader(
    name: string,
    userName: pulumi.Output<string>,
    policy: pulumi.Output<string>,
    { amazon, bucket, parent }: AccessContext,
): InstanceType<Amazon["AccessKey"]> {
    const user = new amazon.User(`${name}-user`, { name: userName, tags: { ...bucket.tags } }, { parent });
    const rights = new amazon.UserPolicy(
        `${name}-rights`,
        { name: "pgbackrest-reader", user: user.name, policy },
        { parent },
    );
    return new amazon.AccessKey(`${name}-key`, { user: user.name }, { parent, dependsOn: rights });
}

/** Keyless: the rights as a document for whoever has to attach them, and the role with them where one is wanted. */
export function makeRole(
    name: string,
    roleName: pulumi.Output<string>,
    policy: pulumi.Output<string>,
    { amazon, bucket, region, keep }: AccessContext,
): Pick<S3Place, "role" | "details"> {
    const wanted = bucket.role;
    if (wanted === undefined) return { details: { policy } };
    const trust: PolicyDocument =
        wanted.for === "ec2"
            ? ec2TrustPolicy(region)
            : webIdentityTrustPolicy(wanted.provider, wanted.subject, wanted.audience);
    const role = new amazon.Role(
        `${name}-role`,
        { name: roleName, assumeRolePolicy: JSON.stringify(trust), tags: { ...bucket.tags } },
        keep,
    );
    new amazon.RolePolicy(`${name}-rights`, { name: "pgbackrest", role: role.name, policy }, keep);
    if (wanted.for === "web-id") return { role: role.arn, details: { policy, role: role.arn } };
    const profile = new amazon.InstanceProfile(`${name}-profile`, { name: roleName, role: role.name }, keep);
    return { role: role.name, details: { policy, role: role.arn, instanceProfile: profile.name } };
}
