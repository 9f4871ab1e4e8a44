import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import * as v from "valibot";
import { parse } from "yaml";
import { root } from "../../toolchain/paths";
import { pulumiEnvironment } from "../../toolchain/pulumi";

const Project = v.object({
    ...{ name: v.literal("pgbackrest"), main: v.string(), runtime: v.unknown() },
    config: v.record(v.string(), v.unknown()),
});

describe("pulumi new, from this repository", function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), "pgbt-new-"));
    const [template, project, state] = ["template", "project", "state"].map((name) => join(directory, name));

    it("makes a project that is this one, and takes an example as its stack", async () => {
        assert.ok(template !== undefined && project !== undefined && state !== undefined);
        try {
            const { stdout } = await execa(
                "git",
                ["ls-files", "--cached", "--others", "--exclude-standard"],
                {
                    cwd: root,
                },
            );
            const files = stdout.split("\n").filter((file) => existsSync(join(root, file)));
            for (const file of files) {
                mkdirSync(dirname(join(template, file)), { recursive: true });
                cpSync(join(root, file), join(template, file));
            }
            for (const made of [project, state]) mkdirSync(made);
            const pulumi = (...args: readonly string[]) =>
                execa("pulumi", args, {
                    cwd: project,
                    env: {
                        ...pulumiEnvironment(),
                        PULUMI_BACKEND_URL: `file://${state}`,
                        PULUMI_CONFIG_PASSPHRASE: "x",
                    },
                });
            await pulumi("new", template, "--name", "pgbackrest", "--generate-only", "--yes");
            const read = (from: string, file: string) => readFileSync(join(from, file));
            assert.deepEqual(
                files.filter(
                    (file) =>
                        !existsSync(join(project, file)) || !read(project, file).equals(read(root, file)),
                ),
                ["Pulumi.yaml"],
            );
            const projectOf = (from: string) => v.parse(Project, parse(read(from, "Pulumi.yaml").toString()));
            const { config, ...others } = projectOf(root);
            const made = projectOf(project);
            // Pulumi adds a tag with the name of the template.
            assert.deepEqual({ ...made.config, ...config }, made.config);
            assert.deepEqual({ ...made, config: {} }, { ...others, config: {} });
            cpSync(join(project, "examples/one-host.yaml"), join(project, "Pulumi.shop.yaml"));
            await pulumi("stack", "init", "shop");
            const { stdout: database } = await pulumi("config", "get", "database", "--stack", "shop");
            assert.equal(database, "shop");
        } finally {
            rmSync(directory, { recursive: true, force: true });
        }
    });
});
