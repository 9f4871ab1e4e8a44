// The image with all storage servers of the tests, made once and kept by the Docker engine under a name that says what is in it.
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { build as bundle } from "esbuild";
import { GoCaches } from "../../../toolchain/closedNetwork/goBuild";
import { buildFlags } from "../../../toolchain/closedNetwork/parts";
import { cacheDirectory, hash } from "../../../toolchain/paths";
import type { Report } from "../../../toolchain/progress";
import { run } from "../../../toolchain/run";
import { contentOf, prepared, type TestImage } from "../images";

const HERE = import.meta.dirname;

/** Each in a folder of its own under go/, whose go.mod and go.sum pin all that goes into it. */
const GO_PROGRAMS = [
    { name: "versitygw", source: "github.com/versity/versitygw/cmd/versitygw" },
    { name: "fake-gcs-server", source: "github.com/fsouza/fake-gcs-server" },
    { name: "test-proxy", source: "." },
];

let image: Promise<string> | undefined;

/** The image that was made before the tests. */
export function serversImage(): Promise<string> {
    image ??= prepared(serversSources());
    return image;
}

export function serversSources(): TestImage {
    const parts = [
        ...GO_PROGRAMS.map(({ name }) => goSources(name)),
        contentOf(join(HERE, "azurite")),
        contentOf(join(HERE, "image")),
    ];
    const name = `pgbackrest-test-servers:${hash(parts)}`;
    return {
        name,
        title: "Build the storage servers of the tests",
        why: "S3, Azure, Google and AWS in one image; kept for later runs",
        build: (report) => makeImage(name, report),
    };
}

async function makeImage(name: string, report: Report): Promise<void> {
    const work = workDirectory();
    const context = join(work, "context");
    try {
        cpSync(join(HERE, "image"), context, { recursive: true });
        writeFileSync(join(context, "ca-certificates.crt"), certificatesOfHost());
        await Promise.all([buildGoPrograms(context, report), bundleAzurite(context)]);
        await run("docker", ["build", "--tag", name, ...buildArguments(), context], { onLine: report });
    } finally {
        rmSync(work, { recursive: true, force: true });
    }
}

function goSources(name: string): string {
    return contentOf(join(HERE, "go", name), (file) => !file.endsWith("_test.go"));
}

/** The toolchain removes what has this form of name when its process is gone. */
function workDirectory(): string {
    mkdirSync(cacheDirectory(), { recursive: true });
    return mkdtempSync(join(cacheDirectory(), `build-${process.pid}-`));
}

async function buildGoPrograms(target: string, report: Report): Promise<void> {
    const caches = await GoCaches.open();
    try {
        // One after the other: Go uses every core as it is.
        for (const { name, source } of GO_PROGRAMS) {
            const directory = join(HERE, "go", name);
            const kept = join(cacheDirectory(), `${name}-${goSources(name)}`);
            if (!existsSync(kept)) {
                const flags = [...buildFlags, "-ldflags", "-s -w"];
                const fresh = `${kept}.new-${process.pid}`;
                await run("go", ["build", "-v", ...flags, "-o", fresh, source], {
                    cwd: directory,
                    environment: caches.environment,
                    onLine: (line) => {
                        report(`${name}: ${line}`);
                    },
                });
                renameSync(fresh, kept);
            }
            cpSync(kept, join(target, name));
        }
    } finally {
        await caches.close();
    }
}

/** Azurite's blob service as one file of 5 MB, in place of its 190 MB of packages. */
async function bundleAzurite(target: string): Promise<void> {
    const directory = workDirectory();
    try {
        cpSync(join(HERE, "azurite"), directory, { recursive: true });
        await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
        await bundle({
            entryPoints: [join(directory, "node_modules/azurite/dist/src/blob/main.js")],
            outfile: join(target, "azurite.cjs"),
            bundle: true,
            minify: true,
            platform: "node",
            target: "node20",
            // Only for databases that nobody asks of it.
            external: ["pg-hstore"],
            logLevel: "error",
        });
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

function buildArguments(): string[] {
    const names = [
        "PIP_INDEX_URL",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    ];
    return names.filter((name) => process.env[name] !== undefined).flatMap((name) => ["--build-arg", name]);
}

function certificatesOfHost(): string {
    const candidates = [
        process.env["SSL_CERT_FILE"],
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/ssl/cert.pem",
    ];
    const file = candidates.find((path) => path !== undefined && existsSync(path));
    const extra = process.env["NODE_EXTRA_CA_CERTS"];
    return [
        file === undefined ? rootCertificates.join("\n") : readFileSync(file, "utf8"),
        extra === undefined || !existsSync(extra) ? "" : readFileSync(extra, "utf8"),
    ].join("\n");
}
