import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { STEPS } from "../../components/drill/record";
import { PATIENCE } from "../support/containers";
import { docker, mustDocker } from "../support/docker";
import { Drills } from "../support/drilling";
import { POSIX } from "../support/inputs";
import { PASSPHRASE } from "../support/ledger/image";

/** The ledger's second repository. */
const ENCRYPTED = {
    ...POSIX,
    PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest/encrypted",
    PGBACKREST_REPO1_CIPHER_TYPE: "aes-256-cbc",
    PGBACKREST_REPO1_CIPHER_PASS: PASSPHRASE,
};

const PHASES: readonly string[] = STEPS;
/** It waits until it is killed. */
const FOR_EVER = { database: "postgres", sql: "select pg_sleep(3600)", expect: "" };

describe("drill with an encrypted repository", function () {
    this.timeout(PATIENCE);
    let drills: Drills;

    before(async () => {
        drills = await Drills.create({ environment: ENCRYPTED });
    });
    after(() => drills.remove());

    it("passes", async () => {
        const expect = drills.ledger.at("b4").rows.join("\n");
        const ledger = { database: "postgres", sql: "select line from ledger", expect };
        await drills.start({ queries: { ledger } });
        const record = await drills.record();
        assert.equal(record.result, "passed", JSON.stringify(record));
    });

    // At amcheck there is what there is at start and at queries: a server that is asked.
    for (const phase of ["restore", "replay", "start", "queries"] as const)
        it(`leaves nothing where it is killed at ${phase} or after it`, async () => {
            await drills.start({ queries: { forEver: FOR_EVER } });
            const before = await drills.many();
            const drill = drills.run();
            await drills.during(
                `it is at ${phase}`,
                ({ phase: now }) => PHASES.indexOf(now) >= PHASES.indexOf(phase),
            );
            const container = drills.containers.name("drill");
            await docker(["kill", container]);
            await drill;
            await mustDocker(["start", container]);
            await drills.begun(2);
            assert.equal(await drills.many(), before + 1);
            const { result, why } = await drills.newest();
            assert.equal(result, "unverified");
            assert.match(why, /^it was killed \(/);
            assert.equal(await drills.left(), "");
        });

    it("leaves nothing where it is stopped, and begins anew what was not asked by hand", async () => {
        await drills.start({ queries: { forEver: FOR_EVER } });
        const before = await drills.many();
        const asking = (text: string) => text === "query forEver";
        const drill = drills.run();
        await drills.during("it asks", ({ text }) => asking(text));
        await drills.tell("stop");
        const { exitCode, output } = await drill;
        assert.equal(exitCode, 1, output);
        assert.match(output, /^the drill was stopped$/m);
        await drills.order(Math.floor(Date.now() / 1000), false);
        await drills.during("it asks by schedule", ({ by, text }) => by === "schedule" && asking(text));
        const container = drills.containers.name("drill");
        await mustDocker(["stop", "--timeout", "60", container]);
        await mustDocker(["start", container]);
        await drills.during("it asks again", ({ by, text }) => by === "schedule" && asking(text));
        assert.equal(await drills.many(), before);
        await drills.order(0, false);
        await drills.tell("stop");
    });

    it("is not green where the passphrase is wrong", async () => {
        const file = "/etc/pgbackrest/current/conf.d/repo.conf";
        const { ok, output } = await drills.containers.shell(
            `sed -i 's/^\\(repo1-cipher-pass\\)=.*/\\1=another-passphrase/' ${file}; grep another-passphrase ${file}`,
        );
        assert.ok(ok, output);
        await drills.start();
        const record = await drills.record();
        assert.equal(record.result, "unverified", JSON.stringify(record));
        assert.match(record.why, /the repository repo1 cannot be read/);
        assert.ok(!JSON.stringify(record).includes("another-passphrase"));
    });
});
