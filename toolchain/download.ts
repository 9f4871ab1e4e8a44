import { createHash } from "node:crypto";
import {
    createReadStream,
    createWriteStream,
    existsSync,
    mkdirSync,
    mkdtempSync,
    renameSync,
    rmSync,
    statSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "./errors";
import { cacheDirectory } from "./paths";
import { plugins } from "./plugins";
import type { Report } from "./progress";
import { downloadDirectory, downloadedVersion, findPulumi } from "./pulumi";
import { run } from "./run";

/** Pulumi's own download site; PULUMI_DOWNLOAD_SITE names a mirror of it. */
export const pulumiSite = process.env["PULUMI_DOWNLOAD_SITE"] ?? "https://get.pulumi.com";
const probeSeconds = 4;

/** Can it be reached? A machine that is cut off must learn it in seconds. */
export async function siteAnswers(site = pulumiSite): Promise<boolean> {
    try {
        const signal = AbortSignal.timeout(probeSeconds * 1000);
        return (await fetch(`${site}/releases/sdk/${checksumFile}`, { method: "HEAD", signal })).ok;
    } catch {
        return false;
    }
}

const checksumFile = `pulumi-${downloadedVersion}-checksums.txt`;

/** Downloads the CLI with its language hosts, compares it with the checksum that Pulumi publishes, and unpacks it whole. */
export async function downloadPulumi(report: Report, site = pulumiSite): Promise<void> {
    const architecture = process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;
    if (architecture === undefined) throw new Error(`there is no release for ${process.arch}`);
    const file = `pulumi-v${downloadedVersion}-${process.platform}-${architecture}.tar.gz`;
    mkdirSync(cacheDirectory(), { recursive: true });
    const temporary = mkdtempSync(join(cacheDirectory(), `build-${process.pid}-`));
    try {
        const sums = await (await get(`${site}/releases/sdk/${checksumFile}`)).text();
        const wanted = sums
            .split("\n")
            .find((line) => line.trim().endsWith(file))
            ?.split(/\s+/)[0];
        if (wanted === undefined) throw new Error(`${checksumFile} does not list ${file}`);
        const archive = join(temporary, file);
        await save(await get(`${site}/releases/sdk/${file}`), archive, report);
        if ((await checksum(archive)) !== wanted)
            throw new Error(`${file} does not have the checksum that Pulumi publishes`);
        report("unpacking");
        await run("tar", ["-xzf", archive, "-C", temporary]);
        if (!existsSync(downloadDirectory())) renameSync(join(temporary, "pulumi"), downloadDirectory());
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}

async function get(url: string): Promise<Response> {
    const response = await fetch(url).catch((error: unknown) => {
        throw new Error(`${url}: ${messageOf(error)}`);
    });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
    return response;
}

async function save(response: Response, file: string, report: Report): Promise<void> {
    if (response.body === null) throw new Error(`${response.url} is empty`);
    const whole = Number(response.headers.get("content-length") ?? 0);
    const clock = setInterval(() => {
        const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
        const have = existsSync(file) ? statSync(file).size : 0;
        report(`${megabytes(have)} of ${megabytes(whole)} MB`);
    }, 500);
    try {
        await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
    } finally {
        clearInterval(clock);
    }
}

async function checksum(file: string): Promise<string> {
    const sum = createHash("sha256");
    await pipeline(createReadStream(file), sum);
    return sum.digest("hex");
}

/** Lets Pulumi download its plugins into its own place, with its own checks. */
export async function installPlugins(report: Report): Promise<void> {
    const found = findPulumi();
    if (found === undefined) throw new Error("there is no Pulumi");
    const path = [...found.directories, process.env["PATH"] ?? ""].join(delimiter);
    for (const { name, version } of plugins) {
        report(`the plugin ${name} ${version}`);
        await run("pulumi", ["plugin", "install", "resource", name, version], {
            environment: { PATH: path },
            onLine: report,
        });
    }
}
