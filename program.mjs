// What `main` of Pulumi.yaml names: index.ts with its components, as one JavaScript file. Compiling at every command would cost more
// than all the rest of the program, type checking several times that, so the result is kept until a source changes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setInterval } from "node:timers";

const CACHE = "node_modules/.cache/pgbackrest";

// Pulumi maps every stack trace back to its own sources, and makes one for every promise: a tenth of a second, for nobody.
delete Error.prepareStackTrace;

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
    const { build } = await import("esbuild");
    mkdirSync(CACHE, { recursive: true });
    // Under another name first: two commands may compile at once, and none may read half a file.
    const unfinished = `${compiled}.${process.pid}`;
    await build({
        entryPoints: ["index.ts"],
        outfile: unfinished,
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        plugins: [{ name: "pulumi", setup: withPartsOfPulumi }],
        logLevel: "silent",
    });
    renameSync(unfinished, compiled);
}

/**
 * `@pulumi/pulumi` as a whole loads a TypeScript compiler, npm and what drives other programs: half a second. A program that declares
 * resources needs none of them, so they are loaded when asked for. The rest is the very modules that Pulumi has loaded already.
 */
function withPartsOfPulumi({ onResolve, onLoad }) {
    const pulumi = "@pulumi/pulumi";
    const spread = (part) => `...require("${pulumi}/${part}")`;
    const lazy = (name, part) => `get ${name}() { return require("${pulumi}/${part}"); }`;
    const lazyOf = (name, part) => `get ${name}() { return require("${pulumi}/${part}").${name}; }`;
    const modules = {
        [pulumi]: [
            ...["config", "errors", "metadata", "output", "resource", "stackReference", "stash"].map(spread),
            ...["asset", "automation", "dynamic", "iterable", "log", "provider", "runtime", "utils"].map(
                (name) => lazy(name, name),
            ),
        ],
        [`${pulumi}/runtime`]: [
            ...["config", "invoke", "resource", "rpc", "settings", "stack"].map((part) =>
                spread(`runtime/${part}`),
            ),
            ...["serializeFunctionAsync", "serializeFunction", "computeCodePaths", "setMocks"].map((name) =>
                lazyOf(name, "runtime/index"),
            ),
        ],
    };
    onResolve({ filter: /^@pulumi\/pulumi(\/|$)/ }, ({ path }) =>
        path in modules ? { path, namespace: "parts" } : { path, external: true },
    );
    onLoad({ filter: /./, namespace: "parts" }, ({ path }) => ({
        contents: `module.exports = { ${modules[path].join(", ")} };`,
        resolveDir: process.cwd(),
    }));
}
