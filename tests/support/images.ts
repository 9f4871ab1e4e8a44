// Images of the tests. They are made before any test runs (prepare.ts): no test's clock runs during a build.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { execa } from "execa";
import { placeService } from "../../service/bundle.mjs";
import { hash, root } from "../../toolchain/paths";
import type { Report } from "../../toolchain/progress";
import { Throwaway } from "../toolchain/throwaway";
import { docker } from "./docker";
import { extractProgram } from "./releases";

export interface TestImage {
    /** Says what is in it: another one when a source changes. */
    readonly name: string;
    readonly title: string;
    readonly why: string;
    /** What it is made with: that is made first. */
    readonly from?: TestImage;
    readonly build: (report: Report) => Promise<void>;
}

export async function isThere({ name }: TestImage): Promise<boolean> {
    return (await docker(["image", "inspect", name])).ok;
}

/** The id of an image that was made ready. */
export async function prepared({ name }: TestImage): Promise<string> {
    const found = await docker(["image", "inspect", "--format", "{{.Id}}", name]);
    if (found.ok) return found.stdout.trim();
    throw new Error(
        `The image ${name} is not there, and a test builds nothing: prepare.ts has to name it for this part of the tests.`,
    );
}

/** A hash over the names and contents of files. */
export function contentOf(directory: string, counts: (file: string) => boolean = () => true): string {
    const files = readdirSync(directory, { recursive: true, encoding: "utf8", withFileTypes: true })
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name))
        .filter(counts)
        .sort();
    return hash(files.flatMap((file) => [relative(directory, file), readFileSync(file)]));
}

const SOURCES = resolve(import.meta.dirname, "../../image");

/** The product's own image: the one that can do everything. */
export function productImage(): TestImage {
    placeService(root);
    return built(`pgbackrest-of-the-tests:${contentOf(SOURCES)}`, "Build the image of all containers");
}

/** The same with Debian stable's pgBackRest. */
export function stableImage(): TestImage {
    placeService(root);
    const name = `pgbackrest-of-the-tests:${contentOf(SOURCES)}-stable`;
    return built(name, "Build the image with Debian stable's pgBackRest", { PGBACKREST: "stable" });
}

function built(name: string, title: string, buildArgs?: Readonly<Record<string, string>>): TestImage {
    return {
        name,
        title,
        why: "packages are installed; the engine keeps its layers",
        build: (report) => buildAsProgram(name, { context: SOURCES, target: "backup", buildArgs }, report),
    };
}

/** The image of a release: its stacks then find all layers. */
export function releaseImage(release: string): TestImage {
    const name = `pgbackrest-of-the-tests:release-${release}`;
    return {
        name,
        title: `Build the image of release ${release}`,
        why: "for stacks that are upgraded; the engine keeps its layers",
        build: async (report) => {
            const directory = mkdtempSync(join(tmpdir(), "pgbt-release-"));
            try {
                await extractProgram(release, directory);
                await placeServiceOf(directory);
                await buildAsProgram(name, { context: join(directory, "image") }, report);
            } finally {
                rmSync(directory, { recursive: true, force: true });
            }
        },
    };
}

/** The first release had no programs to compile for its image. */
async function placeServiceOf(directory: string): Promise<void> {
    const bundle = join(directory, "service", "bundle.mjs");
    if (!existsSync(bundle)) return;
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    const script = `import { placeService } from ${JSON.stringify(bundle)}; placeService(${JSON.stringify(directory)});`;
    await execa(process.execPath, ["--input-type=module", "--eval", script]);
}

/** Builds with the plugin, like the program: the docker command may have another builder, and other layers. */
async function buildAsProgram(
    name: string,
    build: {
        readonly context: string;
        readonly target?: string;
        readonly buildArgs?: Readonly<Record<string, string>> | undefined;
    },
    report: Report,
): Promise<void> {
    report("pulumi up");
    const image = { name, build, keepLocally: true };
    const project = await Throwaway.create(`new docker.RemoteImage("image", ${JSON.stringify(image)});`);
    try {
        await project.must("up", "--yes", "--skip-preview");
    } finally {
        await project.remove();
    }
}
