import { randomBytes } from "node:crypto";
import { docker, eventually, mustDocker, removeAll } from "../docker";
import { serversImage } from "./build";
import { type Address, request } from "./https";

/** A storage server of the tests in a container of its own. TLS is on port 443 of its name in the networks it joined. */
export class Server {
    private readonly ports = new Map<number, string>();

    constructor(
        /** The container, and the host name for other containers. */
        readonly name: string,
        /** PEM text of the authority that vouches for it. */
        readonly ca: string,
        /** Does it answer? Without it, over HTTPS. */
        private readonly ready?: (name: string) => Promise<boolean>,
    ) {}

    /** Lets a stack's containers reach it. */
    async join(network: string): Promise<void> {
        this.ports.clear();
        await mustDocker(["network", "connect", network, this.name]);
    }

    /** A network goes with its stack only when nobody else is left in it. */
    async leave(network: string): Promise<void> {
        this.ports.clear();
        await docker(["network", "disconnect", "--force", network, this.name]);
    }

    async stop(): Promise<void> {
        await mustDocker(["stop", "--time", "2", this.name]);
    }

    /** Ends it without any warning. */
    async kill(): Promise<void> {
        await mustDocker(["kill", this.name]);
    }

    async start(): Promise<void> {
        await mustDocker(["start", this.name]);
        this.ports.clear();
        await this.answers();
    }

    /** Where this host reaches it: another place after each start. */
    async address(port = 443): Promise<Address> {
        const known = this.ports.get(port);
        const found = known ?? (await mustDocker(["port", this.name, `${port}/tcp`])).split("\n")[0] ?? "";
        this.ports.set(port, found);
        return { host: "127.0.0.1", port: Number(found.split(":").at(-1)), ca: this.ca };
    }

    /** Where this host reaches it whatever networks it joins and leaves: its own address in the network of the servers. */
    ownAddress(): Promise<string> {
        const network = `${this.name.slice(0, this.name.lastIndexOf("-"))}-servers`;
        const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
        return mustDocker(["inspect", "--format", format, this.name]);
    }

    async answers(): Promise<void> {
        await eventually(
            `${this.name} answers`,
            async () => {
                const { ok } = await docker(["inspect", this.name]);
                if (!ok || this.ready !== undefined) return ok && (await this.ready?.(this.name)) === true;
                return await request(await this.address(), { method: "GET", path: "/" }).then(
                    // The proxy is there before the server behind it.
                    ({ status }) => status !== 502,
                    () => false,
                );
            },
            120,
        );
    }
}

interface Start {
    readonly command: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    /** Does it answer? Without it, over HTTPS. */
    readonly ready?: (name: string) => Promise<boolean>;
}

/** The servers of one test file: they share an image, certificates made for this run, and a prefix of their Docker names. */
export class Servers {
    private constructor(
        readonly prefix: string,
        readonly image: string,
        readonly ca: string,
    ) {}

    static async create(...kinds: readonly string[]): Promise<Servers> {
        const image = await serversImage();
        const prefix = `pgbt-${randomBytes(4).toString("hex")}`;
        const names = kinds.map((kind) => `${prefix}-${kind}`);
        const certificates = [
            image,
            "test-proxy",
            "certificates",
            "/certificates",
            ...names,
            "localhost",
            "127.0.0.1",
        ];
        const volume = `${prefix}-certificates`;
        await mustDocker(["network", "create", `${prefix}-servers`]);
        await mustDocker([
            "run",
            "--rm",
            "--network",
            "none",
            "--volume",
            `${volume}:/certificates`,
            ...certificates,
        ]);
        const ca = await mustDocker([
            ...["run", "--rm", "--network", "none"],
            "--volume",
            `${volume}:/certificates:ro`,
            image,
            "cat",
            "/certificates/ca.crt",
        ]);
        return new Servers(prefix, image, `${ca}\n`);
    }

    /** Starts one of the kinds that were named at first. The command finds certificates in /certificates and a volume at /data. */
    async start(kind: string, { command, environment = {}, ready }: Start): Promise<Server> {
        const name = `${this.prefix}-${kind}`;
        await mustDocker([
            ...["run", "--detach", "--init", "--name", name, "--stop-timeout", "2"],
            ...["--network", `${this.prefix}-servers`],
            ...["--volume", `${this.prefix}-certificates:/certificates:ro`, "--volume", `${name}:/data`],
            ...["--publish", "127.0.0.1::443"],
            ...Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
            ...[this.image, ...command],
        ]);
        const server = new Server(name, this.ca, ready);
        await server.answers();
        return server;
    }

    async remove(): Promise<void> {
        await removeAll(this.prefix);
    }
}

/** The name of the host in the certificates is that of the container. */
export const CERTIFICATE = "/certificates/server.crt";
export const KEY = "/certificates/server.key";
