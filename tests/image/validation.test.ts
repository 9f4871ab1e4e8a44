import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { FILES, S3 } from "../support/inputs";
import type { Result } from "../support/docker";
import { REFUSED } from "./refused";

describe("setup refuses what would not work, and changes nothing", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    let others: readonly [Containers, Containers];
    let slow: Promise<readonly [Result, Result]>;
    let published: string;
    const state = async () =>
        (
            await containers.shell(
                "cd /etc/pgbackrest && ls -A . revisions && readlink current && find revisions -type f | xargs sha256sum",
            )
        ).output;

    before(async () => {
        containers = await Containers.create();
        // What is not there takes long to give up on: beside everything else.
        others = [await Containers.create(), await Containers.create()];
        const local = { PGBACKREST_REPO1_S3_ENDPOINT: "127.0.0.1:1", PGBACKREST_REPO1_S3_URI_STYLE: "path" };
        slow = Promise.all([
            others[0].setup({ environment: S3 }),
            others[1].setup({ environment: { ...S3, ...local } }),
        ]);
        const { ok, output } = await containers.setup();
        assert.ok(ok, output);
        published = await state();
    });
    after(() => Promise.all([containers, ...others].map((one) => one.remove())));

    for (const [name, setup, ...says] of REFUSED) {
        it(name, async () => {
            const { ok, output } = await containers.setup(setup);
            assert.ok(!ok, output);
            assert.match(
                output,
                /ERROR: nothing was changed, the configuration published before stays in force/,
            );
            for (const text of says) assert.match(output, text);
            assert.doesNotMatch(
                output,
                /the-key-secret|the-key-id|unbound variable|line \d+: .*command not found/,
            );
        });
    }

    it("a host that nobody knows, and one that does not answer", async () => {
        const [unknown, silent] = await slow;
        assert.match(
            unknown.output,
            /repo1 \(s3:bucket bucket at no-such-host.invalid, path \/x\): the host .* is not known/,
        );
        assert.match(silent.output, /its host does not answer: check the endpoint/);
        assert.doesNotMatch(unknown.output + silent.output, /the-key/);
    });

    it("left the first configuration exactly as it was", async () => {
        assert.equal(await state(), published);
        assert.ok(Object.keys(FILES).every((file) => published.includes(file)));
    });

    it("left nothing in the repository", async () => {
        assert.equal((await containers.shell("ls -A /var/lib/pgbackrest")).output, "");
    });
});
