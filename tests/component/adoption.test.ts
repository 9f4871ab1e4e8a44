import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { deployed, modes } from "../support/mocks";

const SETTINGS = {
    dataVolume: "shop_pgdata",
    stanza: "main",
    repositories: [{ name: "old", type: "posix", volume: "shop_backups" }],
};
const ADOPT = "Container salespider-adopt";

describe("adoption", () => {
    for (const mode of modes) {
        it(`runs before setup, as root with the rights that it needs, and on no network, ${mode}`, async () => {
            const stack = await deployed(SETTINGS, { mode });
            const { inputs } = stack.get(ADOPT);
            assert.equal(inputs["user"], "0:0");
            assert.equal(inputs["networkMode"], "none");
            assert.deepEqual(inputs["capabilities"], {
                drops: ["ALL"],
                adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"],
            });
            const order = stack.registrations.map(({ type, name }) => `${type} ${name}`);
            if (mode === "update")
                assert.ok(order.indexOf(ADOPT) < order.indexOf("Container salespider-setup"));
        });

        it(`declares no volume for what is there already, ${mode}`, async () => {
            const stack = await deployed(SETTINGS, { mode });
            const volumes = stack.registrations
                .filter(({ type }) => type === "Volume")
                .map(({ name }) => name);
            for (const name of ["shop_pgdata", "shop_backups", "salespider-postgres-data"])
                assert.ok(!volumes.includes(name), name);
        });
    }

    it("does not run again for another image or other settings, once it has ended well", async () => {
        const adoption = { attempt: "then", volumes: ["shop_pgdata", "shop_backups"] };
        const history = { deployment: undefined, failed: false, adoption };
        const { inputs, ignoreChanges } = (await deployed(SETTINGS, { history })).get(ADOPT);
        assert.deepEqual(ignoreChanges, ["image", "command"]);
        assert.ok(JSON.stringify(inputs["envs"]).includes("ATTEMPT=then"));
        assert.deepEqual((await deployed(SETTINGS)).get(ADOPT).ignoreChanges, []);
    });

    it("leaves the password of the role alone, unless the settings have one", async () => {
        const without = await deployed(SETTINGS);
        assert.ok(!without.registrations.some(({ name }) => name === "salespider-password"));
        const verifier = (stack: typeof without): string =>
            JSON.stringify(stack.get("Container salespider-apply").inputs["envs"]);
        assert.match(verifier(without), /"ADOPTED=yes"/);
        assert.match(verifier(without), /"ROLE_VERIFIER="/);
        const given = await deployed({ ...SETTINGS, password: "new" }, { secret: ["password"] });
        assert.match(verifier(given), /"ROLE_VERIFIER=SCRAM-SHA-256/);
    });
});
