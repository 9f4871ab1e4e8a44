import assert from "node:assert/strict";
import { after } from "mocha";
import { Aws, Azurite, GoogleStorage, VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { SftpServer } from "../support/servers/sftp";
import { CloudStack } from "./cloudStack";
import { Session } from "./session";

/** Characters that an INI parser, a shell or a URL would take for something else. */
export const USER = { key: "stack-user", secret: `a=b+c/d#e;f"g'h\\i%j&k$l==` };

/** One server of each kind, for all tests. */
export interface AllServers {
    readonly gateway: VersityGateway;
    readonly aws: Aws;
    readonly azurite: Azurite;
    readonly google: GoogleStorage;
    readonly sftp: SftpServer;
}

/** And one live stack that is moved from one to the next: PostgreSQL must not notice. */
export interface Shared extends AllServers {
    readonly cloud: CloudStack;
    /** Neither PostgreSQL nor a container nor a client's connection was ended since the stack came up. */
    assertUninterrupted(): Promise<void>;
}

let started: Promise<AllServers> | undefined;
let made: Promise<Shared> | undefined;
let servers: Servers | undefined;
let stack: CloudStack | undefined;
let session: Session | undefined;

export function allServers(): Promise<AllServers> {
    started ??= startServers();
    return started;
}

export function shared(): Promise<Shared> {
    made ??= make();
    return made;
}

async function startServers(): Promise<AllServers> {
    const all = await Servers.create("s3", "aws", "azure", "gcs", "sftp");
    servers = all;
    const [gateway, aws, azurite, google, sftp] = await Promise.all([
        VersityGateway.start(all),
        Aws.start(all),
        Azurite.start(all),
        GoogleStorage.start(all),
        SftpServer.start(all),
    ]);
    return { gateway, aws, azurite, google, sftp };
}

async function make(): Promise<Shared> {
    const starting = CloudStack.create().then((cloud) => {
        stack = cloud;
        return cloud;
    });
    const [{ gateway, aws, azurite, google, sftp }, cloud] = await Promise.all([allServers(), starting]);
    for (const { server } of [gateway, aws, azurite, google, sftp]) await cloud.join(server);
    await gateway.createUser(USER);
    const client = new Session(cloud.running.name("postgres"));
    session = client;
    const state = async (): Promise<object> => ({
        ...(await cloud.uninterrupted()),
        backend: await client.backend(),
    });
    const before = await state();
    const assertUninterrupted = async (): Promise<void> => {
        assert.deepEqual(await state(), before);
    };
    return { cloud, gateway, aws, azurite, google, sftp, assertUninterrupted };
}

after("remove the servers and the stack that moves between them", async function () {
    this.timeout(120_000);
    session?.end();
    await stack?.remove();
    await servers?.remove();
});
