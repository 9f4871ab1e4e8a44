import assert from "node:assert/strict";
import type { Repository } from "./cloudStack";
import { type Shared, USER } from "./shared";

/** A bucket of the S3 server, as the stack's user reaches it. */
export function bucket({ gateway }: Shared, name: string, changes: Repository = {}): Repository {
    return {
        ...{ name: "cloud", type: "s3", bucket: name, region: "us-east-1", uriStyle: "path" },
        ...{ endpoint: gateway.server.name, caFile: "ca.crt", key: USER.key, keySecret: USER.secret },
        ...changes,
    };
}

/** Moves the stack into a bucket; PostgreSQL does not notice. */
export async function move(all: Shared, name: string): Promise<void> {
    const seconds = await all.cloud.mustSwitchTo(bucket(all, name));
    console.log(`        (up took ${seconds.toFixed(0)} s)`);
    await all.assertUninterrupted();
}

const OBJECTS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/** A bucket's policy that gives the stack's user, or others, what pgBackRest needs below a prefix, and nothing else. */
export function rights(
    name: string,
    prefix: string,
    actions: readonly string[] = OBJECTS,
    users: readonly string[] = [USER.key],
): object {
    const allow = { Effect: "Allow", Principal: { AWS: users } };
    return {
        Version: "2012-10-17",
        Statement: [
            {
                ...allow,
                Action: ["s3:ListBucket", "s3:ListBucketVersions"],
                Resource: `arn:aws:s3:::${name}`,
            },
            { ...allow, Action: actions, Resource: `arn:aws:s3:::${name}/${prefix}*` },
        ],
    };
}

/** More may have come: who archives goes on with it. */
export function assertNothingGone(before: readonly string[], now: readonly string[]): void {
    assert.deepEqual(
        before.filter((key) => !now.includes(key)),
        [],
    );
}
