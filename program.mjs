// What `main` of Pulumi.yaml names: index.ts with its components, as one JavaScript file. Compiling at every command would cost more
// than all the rest of the program, type checking several times that, so the result is kept until a source changes.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { CACHE, hashSources, placeService, write } from "./service/bundle.mjs";

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

const hash = hashSources(process.cwd());
const compiled = join(process.cwd(), CACHE, `${hash}.cjs`);

// The image is built from it.
placeService(process.cwd(), hash);
if (!existsSync(compiled)) await compile();
const { outputs } = createRequire(import.meta.url)(compiled);
export default await outputs;

async function compile() {
    const [{ build }, { partsOfPulumi }] = await Promise.all([
        import("esbuild"),
        import("./toolchain/pulumiParts.mjs"),
    ]);
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
    // The map first: who finds the program finds it, too.
    for (const { path, contents } of outputFiles.sort((a, b) => b.path.length - a.path.length))
        write(path, contents);
}
