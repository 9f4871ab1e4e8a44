import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type Release, STABLE } from "./release";

/** The sources of the backup service, which PostgreSQL's image has nothing of, and need not be made anew for. */
const BACKUP = "backup";

/** Ids of the images that the containers run. */
export interface Images {
    /** Of PostgreSQL, and of what works on it once. */
    readonly database: pulumi.Output<string>;
    /** The same and the backup service: of setup, too, which has the service read its schedules. */
    readonly backup: pulumi.Output<string>;
}

/**
 * The images that `image/` is built to, again when a file in there changes: pgBackRest refuses to work with another version of itself, so
 * all that runs it comes from one. They stay on the host when the stack goes.
 */
export function buildImages(
    name: string,
    directory: string,
    hashes: ImageHashes,
    release: Release,
    options: pulumi.CustomResourceOptions,
): Images {
    const context = relative(process.cwd(), directory) || ".";
    const build = (
        target: keyof Images,
        resource: string,
        first: readonly pulumi.Resource[],
    ): docker.RemoteImage => {
        const tag = `${resource}:${hashes[target]}`;
        return new docker.RemoteImage(
            `${name}-${target === "database" ? "" : `${target}-`}image`,
            {
                // Both releases can be on one host, for two stacks.
                ...(release === "newest"
                    ? { name: tag, build: { context, target } }
                    : {
                          name: `${tag}-${release}`,
                          build: { context, target, buildArgs: { PGBACKREST: release } },
                      }),
                keepLocally: true,
            },
            { ...options, dependsOn: [...first] },
        );
    };
    const database = build("database", `${name}-pgbackrest`, []);
    // After it, so that what they have in common is built once.
    const backup = build("backup", `${name}-pgbackrest-backup`, [database]);
    return { database: database.imageId, backup: backup.imageId };
}

/** What tells the sources of the images from others. */
export type ImageHashes = Readonly<Record<keyof Images, string>>;

/** Reads all of `image/`: once a command is enough. */
export function hashImages(directory: string): ImageHashes {
    return {
        database: hashDirectory(directory, (file) => !file.startsWith(`${BACKUP}/`)),
        backup: hashDirectory(directory),
    };
}

/**
 * What the images are, for people: the name of one that is there already; or of what they are built from a hash, and whose pgBackRest they
 * get where it is not the newest.
 */
export function describeImages(images: ImageHashes | string, release: Release): ImageHashes {
    if (typeof images === "string") return { database: images, backup: images };
    const { database, backup } = images;
    const whose = release === "newest" ? "" : STABLE;
    return { database: `${database}${whose}`, backup: `${backup}${whose}` };
}

/**
 * An image that is there already, on the Docker host or in a registry, in place of the built ones: it serves all roles, so it has to be the
 * one with the backup service. It stays when the stack goes.
 */
export function givenImage(name: string, image: string, options: pulumi.CustomResourceOptions): Images {
    const { imageId } = new docker.RemoteImage(`${name}-image`, { name: image, keepLocally: true }, options);
    return { database: imageId, backup: imageId };
}

/** A short hash over names, modes and contents of the files in `directory`. */
export function hashDirectory(directory: string, counts: (file: string) => boolean = () => true): string {
    const hash = createHash("sha256");
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(counts).sort();
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
