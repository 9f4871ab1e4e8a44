// Images of the tests. They are made before any test runs (prepare.ts): no test's clock runs during a build.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { hash } from "../../toolchain/paths";
import type { Report } from "../../toolchain/progress";
import { Throwaway } from "../toolchain/throwaway";
import { docker } from "./docker";

export interface TestImage {
    /** Says what is in it: another one when a source changes. */
    readonly name: string;
    readonly title: string;
    readonly why: string;
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

/** The product's own image, built by the plugin like the program's: the docker command may have another builder, and other layers. */
export function productImage(): TestImage {
    const name = `pgbackrest-of-the-tests:${contentOf(SOURCES)}`;
    const image = { name, build: { context: SOURCES }, keepLocally: true };
    return {
        name,
        title: "Build the image of all containers",
        why: "packages are installed; the engine keeps its layers",
        build: async (report) => {
            report("pulumi up");
            const project = await Throwaway.create(
                `new docker.RemoteImage("image", ${JSON.stringify(image)});`,
            );
            try {
                await project.must("up", "--yes", "--skip-preview");
            } finally {
                await project.remove();
            }
        },
    };
}
