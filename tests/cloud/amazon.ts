import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "mocha";
import { parse } from "yaml";
import { findPlugins } from "../../toolchain/pulumi";
import { findTerraformAws } from "../../toolchain/closedNetwork/terraformAws";
import { Aws } from "../support/servers/kinds";
import type { Credentials } from "../support/servers/s3Client";
import { CloudStack } from "./cloudStack";
import { shared } from "./shared";

/** Why nothing can be made at Amazon here; empty when it can. */
export const withoutAmazon =
    findPlugins() === "official" || findTerraformAws() !== undefined
        ? ""
        : "Pulumi's AWS plugin cannot be downloaded here, and no Terraform AWS provider is on this machine";

/** Ends the titles of the tests that it leaves out. */
export const pending = withoutAmazon === "" ? "" : ` - PENDING: ${withoutAmazon}`;

/** A stack with the settings of Pulumi.prod.yaml, whose bucket, user and key the AWS provider has made. */
export interface Amazon {
    readonly cloud: CloudStack;
    readonly aws: Aws;
    readonly bucket: string;
    readonly made: Credentials;
    readonly seconds: number;
}

let made: Promise<Amazon> | undefined;
let stack: CloudStack | undefined;
const VARIABLES = {
    AWS_ACCESS_KEY_ID: Aws.administrator.key,
    AWS_SECRET_ACCESS_KEY: Aws.administrator.secret,
    AWS_EC2_METADATA_DISABLED: "true",
};

/** Takes a minute, most of it the provider's wait for a lifecycle configuration: begin early. */
export function amazon(): Promise<Amazon> {
    made ??= make();
    return made;
}

async function make(): Promise<Amazon> {
    const { aws } = await shared();
    return makeAmazon(aws, (cloud) => {
        stack = cloud;
    });
}

/**
 * Another one, for who destroys it.
 * @param made is told of the stack before it is complete, so that it can be removed whatever happens
 */
export async function makeAmazon(aws: Aws, made: (cloud: CloudStack) => void): Promise<Amazon> {
    const { settings, repository } = prod();
    const cloud = await CloudStack.create({
        ...settings,
        // What this machine has.
        ...{ memory: 1024, cpus: 2, shm: 128, backupMemory: 512, backupCpus: 2, waitTimeout: 5 },
    });
    made(cloud);
    await cloud.join(aws.server);
    Object.assign(process.env, VARIABLES);
    const endpoint = await aws.endpoint();
    cloud.stack.configure({ aws: providerAt(endpoint, repository["region"]) });
    const reached = { endpoint: aws.server.name, uriStyle: "path", caFile: "ca.crt" };
    const seconds = await cloud.mustSwitchTo({ ...repository, ...reached, readers: ["drills"] });
    const configuration = await cloud.running.configuration("backup", "conf.d/repo.conf");
    const option = (name: string): string =>
        new RegExp(`^repo1-s3-${name}=(.*)$`, "m").exec(configuration)?.[1] ?? "";
    return {
        ...{ cloud, aws, seconds, bucket: option("bucket") },
        made: { key: option("key"), secret: option("key-secret") },
    };
}

/** The setting `aws` for the emulator at this address. */
function providerAt(endpoint: string, region: unknown): Record<string, unknown> {
    return {
        region,
        endpoints: { s3: endpoint, iam: endpoint, sts: endpoint, kms: endpoint },
        ...{ s3UsePathStyle: true, skipCredentialsValidation: true },
        ...{ skipRequestingAccountId: true, skipMetadataApiCheck: true },
    };
}

/** Pulumi.prod.yaml, without what says where AWS and the host are. */
function prod(): { settings: Record<string, unknown>; repository: Record<string, unknown> } {
    const { config } = record(
        parse(readFileSync(join(import.meta.dirname, "../../Pulumi.prod.yaml"), "utf8")),
    );
    const settings: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(record(config)))
        settings[key.replace("pgbackrest:", "")] = value;
    const { repositories } = settings;
    assert.ok(Array.isArray(repositories));
    const [repository] = repositories.map(record);
    assert.ok(repository !== undefined);
    for (const other of ["aws", "name", "repositories"]) Reflect.deleteProperty(settings, other);
    return { settings, repository };
}

function record(value: unknown): Record<string, unknown> {
    assert.ok(typeof value === "object" && value !== null);
    return Object.fromEntries(Object.entries(value));
}

after("remove the stack at Amazon", async function () {
    this.timeout(60_000);
    for (const name of Object.keys(VARIABLES)) Reflect.deleteProperty(process.env, name);
    await stack?.remove();
});
