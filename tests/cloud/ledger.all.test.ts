import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { caFile, publishedFile } from "../../components/repository/file";
import { PATIENCE } from "../support/containers";
import { mustDocker } from "../support/docker";
import { prepared } from "../support/images";
import { FILES } from "../support/inputs";
import { ledgerImage, PASSPHRASE } from "../support/ledger/image";
import { Restores, type Snapshot, type Wanted } from "../support/ledger/restores";
import { VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { rights } from "./s3Bucket";
import { USER } from "./shared";

type At = Restores["ledger"]["at"];

const BUCKET = "ledger";
const CA = caFile("repo1");

/** Others are tried in a volume: tests/image. The cluster is on timeline 2; what else there is: tests/support/ledger/make-ledger.sh. */
const TARGETS: Readonly<Record<string, (at: At) => readonly [Wanted, string]>> = {
    "a time": (at) => [{ at: at("b3").commit.time }, "b3"],
    "a restore point of a timeline that was given up": () => [{ at: "c2", timeline: 3 }, "c2"],
    "the newest": () => [{ at: "latest" }, "b4"],
};

describe("restore from an encrypted repository in a bucket", function () {
    this.timeout(PATIENCE);
    let servers: Servers;
    let restores: Restores;
    let was: Snapshot;

    before(async () => {
        servers = await Servers.create("s3");
        const gateway = await VersityGateway.start(servers);
        await gateway.createUser(USER);
        await gateway.administrator.createBucket(BUCKET);
        await gateway.administrator.putPolicy(BUCKET, rights(BUCKET, ""));
        const { name } = gateway.server;
        // The server keeps an object in a file, and pgBackRest's are the same in a bucket.
        await mustDocker([
            ...["run", "--rm", "--network", "none", "--user", "0", "--volume", `${name}:/data`],
            ...[
                await prepared(ledgerImage()),
                "cp",
                "-r",
                "/var/lib/pgbackrest/encrypted/.",
                `/data/s3/${BUCKET}`,
            ],
        ]);
        restores = await Restores.create({
            network: ["--network", `${servers.prefix}-servers`],
            repository: { container: name, directory: `/data/s3/${BUCKET}` },
            setup: {
                files: { ...FILES, [`files/${CA}`]: gateway.server.ca },
                environment: {
                    PGBACKREST_REPO1_TYPE: "s3",
                    PGBACKREST_REPO1_PATH: "/",
                    PGBACKREST_REPO1_S3_BUCKET: BUCKET,
                    PGBACKREST_REPO1_S3_ENDPOINT: name,
                    PGBACKREST_REPO1_S3_REGION: "us-east-1",
                    PGBACKREST_REPO1_S3_URI_STYLE: "path",
                    PGBACKREST_REPO1_S3_KEY: USER.key,
                    PGBACKREST_REPO1_S3_KEY_SECRET: USER.secret,
                    PGBACKREST_REPO1_STORAGE_CA_FILE: publishedFile(CA),
                    PGBACKREST_REPO1_CIPHER_TYPE: "aes-256-cbc",
                    PGBACKREST_REPO1_CIPHER_PASS: PASSPHRASE,
                },
            },
        });
        was = await restores.snapshot();
    });
    after(async () => {
        await restores.remove();
        await servers.remove();
    });
    afterEach(() => restores.assertAsItWas(was));

    for (const [index, [what, target]] of Object.entries(TARGETS).entries())
        it(`to ${what}`, async () => {
            const [wanted, moment] = target((name) => restores.ledger.at(name));
            await restores.mustRun(`target-${index}`, wanted);
            assert.deepEqual(await restores.rows(`target-${index}`), restores.ledger.at(moment).rows);
        });
});
