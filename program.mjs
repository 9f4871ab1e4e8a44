// What `main` of Pulumi.yaml names: index.ts with its components, as one JavaScript file. Compiling at every command would cost more
// than all the rest of the program, type checking several times that, so the result is kept until a source changes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { setInterval } from "node:timers";

const CACHE = "node_modules/.cache/pgbackrest";

// Pulumi maps every stack trace back to the sources, and takes one, of an error without a message, for every promise and every resource:
// half a second, for nobody.
const { prepareStackTrace } = Error;
if (prepareStackTrace !== undefined)
    Error.prepareStackTrace = (error, frames) =>
        error.message === "" ? String(error) : prepareStackTrace(error, frames);

// An engine that is killed tells nobody. Its program would go on, as fast as a core allows: it cannot say what is wrong, and that is
// one more thing to say.
const languageHost = process.ppid;
const endWithEngine = () => {
    if (process.ppid !== languageHost) process.exit(1);
};
setInterval(endWithEngine, 500).unref();
for (const event of ["uncaughtException", "unhandledRejection"])
    process.prependListener(event, endWithEngine);

const sources = [
    "index.ts",
    "program.mjs",
    "toolchain/pulumiParts.mjs",
    "image/packages/lost-with-stable.json",
    "package-lock.json",
    ...readdirSync("components", { recursive: true }).map((file) => join("components", file)),
].filter((file) => /\.(ts|mjs|json)$/.test(file));
const hash = createHash("sha256");
for (const file of sources.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
const compiled = join(process.cwd(), CACHE, `${hash.digest("hex").slice(0, 16)}.cjs`);

if (!existsSync(compiled)) await compile();
const { outputs } = createRequire(import.meta.url)(compiled);
export default await outputs;

async function compile() {
    const [{ build }, { partsOfPulumi }] = await Promise.all([
        import("esbuild"),
        import("./toolchain/pulumiParts.mjs"),
    ]);
    mkdirSync(CACHE, { recursive: true });
    const { outputFiles } = await build({
        entryPoints: ["index.ts"],
        outfile: compiled,
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        // For the stack trace of a mistake of ours; read only then.
        sourcemap: "linked",
        sourcesContent: false,
        // The SDK's own, which is loaded already: what is asked with it is asked over the SDK's connection.
        external: ["@grpc/grpc-js"],
        plugins: [partsOfPulumi],
        logLevel: "silent",
        write: false,
    });
    // The map first, and each under another name first: two commands may compile at once, and none may read half a file.
    for (const { path, contents } of outputFiles.sort((a, b) => b.path.length - a.path.length)) {
        const unfinished = join(CACHE, `${basename(path)}.${process.pid}`);
        writeFileSync(unfinished, contents);
        renameSync(unfinished, path);
    }
}
