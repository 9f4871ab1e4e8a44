import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import { after, before, describe, it } from "mocha";
import { IMMUTABLE } from "../../components/protection/immutable";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { Containers } from "../support/containers";

/** As the program gives them to setup. */
const lines = (reasons: Readonly<Record<string, string>>): string =>
    Object.entries(reasons)
        .map(([part, text]) => `s3\t${part}\t${text}\n`)
        .join("");

/** An S3 server that answers every request the same way. */
class Refusing {
    private answer = { status: 403, body: "", date: new Date() };
    private readonly server: Server;
    requests = 0;

    constructor() {
        this.server = createServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, (request, response) => {
            this.requests++;
            request.resume().on("end", () => {
                const { status, body, date } = this.answer;
                const headers = { date: date.toUTCString(), "content-length": Buffer.byteLength(body) };
                response.writeHead(status, headers).end(body);
            });
        });
    }

    async start(): Promise<number> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        const address = this.server.address();
        assert.ok(typeof address === "object" && address !== null);
        return address.port;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    with(status: number, code: string, minutesAhead = 0): void {
        const body = code === "" ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;
        this.answer = { status, body, date: new Date(Date.now() + minutesAhead * 60_000) };
    }
}

describe("setup with a repository that refuses", function () {
    this.timeout(120_000);
    const server = new Refusing();
    let containers: Containers;
    let port: number;

    before(async () => {
        containers = await Containers.create();
        port = await server.start();
    });
    after(async () => {
        server.stop();
        await containers.remove();
    });

    /** The last lines of a setup that fails. */
    async function failure(changes: Readonly<Record<string, string>> = {}): Promise<string> {
        const result = await containers.setup({
            environment: {
                PGBACKREST_REPO1_TYPE: "s3",
                PGBACKREST_REPO1_PATH: "/x",
                PGBACKREST_REPO1_S3_BUCKET: "backups",
                PGBACKREST_REPO1_S3_ENDPOINT: `localhost:${port}`,
                PGBACKREST_REPO1_S3_URI_STYLE: "path",
                PGBACKREST_REPO1_S3_REGION: "us-east-1",
                PGBACKREST_REPO1_S3_KEY: "the-key-id",
                PGBACKREST_REPO1_S3_KEY_SECRET: "the-key-secret",
                PGBACKREST_REPO1_STORAGE_CA_FILE: "@REVISION@/files/ca.crt",
                FILE_1_NAME: "ca.crt",
                FILE_1_CONTENT: CERTIFICATE,
                ...changes,
            },
            mounts: [],
            network: ["--network", "host", "--add-host", "elsewhere:127.0.0.1"],
        });
        assert.ok(!result.ok);
        assert.ok(!result.output.includes("the-key-secret"), result.output);
        return result.output;
    }

    const answers: readonly (readonly [string, number, string, RegExp])[] = [
        [
            "a key that nobody knows",
            403,
            "InvalidAccessKeyId",
            /credentials are wrong: the server does not know this key/,
        ],
        [
            "a wrong secret",
            403,
            "SignatureDoesNotMatch",
            /credentials are wrong: the secret does not belong to the key/,
        ],
        [
            "a right that is missing",
            403,
            "AccessDenied",
            /lack a right: reading, writing, .*under \/x are needed/,
        ],
        ["a bucket that is not there", 404, "NoSuchBucket", /there is no such bucket/],
        ["a bucket elsewhere", 301, "PermanentRedirect", /in another region/],
    ];
    for (const [title, status, code, expected] of answers)
        it(`tells ${title}`, async () => {
            server.with(status, code);
            assert.match(await failure(), expected);
        });

    it("tells a wrong clock, whatever the server says about it", async () => {
        server.with(403, "SignatureDoesNotMatch", 61);
        assert.match(await failure(), /clock differs by 6[01] minutes from the server's/);
    });

    it("tells a certificate of another CA, and one for another name", async () => {
        const unknown = await failure({
            PGBACKREST_REPO1_STORAGE_CA_FILE: "/etc/ssl/certs/ca-certificates.crt",
        });
        assert.match(unknown, /certificate cannot be verified: it was not signed by the CA in caFile/);
        const other = await failure({ PGBACKREST_REPO1_S3_ENDPOINT: `elsewhere:${port}` });
        assert.match(other, /certificate cannot be verified: it is for other names than 'elsewhere'/);
    });

    it("tells a plain server from one with TLS", async () => {
        const output = await failure({ PGBACKREST_REPO1_S3_ENDPOINT: `http://localhost:${port}` });
        assert.match(output, /its host does not answer|cannot be used/);
    });

    it("tells a store that lets nothing be overwritten from a right that is missing", async () => {
        server.with(403, "ObjectLocked");
        const output = await failure({ REPOSITORY_REASONS: lines(IMMUTABLE) });
        assert.match(
            output,
            /lets nothing be overwritten or deleted for a time .*: let the bucket .* keep versions/,
        );
        assert.ok(!output.includes("lack a right"), output);
    });

    it("is patient with a key that was made a moment ago, and not for ever", async () => {
        server.with(403, "InvalidAccessKeyId");
        const before = server.requests;
        const output = await failure({ REPOSITORY_PATIENCE: "12" });
        assert.match(output, /not usable yet, trying again/);
        assert.match(output, /credentials are wrong/);
        assert.ok(server.requests - before >= 2);
    });
});
