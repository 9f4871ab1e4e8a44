import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { HEALTHCHECK } from "../../components/services/postgres";
import { Probe } from "../support/probe";

/** `sh -c` of it: 0 or not. */
const CHECK = `sh -c '${HEALTHCHECK}' && echo well || echo not`;
const START = "pg_ctl --silent --wait --pgdata /tmp/d --log /tmp/log start";
const STOP = "pg_ctl --silent --wait --pgdata /tmp/d --mode immediate stop";
/** A standby that nobody may read turns sessions away as long as it runs, as a server that recovers does. */
const RECOVER = [
    "touch /tmp/d/standby.signal",
    "pg_ctl --silent --no-wait --pgdata /tmp/d --log /tmp/log --options '-c hot_standby=off' start",
    "for i in {1..300}; do pg_isready -q; [ $? = 1 ] && break; sleep 0.1; done; pg_isready -q; echo $?",
].join("\n");

describe("the health of PostgreSQL's container, asked of a real server", function () {
    this.timeout(60_000);
    let probe: Probe;
    before(async () => {
        probe = await Probe.start();
        await probe.bash("initdb --no-sync -D /tmp/d --auth peer >/dev/null");
    });
    after(() => probe.stop());

    it("is no success while it recovers at its start, and stays one while it recovers later", async () => {
        assert.equal(await probe.bash(CHECK), "not");
        assert.equal(await probe.bash(`${RECOVER}\n${CHECK}`), "1\nnot");
        assert.equal(await probe.bash(`${STOP}; rm /tmp/d/standby.signal; ${START}; ${CHECK}`), "well");
        assert.equal(await probe.bash(`${STOP}; ${RECOVER}\n${CHECK}`), "1\nwell");
        assert.equal(await probe.bash(`${STOP}; ${CHECK}`), "not");
    });
});
