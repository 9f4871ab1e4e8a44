import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "mocha";
import { expectation, type Lacking } from "../../toolchain/estimate";
import { parts } from "../../toolchain/closedNetwork/parts";
import { root } from "../../toolchain/paths";

const NOTHING: Lacking = { docker: "ready", needsBaseImage: false, download: false, build: [] };
const EVERYTHING: Lacking = {
    ...{ docker: "install", needsBaseImage: true, download: false },
    build: Object.values(parts),
};

function minutes(lacking: Lacking, cores: number): number {
    const found = /about (a minute|\d+ minutes) on/.exec(expectation(lacking, cores))?.[1];
    assert.ok(found !== undefined, expectation(lacking, cores));
    return found === "a minute" ? 1 : Number.parseInt(found);
}

describe("how long npm start takes", () => {
    it("is said of what is missing", () => {
        assert.match(
            expectation(NOTHING, 2),
            /^Nothing is missing on this machine: seconds when the stack is up/,
        );
        const image = expectation({ ...NOTHING, needsBaseImage: true }, 2);
        assert.match(image, /^Missing on this machine: the base image\. .* about 3 minutes on 2 cores/);
        const all = expectation(EVERYTHING, 2);
        assert.match(
            all,
            /^Missing on this machine: Docker Engine, the base image, 6 programs of Pulumi's, which Go/,
        );
        assert.match(expectation({ ...NOTHING, download: true }, 1), /: Pulumi\. .* on one core/);
        assert.match(
            expectation({ ...NOTHING, build: [parts.proxy] }, 2),
            /: a program of Pulumi's, which Go builds/,
        );
        assert.match(expectation({ ...NOTHING, docker: "start" }, 2), /: a running Docker Engine\./);
    });

    it("is less with more cores and with less to do", () => {
        for (const cores of [1, 2, 4]) {
            assert.ok(minutes(EVERYTHING, cores) > minutes(EVERYTHING, cores * 2));
            assert.ok(minutes(EVERYTHING, cores) > minutes({ ...EVERYTHING, build: [parts.docker] }, cores));
        }
        assert.equal(minutes(EVERYTHING, 64), minutes(EVERYTHING, 128));
    });

    it("is promised before npm installs anything", async () => {
        const directory = mkdtempSync(join(tmpdir(), "pgbackrest-start-"));
        try {
            for (const file of [
                ...["toolchain/launch.mjs", "toolchain/help.mjs", "toolchain/commands/start.ts"],
                "package-lock.json",
            ]) {
                mkdirSync(dirname(join(directory, file)), { recursive: true });
                cpSync(join(root, file), join(directory, file));
            }
            writeFileSync(join(directory, "npm"), "#!/bin/sh\necho npm runs; exit 1\n", { mode: 0o755 });
            const lines = await outputOf(join(directory, "toolchain/launch.mjs"), directory);
            const npm = lines.findIndex((line) => line === "npm runs");
            assert.ok(npm > 0, lines.join("\n"));
            assert.match(
                lines[0] ?? "",
                /^Getting this machine ready, then the stack\..*you are told how long it takes/,
            );
        } finally {
            rmSync(directory, { recursive: true });
        }
    });
});

/** Both outputs of `npm start`, in the order they came. */
async function outputOf(launcher: string, path: string): Promise<readonly string[]> {
    const script = 'exec "$0" "$1" start 2>&1';
    const child = spawn("sh", ["-c", script, process.execPath, launcher], {
        env: { PATH: `${path}:${process.env["PATH"] ?? ""}` },
        stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
    });
    await new Promise((resolve) => child.on("close", resolve));
    return output.split("\n");
}
