// The programs of the backup image, each as one file in that image's directory, and the sources of them and of the stack's program; and the
// commands that users type. In JavaScript, because program.mjs and launch.mjs run as they are.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** Where compiled programs are kept until a source changes. */
export const CACHE = "node_modules/.cache/pgbackrest";

/** Where each is put, and what it begins with. They are no part of the repository. */
export const PROGRAMS = {
    "image/backup/backup-service.cjs": "service/main.ts",
    "image/backup/restore-database.cjs": "service/restore/main.ts",
    "image/backup/drill-database.cjs": "service/drill/main.ts",
    "image/backup/notify.cjs": "service/notify/main.ts",
    "image/backup/report.cjs": "toolchain/report/inside.ts",
};

/** What the program of the stack and those of the image are made from, most of it all. */
const SOURCES = [
    ...["index.ts", "components", "service", "image/packages/lost-with-stable.json"],
    ...["program.mjs", "toolchain/pulumiParts.mjs", "package-lock.json", "toolchain/report"],
    ...["toolchain/operations", "toolchain/run.ts"],
];

/**
 * A short hash over all sources.
 * @param {string} root directory of the project
 * @param {readonly string[]} sources files and directories in it
 */
export function hashSources(root, sources = SOURCES) {
    const files = sources.flatMap((path) =>
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
 * Makes sure that the programs' files are there and are made from the sources as they are. They have the same bytes wherever they are made,
 * so that the image is made anew only when it has to be.
 * @param {string} root directory of the project
 * @param {string} hash of the sources
 */
export function placeService(root, hash = hashSources(root)) {
    for (const [place, source] of Object.entries(PROGRAMS)) {
        const content = readFileSync(kept(root, `${hash}-${basename(place)}`, source));
        const path = join(root, place);
        if (!existsSync(path) || !readFileSync(path).equals(content)) write(path, content);
    }
}

/**
 * Runs a command as one file, compiled anew when a source has changed: to compile and read its hundreds of modules one by one takes a second and a
 * half of a processor, each time (tsx; measured with `ops --help`, 0.2 s as one file).
 * @param {string} root directory of the project
 * @param {string} command a file of toolchain/commands
 */
export async function runCompiled(root, command) {
    const hash = hashSources(root, [...SOURCES, "toolchain"]);
    // Its own place tells nothing: node_modules may be a link to another clone's.
    Object.assign(globalThis, { toolchainDirectory: join(root, "toolchain") });
    const define = { "import.meta.dirname": "globalThis.toolchainDirectory" };
    await import(kept(root, `${hash}-${command}.cjs`, `toolchain/commands/${command}.ts`, { define }));
}

/** All of it is read at each start; names stay, for stack traces. */
const SMALL = { minifyWhitespace: true, minifySyntax: true };

/**
 * The compiled file, made where it is not there.
 * @param {string} root
 * @param {string} name
 * @param {string} source
 * @param {import("esbuild").BuildOptions} [options]
 */
function kept(root, name, source, options) {
    const file = join(root, CACHE, name);
    if (!existsSync(file)) write(file, compile(root, source, options));
    return file;
}

/**
 * @param {string} root
 * @param {string} source
 * @param {import("esbuild").BuildOptions} [options]
 */
export function compile(root, source, options = SMALL) {
    const { buildSync } = createRequire(import.meta.url)("esbuild");
    const { outputFiles } = buildSync({
        absWorkingDir: root,
        entryPoints: [source],
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        // The names of modules are in it: they say nothing of where node_modules is, which may be a link.
        preserveSymlinks: true,
        legalComments: "none",
        logLevel: "silent",
        write: false,
        ...options,
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
