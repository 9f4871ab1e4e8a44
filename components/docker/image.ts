import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Release, STABLE } from "./release";

/**
 * The one image of all containers, built from `image/` and built again when a file in there changes: pgBackRest refuses to work with
 * another version of itself, so nothing may run from an image of its own. It stays on the host when the stack goes.
 */
export function buildImage(
    name: string,
    directory: string,
    release: Release,
    options: pulumi.CustomResourceOptions,
): docker.RemoteImage {
    const context = relative(process.cwd(), directory) || ".";
    const tag = `${name}-pgbackrest:${hashDirectory(directory)}`;
    return new docker.RemoteImage(
        `${name}-image`,
        {
            // Both can be on one host, for two stacks.
            ...(release === "newest"
                ? { name: tag, build: { context } }
                : { name: `${tag}-${release}`, build: { context, buildArgs: { PGBACKREST: release } } }),
            keepLocally: true,
        },
        options,
    );
}

/** What the built image is made from, for people: a hash, and whose pgBackRest it gets where it is not the newest. */
export function describeImage(directory: string, release: Release): string {
    return `${hashDirectory(directory)}${release === "newest" ? "" : STABLE}`;
}

/** An image that is there already, on the Docker host or in a registry, in place of the built one. It stays when the stack goes. */
export function givenImage(
    name: string,
    image: string,
    options: pulumi.CustomResourceOptions,
): docker.RemoteImage {
    return new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, options);
}

/** A short hash over names, modes and contents of all files in `directory`. */
export function hashDirectory(directory: string): string {
    const hash = createHash("sha256");
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
    for (const file of files) {
        const path = join(directory, file);
        const status = lstatSync(path);
        if (status.isDirectory()) continue;
        // Where a link leads is not for us to follow: editors lock files with links that lead nowhere.
        const content = status.isSymbolicLink() ? readlinkSync(path, "buffer") : readFileSync(path);
        hash.update(`${file}\0${(status.mode & 0o111) !== 0 ? "x" : "-"}\0${content.length}\0`).update(
            content,
        );
    }
    return hash.digest("hex").slice(0, 12);
}
