import { createHmac } from "node:crypto";
import { mustDocker } from "../docker";
import { request } from "./https";
import { type Credentials, S3Client } from "./s3Client";
import { CERTIFICATE, KEY, type Server, type Servers } from "./servers";

const ROOT: Credentials = { key: "root-of-the-tests", secret: "secret-of-the-root" };

/** versitygw: S3 whose users, policies, versions and locks are enforced. */
export class VersityGateway {
    readonly administrator: S3Client;

    private constructor(readonly server: Server) {
        this.administrator = this.client(ROOT);
    }

    static async start(servers: Servers): Promise<VersityGateway> {
        const options = [
            "--access",
            ROOT.key,
            "--secret",
            ROOT.secret,
            "--port",
            ":443",
            "--cert",
            CERTIFICATE,
            "--key",
            KEY,
        ];
        const start = `mkdir -p /data/iam /data/versions /data/s3 && exec versitygw ${options.join(" ")} --iam-dir /data/iam posix --versioning-dir /data/versions /data/s3`;
        return new VersityGateway(await servers.start("s3", { command: ["sh", "-c", start] }));
    }

    client(credentials: Credentials): S3Client {
        return new S3Client(() => this.server.address(), credentials);
    }

    async createUser(user: Credentials): Promise<void> {
        const administrator = [
            "--access",
            ROOT.key,
            "--secret",
            ROOT.secret,
            "--endpoint-url",
            "https://127.0.0.1:443",
        ];
        const command = ["create-user", "--access", user.key, "--secret", user.secret, "--role", "user"];
        await mustDocker([
            "exec",
            this.server.name,
            "versitygw",
            "admin",
            "--allow-insecure",
            ...administrator,
            ...command,
        ]);
    }
}

/** moto: an AWS whose S3, IAM, STS and KMS share one state. The administrator's key may do everything. */
export class Aws {
    static readonly administrator: Credentials = {
        key: "AKIAADMINISTRATOR000",
        secret: "secret-of-the-administrator",
    };

    private constructor(readonly server: Server) {}

    static async start(servers: Servers): Promise<Aws> {
        const start = `python3 /usr/local/lib/servers/moto_server.py & exec test-proxy serve ${CERTIFICATE} ${KEY} http://127.0.0.1:5000`;
        const environment = {
            ADMINISTRATOR_KEY: Aws.administrator.key,
            ADMINISTRATOR_SECRET: Aws.administrator.secret,
        };
        const server = await servers.start("aws", {
            command: ["sh", "-c", start],
            environment,
        });
        return new Aws(server);
    }

    client(credentials: Credentials = Aws.administrator): S3Client {
        return new S3Client(() => this.server.address(), credentials);
    }

    /** Where the AWS provider, on this host, finds every service: without TLS, because it would not trust the authority. */
    async endpoint(): Promise<string> {
        return `http://${await this.server.ownAddress()}:5000`;
    }
}

/** Azurite: Azure Blob Storage, with the account and key that its documentation publishes. */
export class Azurite {
    static readonly account = "devstoreaccount1";
    static readonly key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private constructor(readonly server: Server) {}

    static async start(servers: Servers): Promise<Azurite> {
        const options = ["--blobHost", "0.0.0.0", "--blobPort", "443", "--cert", CERTIFICATE, "--key", KEY];
        const command = [
            "node",
            "/usr/local/lib/servers/azurite.cjs",
            ...options,
            "-l",
            "/data",
            "--disableTelemetry",
            "--silent",
        ];
        return new Azurite(await servers.start("azure", { command }));
    }

    async createContainer(container: string): Promise<void> {
        const date = new Date().toUTCString();
        const version = "2021-12-02";
        const path = `/${Azurite.account}/${container}`;
        const text = `PUT${"\n".repeat(12)}x-ms-date:${date}\nx-ms-version:${version}\n/${Azurite.account}${path}\nrestype:container`;
        const signature = createHmac("sha256", Buffer.from(Azurite.key, "base64"))
            .update(text)
            .digest("base64");
        const { status, body } = await request(await this.server.address(), {
            method: "PUT",
            path: `${path}?restype=container`,
            headers: {
                "x-ms-date": date,
                "x-ms-version": version,
                authorization: `SharedKey ${Azurite.account}:${signature}`,
            },
        });
        if (status !== 201) throw new Error(`the container ${container} was not made: ${status} ${body}`);
    }
}

/** fake-gcs-server: Google Cloud Storage. It takes any token. */
export class GoogleStorage {
    private constructor(readonly server: Server) {}

    static async start(servers: Servers): Promise<GoogleStorage> {
        const host = `${servers.prefix}-gcs`;
        const options = `-scheme http -host 127.0.0.1 -port 8080 -backend filesystem -filesystem-root /data -external-url https://${host} -public-host ${host}`;
        const start = `fake-gcs-server ${options} & exec test-proxy serve ${CERTIFICATE} ${KEY} http://127.0.0.1:8080`;
        return new GoogleStorage(await servers.start("gcs", { command: ["sh", "-c", start] }));
    }

    async createBucket(name: string): Promise<void> {
        const { status, body } = await request(await this.server.address(), {
            method: "POST",
            path: "/storage/v1/b?project=test",
            headers: { host: this.server.name, "content-type": "application/json" },
            body: JSON.stringify({ name }),
        });
        if (status !== 200) throw new Error(`the bucket ${name} was not made: ${status} ${body}`);
    }
}
