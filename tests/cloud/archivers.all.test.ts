import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { publishedFile } from "../../components/repository/file";
import { PATIENCE } from "../support/containers";
import { docker, eventually, mustDocker, pause } from "../support/docker";
import { VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { TwoRepositories } from "../support/twoRepositories";
import { rights } from "./s3Bucket";
import { USER } from "./shared";

const BUCKET = "archive";
const QUEUE = 16;

describe("two repositories under load, one of which is away", function () {
    this.timeout(PATIENCE);
    let servers: Servers;
    let gateway: VersityGateway;
    let two: TwoRepositories;
    let first: string;
    let started: string;

    before(async () => {
        servers = await Servers.create("s3");
        gateway = await VersityGateway.start(servers);
        await gateway.createUser(USER);
        await gateway.administrator.createBucket(BUCKET);
        await gateway.administrator.putPolicy(BUCKET, rights(BUCKET, ""));
        two = await TwoRepositories.create(["--network", `${servers.prefix}-servers`]);
        const { name, ca } = gateway.server;
        const offsite = {
            ...{ type: "s3", path: "/", "s3-bucket": BUCKET, "s3-endpoint": name, "s3-region": "us-east-1" },
            ...{ "s3-uri-style": "path", "s3-key": USER.key, "s3-key-secret": USER.secret },
            "storage-ca-file": publishedFile("ca.crt"),
        };
        await two.start(offsite, QUEUE, "io-timeout=4\n", { "ca.crt": ca });
        started = await two.startTime();
        first = await two.write(1);
        for (const repository of ["local", "offsite"] as const) await two.arrives(repository, first);
    });
    afterEach(async () => {
        await docker(["unpause", gateway.server.name]);
        if (
            !(
                await docker(["inspect", "--format", "{{.State.Running}}", gateway.server.name])
            ).output.includes("true")
        )
            await gateway.server.start();
    });
    after(async () => {
        await two.remove();
        await servers.remove();
    });

    /** Longer than the limit; gives the last segment, and the most that PostgreSQL waited with. */
    async function load(): Promise<{ readonly last: string; readonly most: number }> {
        let [last, most, written] = ["", 0, 0];
        await eventually("WAL was dropped", async () => {
            last = await two.write(2);
            written += 2;
            // At once, although PostgreSQL waits for the other.
            const begun = Date.now();
            await two.arrives("local", last);
            assert.ok(Date.now() - begun < 20_000, `${last} took ${Date.now() - begun} ms`);
            most = Math.max(most, await two.waiting());
            return written > 2 * QUEUE && (await two.waiting()) < QUEUE / 2;
        });
        return { last, most };
    }

    async function whileAway(): Promise<void> {
        const { last, most } = await load();
        assert.deepEqual(await two.missing("local", [first, last]), []);
        // What one run of pgBackRest that hangs takes to end is unavoidable.
        assert.ok(most > QUEUE / 2 && most < 6 * QUEUE, `${most} segments waited`);
        const log = await two.containers.logs("postgres");
        assert.match(log, /repository offsite: .*dropped WAL file/);
        assert.doesNotMatch(log, /repository local: .*(?:dropped|not arrived)/);
        assert.equal(await two.startTime(), started);
    }

    it("because it refuses connections", async () => {
        await gateway.server.stop();
        await whileAway();
    });

    it("because it hangs, and a fast shutdown of PostgreSQL is not held up longer than by one", async () => {
        const back = await two.write(1);
        await two.arrives("offsite", back);
        await pause(gateway.server.name);
        await whileAway();
        await two.write(2);
        const begun = Date.now();
        await mustDocker(["stop", "--time", "60", two.containers.name("postgres")]);
        // A command on its way, and three more, of 5 s each, which is archive-timeout.
        assert.ok(Date.now() - begun < 45_000);
        assert.match(await two.containers.logs("postgres"), /database system is shut down/);
    });
});
