import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { findPlugins } from "../../toolchain/pulumi";
import { findTerraformAws } from "../../toolchain/closedNetwork/terraformAws";

const missing = findPlugins() === "closed-network" && findTerraformAws() === undefined;
const pending = missing ? " (pending: no AWS plugin, and no Terraform provider for AWS on this machine)" : "";

describe(`npm run pulumi -- preview -s prod${pending}`, function () {
    this.timeout(120_000);

    it("shows a reviewer what prod would be, without its state, its host and credentials, and leaves the clone as it is", async function () {
        if (missing) this.skip();
        const file = join(root, "Pulumi.prod.yaml");
        const before = readFileSync(file, "utf8");
        const chosen = /^(?:AWS_|PULUMI_)/;
        const environment = Object.fromEntries(
            Object.entries(process.env).filter(([name]) => !chosen.test(name)),
        );
        const result = await execa(
            process.execPath,
            [
                "toolchain/launch.mjs",
                "pulumi",
                "preview",
                "-s",
                "prod",
                "--non-interactive",
                "--color",
                "never",
            ],
            {
                cwd: root,
                env: environment,
                extendEnv: false,
                reject: false,
                all: true,
            },
        );
        assert.equal(result.exitCode, 0, result.all);
        assert.match(result.all, /this is the preview of a new one/);
        assert.match(result.all, /aws:s3:BucketObjectLockConfiguration salespider-offsite-lock create/);
        assert.match(result.all, /\d\d to create/);
        assert.equal(readFileSync(file, "utf8"), before);
    });
});
