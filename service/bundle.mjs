// The backup service as one file in its image's directory, and the sources of both programs. In JavaScript, because program.mjs runs as it is.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** Where compiled programs are kept until a source changes. */
export const CACHE = "node_modules/.cache/pgbackrest";

/** No part of the repository. */
const PLACE = "image/backup/backup-service.cjs";

/** What the program of the stack and the backup service are made from, most of it both. */
const SOURCES = [
    ...["index.ts", "components", "service", "image/packages/lost-with-stable.json"],
    ...["program.mjs", "toolchain/pulumiParts.mjs", "package-lock.json"],
];

/**
 * A short hash over all sources.
 * @param {string} root directory of the project
 */
export function hashSources(root) {
    const files = SOURCES.flatMap((path) =>
        /\.\w+$/.test(path)
            ? [path]
            : readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
                  .filter((file) => /\.(ts|mjs|json)$/.test(file))
                  .map((file) => join(path, file)),
    );
    const hash = createHash("sha256");
    for (const file of files.sort())
        hash.update(`${file}\0`)
            .update(readFileSync(join(root, file)))
            .update("\0");
    return hash.digest("hex").slice(0, 16);
}

/**
 * Makes sure that the service's file is there and is made from the sources as they are. It has the same bytes wherever it is made, so
 * that the image is made anew only when it has to be.
 * @param {string} root directory of the project
 * @param {string} hash of the sources
 */
export function placeService(root, hash = hashSources(root)) {
    const kept = join(root, CACHE, `service-${hash}.cjs`);
    if (!existsSync(kept)) write(kept, compile(root));
    const content = readFileSync(kept);
    const place = join(root, PLACE);
    if (!existsSync(place) || !readFileSync(place).equals(content)) write(place, content);
}

/** @param {string} root */
function compile(root) {
    const { buildSync } = createRequire(import.meta.url)("esbuild");
    const { outputFiles } = buildSync({
        absWorkingDir: root,
        entryPoints: ["service/main.ts"],
        outfile: PLACE,
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        // All of it is read at each start; names stay, for stack traces.
        minifyWhitespace: true,
        minifySyntax: true,
        legalComments: "none",
        logLevel: "silent",
        write: false,
    });
    return outputFiles[0].contents;
}

/**
 * Under another name first: two commands may do it at once, and none may read half a file.
 * @param {string} path
 * @param {Uint8Array} content
 */
export function write(path, content) {
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}`);
    writeFileSync(unfinished, content);
    renameSync(unfinished, path);
}
