import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { chosenStack, devPassphrase, stateUrl } from "../../toolchain/backend";
import { compareVersions } from "../../toolchain/closedNetwork/goBuild";
import {
    linkerFlags,
    partDirectory,
    partProgram,
    parts,
    pluginParts,
    pulumiParts,
    sourceDirectory,
} from "../../toolchain/closedNetwork/parts";
import { cacheDirectory, findOnPath } from "../../toolchain/paths";
import { plugins } from "../../toolchain/plugins";
import { downloadDirectory, findPlugins, findPulumi, pulumiEnvironment } from "../../toolchain/pulumi";

let directory: string;
beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "pgbackrest-detection-"));
});
afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
});

function program(...path: string[]): string {
    const file = join(directory, ...path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o755 });
    return file;
}

const bare = (): Record<string, string> => ({
    PATH: join(directory, "bin"),
    XDG_CACHE_HOME: join(directory, "cache"),
    PULUMI_HOME: join(directory, "home"),
});

function officialPlugins(): void {
    for (const { name, version } of plugins)
        program("home", "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
}

describe("what a machine has already", () => {
    it("is used: Pulumi on the PATH, with its language host beside it or on the PATH", () => {
        assert.equal(findPulumi(bare()), undefined);
        program("bin", "pulumi");
        assert.equal(findPulumi(bare()), undefined, "without its language host it runs nothing");
        program("bin", "pulumi-language-nodejs");
        assert.deepEqual(findPulumi(bare()), { from: "PATH", directories: [] });
    });

    it("is used: what was downloaded before, then what was built before", () => {
        for (const part of pulumiParts) {
            mkdirSync(partDirectory(part, bare()), { recursive: true });
            writeFileSync(partProgram(part, bare()), "");
        }
        assert.equal(findPulumi(bare())?.from, "build");
        mkdirSync(downloadDirectory(bare()), { recursive: true });
        writeFileSync(join(downloadDirectory(bare()), "pulumi"), "");
        assert.equal(findPulumi(bare())?.from, "download");
    });

    it("is used: Pulumi's own plugins, but not half of one", () => {
        assert.equal(findPlugins(bare()), undefined);
        officialPlugins();
        assert.equal(findPlugins(bare()), "official");
        const { name, version } = plugins[0] ?? assert.fail();
        writeFileSync(join(directory, "home", "plugins", `resource-${name}-v${version}.partial`), "");
        assert.equal(findPlugins(bare()), undefined);
    });

    it("is used as it is: the official way gets none of the closed network's switches", () => {
        program("bin", "pulumi");
        program("bin", "pulumi-language-nodejs");
        officialPlugins();
        const environment = pulumiEnvironment({ environment: bare() });
        assert.equal(environment["PULUMI_HOME"], bare()["PULUMI_HOME"]);
        assert.equal(environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"], undefined);
        assert.equal(environment["PULUMI_BACKEND_URL"], stateUrl);
        assert.equal(environment["PULUMI_STACK"], "dev");
        assert.equal(environment["PULUMI_CONFIG_PASSPHRASE"], devPassphrase);
    });

    it("is respected: a backend, a passphrase and a stack of the user's own", () => {
        program("bin", "pulumi");
        program("bin", "pulumi-language-nodejs");
        officialPlugins();
        const own = { ...bare(), PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" };
        const environment = pulumiEnvironment({ environment: own, stack: "prod" });
        assert.equal(environment["PULUMI_BACKEND_URL"], "s3://state");
        assert.equal(environment["PULUMI_CONFIG_PASSPHRASE"], undefined);
        const prod = pulumiEnvironment({ environment: bare(), stack: "prod" });
        assert.equal(
            prod["PULUMI_CONFIG_PASSPHRASE"],
            undefined,
            "the passphrase that is no secret is for dev only",
        );
    });

    it("never includes programs that cannot be run", () => {
        writeFileSync(join(directory, "plain"), "");
        mkdirSync(join(directory, "folder"));
        assert.equal(findOnPath("plain", { PATH: directory }), undefined);
        assert.equal(findOnPath("folder", { PATH: directory }), undefined);
        assert.equal(findOnPath("plain", {}), undefined);
    });
});

describe("the stack of a command", () => {
    it("is the one that is named, else that of the environment, else dev", () => {
        for (const args of [
            ["up", "--stack", "prod"],
            ["-s", "prod", "up"],
            ["up", "--stack=prod"],
            ["up", "-s=prod"],
        ]) {
            assert.equal(chosenStack(args, { PULUMI_STACK: "other" }), "prod", args.join(" "));
        }
        assert.equal(chosenStack(["up"], { PULUMI_STACK: "other" }), "other");
        assert.equal(chosenStack(["up"], {}), "dev");
        assert.equal(chosenStack(["up"], { PULUMI_STACK: "" }), "dev");
    });
});

describe("what is built", () => {
    it("is pinned: every part has a go.mod with its tool and a go.sum", () => {
        for (const part of [...pulumiParts, ...pluginParts]) {
            const goMod = readFileSync(join(sourceDirectory(part), "go.mod"), "utf8");
            assert.ok(existsSync(join(sourceDirectory(part), "go.sum")), part.name);
            if (part !== parts.proxy)
                assert.match(goMod, new RegExp(`^tool ${part.package.replaceAll(".", "\\.")}$`, "m"));
            assert.doesNotMatch(goMod, /\blatest\b/);
        }
        assert.match(linkerFlags(parts.pulumi), /Version=v3\.\d+\.\d+$/);
    });

    it("is kept under a key of all that decides what it is", () => {
        const at = (environment: Record<string, string>): string => partDirectory(parts.proxy, environment);
        assert.equal(at(bare()), at(bare()));
        assert.ok(at(bare()).startsWith(join(directory, "cache", "pgbackrest-pulumi", "proxy-")));
        const keys = [...pulumiParts, ...pluginParts].map((part) => partDirectory(part, bare()));
        assert.equal(new Set(keys).size, keys.length);
        assert.equal(
            cacheDirectory({ XDG_CACHE_HOME: "relative" }),
            cacheDirectory({}),
            "as the XDG rules say",
        );
    });

    it("needs a Go that is new enough, compared as versions", () => {
        assert.ok(compareVersions("1.9", "1.25.11") < 0);
        assert.ok(compareVersions("1.26.8", "1.25.11") > 0);
        assert.equal(compareVersions("1.25.11", "1.25.11"), 0);
        assert.ok(compareVersions("1.25", "1.25.11") < 0);
    });

    it("holds no name of a machine", () => {
        for (const part of readdirSync(join(sourceDirectory(parts.proxy), ".."))) {
            assert.match(
                readFileSync(join(sourceDirectory(parts.proxy), "..", part, "go.mod"), "utf8"),
                /^module pgbackrest\//,
            );
        }
    });
});
