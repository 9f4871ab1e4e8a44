import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { downloadPulumi, siteAnswers } from "../../toolchain/download";
import { cacheDirectory } from "../../toolchain/paths";
import { downloadDirectory, downloadedVersion } from "../../toolchain/pulumi";
import { run } from "../../toolchain/run";

/** A site like Pulumi's, with an archive that is much smaller. */
describe("Pulumi's own download", () => {
    const architecture = process.arch === "arm64" ? "arm64" : "x64";
    const file = `pulumi-v${downloadedVersion}-${process.platform}-${architecture}.tar.gz`;
    let directory: string;
    let archive: Buffer;
    let checksums: string;
    let server: Server;
    let site: string;
    const cacheHome = process.env["XDG_CACHE_HOME"];

    before(async () => {
        const source = mkdtempSync(join(tmpdir(), "pgbackrest-site-"));
        mkdirSync(join(source, "pulumi"));
        writeFileSync(join(source, "pulumi", "pulumi"), "#!/bin/sh\n", { mode: 0o755 });
        await run("tar", ["-czf", "archive.tar.gz", "pulumi"], { cwd: source });
        archive = readFileSync(join(source, "archive.tar.gz"));
        rmSync(source, { recursive: true });
        server = createServer((request, response) => {
            const name = request.url?.split("/").at(-1);
            if (name === file) response.end(archive);
            else if (name === `pulumi-${downloadedVersion}-checksums.txt`) response.end(checksums);
            else response.writeHead(404).end();
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address = server.address();
        site = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    });
    after(() => {
        server.close();
    });
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbackrest-download-"));
        process.env["XDG_CACHE_HOME"] = directory;
        checksums = `${createHash("sha256").update(archive).digest("hex")}  ${file}\n`;
    });
    afterEach(() => {
        if (cacheHome === undefined) delete process.env["XDG_CACHE_HOME"];
        else process.env["XDG_CACHE_HOME"] = cacheHome;
        rmSync(directory, { recursive: true, force: true });
    });

    const quiet = (): void => undefined;

    it("is compared with the published checksum and unpacked", async () => {
        assert.ok(await siteAnswers(site));
        await downloadPulumi(quiet, site);
        assert.ok(existsSync(join(downloadDirectory(), "pulumi")));
        assert.equal(readdirSync(cacheDirectory()).length, 1, "nothing temporary is left");
    });

    it("is refused with another checksum, and leaves nothing", async () => {
        checksums = `${"0".repeat(64)}  ${file}\n`;
        await assert.rejects(downloadPulumi(quiet, site), /does not have the checksum/);
        assert.deepEqual(readdirSync(cacheDirectory()), []);
    });

    it("is refused without a checksum", async () => {
        checksums = "";
        await assert.rejects(downloadPulumi(quiet, site), /does not list/);
    });

    it("is not tried where the site cannot be reached", async () => {
        assert.equal(await siteAnswers("http://127.0.0.1:9"), false);
        assert.equal(await siteAnswers("http://pulumi.invalid"), false);
    });
});
